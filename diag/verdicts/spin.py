"""Spin and storm: a loop that burns the CPU, never really waits, and gets nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from diag import thresholds
from diag.causes.cause import Facts
from diag.evidence import facts as measured
from diag.evidence import futility as futile
from diag.evidence.hot import Hot, is_passive, is_plumbing
from diag.evidence.io import Io
from diag.evidence.looks import Call, Looks
from diag.findings import CauseFound, Culprit, Evidence, Verdict, VerdictName
from diag.origin import Origin, origin
from diag.places import culprit_at, culprit_of
from diag.rates import Rates
from diag.verdicts.blocked import scene_at
from diag.verdicts.case import Case, Finding, causes_at
from diag.verdicts.sampled import innermost_loop, loop_place

OWN_SOCKETS = 2
"""Sockets that an event loop has for itself, to be woken by signals and other threads."""

STORMY = frozenset({"HL006", "HL013"})
"""Causes of loops that do I/O on every turn."""

NOTHING_THERE = frozenset(
    {"Empty", "QueueEmpty", "Full", "QueueFull", "BlockingIOError", "WouldBlock", "InterruptedError"}
)
"""Exceptions that say that there is nothing, or no room, now."""

REQUESTS = frozenset(
    {
        *("connect", "_connect", "urlopen", "request", "_request", "create_connection", "open_connection"),
        *(
            "sock_connect",
            "_make_request",
            "send_request",
            "putrequest",
            "getresponse",
            "ws_connect",
            "sendall",
        ),
    }
)
"""Names of functions that ask another side for something."""


@dataclass(frozen=True)
class _Suspect:
    """A hot place that gets nothing done."""

    hot: Hot
    facts: Facts
    reasons: tuple[str, ...]
    causes: tuple[CauseFound, ...]
    confidence: float
    futility: futile.Futility = field(repr=False)


def spins(case: Case) -> list[Finding]:
    """Find the loop that burns the CPU and gets nothing."""
    assert case.rates is not None
    if case.looks is None or case.rates.demand < thresholds.STORM_DEMAND:
        return []
    suspects = [suspect for place in case.hots[:6] if (suspect := _suspect(place, case, case.looks))]
    if case.rates.demand < thresholds.SPIN_DEMAND:
        suspects = [suspect for suspect in suspects if is_storm(case, suspect.causes) and suspect.causes]
    elif not suspects:
        busy = any(_productive(place, case, case.looks) for place in case.hots[:6])
        return [] if busy else empty_turns(case, vain=_in_vain(case, case.looks))
    if not suspects:
        return []
    return _spin_findings(max(suspects, key=_weight), case, case.rates)


def _weight(suspect: _Suspect) -> tuple[bool, bool, float, float]:
    """Order suspects: one that explains itself before a helper of its, the user's own code before a library's."""
    return (
        suspect.hot.loop is not None or bool(suspect.causes),
        origin(suspect.hot.file) is Origin.OWN,
        round(suspect.confidence, 1),
        suspect.hot.share * suspect.hot.busy,
    )


def _suspect(place: Hot, case: Case, looks: Looks) -> _Suspect | None:
    """Ask whether anything can come of a hot place; None where something does."""
    if not _can_turn(place):
        return None
    facts = measured.gather(place, looks, case.around)
    futility = futile.measure(place, looks, facts)
    scene = measured.scene(place, case.modules)
    causes = causes_at(scene, facts)
    if _fails_each_time(facts, causes):
        # What it makes for each try, and what the failures bring, is new, but nothing has come.
        futility = replace(futility, fresh=(), taken=(), caught=facts.raised)
    # Where the source explains it beyond doubt, a few looks do.
    few = (
        bool(causes)
        and causes[0].confidence >= thresholds.CERTAIN
        and len(place.units) >= thresholds.FEW_LOOKS
    )
    reasons = futile.hopeless(futility, facts, thresholds.LEAST_LOOKS if few else len(place.units))
    if reasons and not causes:
        causes = causes_at(scene, replace(facts, verdicts=facts.verdicts | {"spin"}))
    seen = len(place.units) >= thresholds.LEAST_LOOKS and bool(facts.variables)
    if causes and causes[0].code in STORMY:
        seen = seen and _saw_own(facts)
    sure = bool(causes) and causes[0].confidence >= thresholds.SURE
    seen = seen and not futility.unseen and not futility.moving
    if sure and seen and not reasons and not futility.productive and futility.explained >= thresholds.WORK:
        reasons = ("nothing that it sees changes",) if not case.moves else ()
    if not reasons and _asks_again(place, futility, facts, causes, case):
        reasons = ("it asks for the same again at once, and what comes is not new",)
    if not reasons and _idle_turning(futility, facts, place, case):
        reasons = ("nothing that it sees changes, and it never waits",)
    if not reasons or (
        _pauses(place, case) and not (futility.empties or futility.unfed or _fails_with_io(facts, causes))
    ):
        return None
    known = causes[0].confidence if causes else 0.0
    confidence = max(known, 0.6 if len(reasons) == 1 else 0.8)
    return _Suspect(place, facts, reasons, causes, confidence, futility)


def _productive(place: Hot, case: Case, looks: Looks) -> bool:
    """Whether something comes of a hot place."""
    return futile.measure(place, looks, measured.gather(place, looks, case.around)).productive


def _in_vain(case: Case, looks: Looks) -> bool:
    """Whether nothing comes of the hot places, though none of them turns itself: each may be begun anew all the time."""
    idle = False
    for place in case.hots[:6]:
        facts = measured.gather(place, looks, case.around)
        futility = futile.measure(place, looks, facts)
        if futility.fresh or futility.taken or futility.advancing or futility.moving:
            return False
        idle = idle or _idle_turning(futility, facts, place, case)
    return idle


def _can_turn(place: Hot) -> bool:
    """Whether a place can be what turns: a loop or a callback, that is none of an executor's or event loop's own."""
    if is_plumbing(place.file):
        return False
    return place.loop is not None or place.source is None or place.units[0].owner.startswith("callback ")


def _fails_each_time(facts: Facts, causes: Sequence[CauseFound]) -> bool:
    """Whether what it asks for fails each time: what it makes for the next try, or keeps count of, is no news."""
    if not facts.raised or not causes or causes[0].confidence < thresholds.SURE:
        return False
    if causes[0].code == "HL006":
        return bool(REQUESTS.intersection(facts.called))
    return causes[0].code in {"HL003", "HL004"} and bool(NOTHING_THERE.intersection(facts.raised))


def _saw_own(facts: Facts) -> bool:
    """Whether variables of the function itself could be read: settings and what it looks at by the way tell nothing."""
    return any(not name.startswith("global ") for name in facts.variables)


def _asks_again(
    place: Hot, futility: futile.Futility, facts: Facts, causes: Sequence[CauseFound], case: Case
) -> bool:
    """Whether a loop makes request after request and sees nothing new itself.

    What it calls sees new things all the time, such as dates and numbers of requests.
    """
    if not causes or causes[0].code not in STORMY or case.around.io is None:
        return False
    if causes[0].code == "HL006" and futility.unseen and not facts.raised:
        return False
    own = f"{place.function.rpartition('.')[2]}."
    new = any(name.startswith(own) for name in futility.fresh)
    asking = case.around.io.segments >= thresholds.STORM_SEGMENTS or (
        case.around.io.new_sockets >= thresholds.STORM_NEW_SOCKETS
    )
    return (
        asking
        and (_saw_own(facts) or "-packages/" in causes[0].file)
        and bool(REQUESTS.intersection(facts.called))
        and not new
        and not futility.advancing
    )


def _pauses(place: Hot, case: Case) -> bool:
    """Whether the process gives up its core by itself again and again, which no loop does that never waits."""
    return (
        case.calm is not None
        and case.calm.voluntary >= thresholds.PAUSES
        and place.busy < thresholds.ALL_BUSY
    )


def _fails_with_io(facts: Facts, causes: Sequence[CauseFound]) -> bool:
    """Whether what pauses may be I/O that fails, or is asked for again at once: a storm."""
    return bool(facts.raised) or any(cause.code in STORMY for cause in causes)


def _idle_turning(futility: futile.Futility, facts: Facts, place: Hot, case: Case) -> bool:
    """Whether a loop whose fault is not known sees nothing new, moves nothing and does no work."""
    return (
        len(place.units) >= thresholds.LEAST_LOOKS
        and not futility.fresh
        and not futility.taken
        and not futility.advancing
        and not futility.moving
        and futility.work < thresholds.WORK
        and futility.explained >= thresholds.WORK
        and facts.waits in {"never", "nothing", "settled", "timeout", "io"}
        and futile.waits_for_something(place)
        and (_saw_own(facts) or futile.does_nothing(place))
        and not futility.unseen
        and not case.moves
    )


def _spin_findings(suspect: _Suspect, case: Case, rates: Rates) -> list[Finding]:
    place = suspect.hot
    heat = case.around.sampled.get((place.function.rpartition(".")[2], place.file), Counter())
    culprit = _place_of_cause(suspect, case) or culprit_of(place, case.recording, heat)
    storm = is_storm(case, suspect.causes)
    name: VerdictName = "storm" if storm else "spin"
    lines = f"lines {culprit.loop[0]}-{culprit.loop[1]}" if culprit.loop else f"line {culprit.line}"
    reason = (
        f"{culprit.function} ({lines}) goes round without getting anything done: {'; '.join(suspect.reasons)}. "
        f"It asks for {rates.demand:.2f} cores."
    )
    if storm and case.around.io is not None:
        reason += f" Meanwhile {_traffic(case.around.io)}."
    facts = _spin_evidence(suspect)
    verdict = Verdict(
        name=name,
        confidence=round(min(0.99, suspect.confidence + 0.1 * (rates.demand > 0.9)), 2),  # noqa: PLR2004 - a whole core
        reason=reason,
        evidence=tuple(fact.kind for fact in facts),
    )
    found = [Finding(verdict, culprit, suspect.causes, tuple(facts))]
    if storm and rates.demand >= thresholds.SPIN_DEMAND:
        # A storm that takes most of a core is a spin as well: whoever looks for burned CPU finds it by that name.
        found.append(Finding(Verdict(name="spin", confidence=verdict.confidence, reason=reason), culprit))
    return found


def _place_of_cause(suspect: _Suspect, case: Case) -> Culprit | None:
    """Give the place in a library that asks again and again, where the loop that was seen turning is fed by it."""
    if (
        not suspect.causes
        or suspect.causes[0].code not in STORMY
        or suspect.causes[0].file == suspect.hot.file
    ):
        return None
    cause, place = suspect.causes[0], suspect.hot
    for unit, depth in zip(place.units, place.depth, strict=True):
        for number in range(depth + 1, len(unit.calls)):
            call = unit.calls[number]
            if call.file == cause.file and min(cause.lines) <= call.line <= max(cause.lines):
                return culprit_at(call, unit.calls[:number], case.recording, case.modules, place.share)
    return None


def is_storm(case: Case, causes: Sequence[CauseFound]) -> bool:
    """Whether the loop does I/O to no effect."""
    io, rates = case.around.io, case.rates
    if io is None or rates is None:
        return False
    busy = io.new_sockets >= thresholds.STORM_NEW_SOCKETS or io.segments >= thresholds.STORM_SEGMENTS
    if causes and causes[0].code in STORMY:
        return busy
    # Who serves has new connections because others make them.
    serves = any(row.pid == case.pid and row.state == "LISTEN" for row in case.recording.connections)
    return busy and not serves and rates.system_share >= thresholds.STORM_SYSTEM


def _traffic(io: Io) -> str:
    """Say what goes over the network."""
    parts = []
    if io.segments >= 1:
        parts.append(f"{io.segments:,.0f} TCP segments with data go in and out a second")
    if io.new_sockets >= 1:
        parts.append(f"at least {io.new_sockets:,.0f} new sockets a second are made")
    return " and ".join(parts) or "it uses the network"


def _spin_evidence(suspect: _Suspect) -> list[Evidence]:
    place, facts, futility = suspect.hot, suspect.facts, suspect.futility
    found = [
        Evidence(
            kind="hot-loop-share",
            value=round(place.share, 3),
            unit="share",
            text=f"{place.function} was at work, or about to be, at {place.share:.0%} of the looks at its thread.",
        ),
        Evidence(
            kind="fresh-variables",
            value=len(futility.fresh),
            unit="",
            text=f"Not one of its {len(facts.variables)} variables had ever new contents, over {len(place.units)} looks.",
        ),
    ]
    for name in futility.empties[:3]:
        seen = facts.variables.get(name) or facts.returned[name]
        found.append(
            Evidence(
                kind="always-empty",
                value=name,
                unit="",
                text=f"`{name}` was empty ({' or '.join(seen.types)}) at every one of the looks.",
            )
        )
    if facts.raised:
        found.append(
            Evidence(
                kind="raised",
                value=", ".join(facts.raised[:3]),
                unit="",
                text=f"In flight: {', '.join(facts.raised[:3])}.",
            )
        )
    if place.owners > 1:
        found.append(
            Evidence(
                kind="alike", value=place.owners, unit="tasks", text=f"{place.owners} tasks do the same."
            )
        )
    return found


def empty_turns(case: Case, *, vain: bool = False) -> list[Finding]:
    """Find an event loop that turns all the time and runs next to nothing: its wait for I/O is over at once.

    What it runs is too short to be seen often. The place is what was seen the most of the user's own code, however
    little that was.

    Args:
        case: what was measured.
        vain: whether what was seen of the user's own code, however often, gets nothing.
    """
    if case.looks is None or case.rates is None or case.calm is None or case.moves or _talks(case):
        return []
    for loop in case.around.loops:
        if (
            case.looks.busy.get(loop.thread, 0.0) < thresholds.ALL_BUSY
            or case.calm.voluntary >= thresholds.PAUSES / 10
        ):
            continue
        seen = {
            unit.look
            for unit in case.looks.units
            if unit.thread == loop.thread
            and not unit.waiting
            and any(not is_passive(call.file) for call in unit.calls)
            and (unit.running or unit.owner.startswith("task "))
        }
        if (
            loop.frozen
            or any(hold.calls for hold in loop.holds)
            or (len(seen) > thresholds.EMPTY * len(case.looks) and not vain)
        ):
            continue
        return [_empty_finding(case, loop.thread, case.rates)]
    return []


def _talks(case: Case) -> bool:
    """Whether it spends time in the kernel, and has sockets whose traffic that does not tell: UDP, and more Unix sockets than a loop's own pair."""
    if case.rates is None or case.rates.system_share < thresholds.KERNEL:
        return False
    sockets = max((row.sockets for row in case.recording.traffic if row.pid == case.pid), default=0)
    times = [row.at for row in case.recording.connections if row.pid == case.pid]
    known = (
        sum(row.at == max(times) for row in case.recording.connections if row.pid == case.pid) if times else 0
    )
    return sockets - known > OWN_SOCKETS * max(1, len(case.around.loops))


def _empty_finding(case: Case, thread: int, rates: Rates) -> Finding:
    reason = (
        f"The event loop turns without pause and nothing comes of it: its wait for I/O is over at once. "
        f"It asks for {rates.demand:.2f} cores."
    )
    fact = Evidence(kind="empty-turns", value=round(rates.demand, 2), unit="cores", text=reason)
    verdict = Verdict(name="spin", confidence=0.7, reason=reason, evidence=(fact.kind,))
    facts = Facts(
        verdicts=frozenset({"spin"}),
        on_event_loop=True,
        waits="settled",
        bytes_per_second=0.0,
        created_per_second=case.around.tasks.created_per_second,
    )
    if place := loop_place(case):
        call, above, below, lines = place
        called = tuple(one.function for one in below)
        causes = causes_at(
            scene_at(call, above, below, case.modules), replace(facts, lines=lines, called=called)
        )
        return Finding(verdict, culprit_at(call, above, case.recording, case.modules, 1.0), causes, (fact,))
    return Finding(verdict, *_seen_most(case, thread, replace(facts, waits="io")), (fact,))


def _seen_most(case: Case, thread: int, facts: Facts) -> tuple[Culprit | None, tuple[CauseFound, ...]]:
    """Give what was seen the most of the user's own code, however little that was, and its causes."""
    units = [
        unit
        for unit in (case.looks.units if case.looks else ())
        if unit.thread == thread and any(not is_passive(call.file) for call in unit.calls)
    ]
    if not units:
        return None, ()
    spots = [(unit, _spot(unit.calls, case)) for unit in units]
    key = Counter(unit.calls[number].key for unit, number in spots).most_common(1)[0][0]
    unit, number = next((unit, number) for unit, number in spots if unit.calls[number].key == key)
    call, above, below = unit.calls[number], unit.calls[:number], unit.calls[number + 1 :]
    share = len(units) / max(1, len(case.looks or ()))
    culprit = culprit_at(call, above, case.recording, case.modules, share)
    return culprit, causes_at(
        scene_at(call, above, below, case.modules), replace(facts, callbacks=(call.function,))
    )


def _spot(calls: Sequence[Call], case: Case) -> int:
    """Give the number of the innermost call in a loop, or else of the innermost one that is somebody's own."""
    number = innermost_loop(calls, case)
    return (
        number if number is not None else max(n for n, call in enumerate(calls) if not is_passive(call.file))
    )
