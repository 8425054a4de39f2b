"""Blocked: one long call holds up the event loop while others wait for it."""

import ast
from collections.abc import Mapping, Sequence

from diag import rates, thresholds
from diag.causes.cause import Facts, Scene
from diag.evidence.eventloop import EventLoop, Hold
from diag.evidence.looks import Call
from diag.findings import Evidence, Verdict
from diag.origin import Origin, origin
from diag.places import culprit_at
from diag.source import Module, own_nodes
from diag.verdicts.case import Case, Finding, causes_at


def blocked(case: Case) -> list[Finding]:
    """Find the call that holds up an event loop."""
    if case.looks is None:
        return []
    for loop in case.around.loops:
        hold = next((hold for hold in loop.holds if _blocks(hold, case)), None)
        if hold is None and _often_held(loop, case):
            hold = loop.holds[0]
        if hold is not None:
            return [_blocked_finding(hold, loop, case)]
    return []


def _often_held(loop: EventLoop, case: Case) -> bool:
    """Whether shorter holds, each of them felt, make up most of what the process did, so that timers are late."""
    if loop.overdue < thresholds.HELD_SECONDS or case.rates is None:
        return False
    felt = [_computing(hold, case) for hold in loop.holds if hold.waiting and hold.calls]
    total = sum(seconds for seconds in felt if seconds >= thresholds.HELD_OFTEN_SECONDS)
    return total >= thresholds.WORK * case.rates.cores * case.rates.seconds


def _blocks(hold: Hold, case: Case) -> bool:
    """Whether a hold is long enough, and somebody waits for its end or it should have been awaited.

    A process that waits for a core does not turn its loop either: only the CPU that it used meanwhile counts.
    """
    if not hold.calls:
        return False
    if hold.idle:
        return hold.seconds >= thresholds.HELD_IDLE_SECONDS
    return _computing(hold, case) >= thresholds.HELD_SECONDS and hold.waiting and not _streams(hold, case)


def _streams(hold: Hold, case: Case) -> bool:
    """Whether it is no long call but a loop with awaits that need not suspend, and that moves data: a stream."""
    return case.moves and any(_awaits_in_loop(call, case) for call in hold.calls)


def _awaits_in_loop(call: Call, case: Case) -> bool:
    module = case.modules.get(call.file)
    loops = module.function_at(call.line, call.function).loops_at(call.line) if module else ()
    return any(isinstance(node, ast.Await) for loop in loops for node in own_nodes(loop.node))


def _computing(hold: Hold, case: Case) -> float:
    """Give the CPU seconds that the process used during a hold, at most one core's."""
    used = rates.rates(case.recording, rates.Window(hold.start, hold.start + hold.seconds), pid=case.pid)
    return min(1.0, used.cores) * hold.seconds if used else 0.0


def _blocked_finding(hold: Hold, loop: EventLoop, case: Case) -> Finding:
    position = next(
        (
            number
            for number in range(len(hold.calls) - 1, -1, -1)
            if origin(hold.calls[number].file) is Origin.OWN
        ),
        len(hold.calls) - 1,
    )
    call = hold.calls[position]
    share = sum(one.seconds for one in loop.holds) / max(case.recording.seconds, 0.001)
    culprit = culprit_at(call, hold.calls[:position], case.recording, case.modules, min(1.0, share))
    facts = Facts(
        verdicts=frozenset({"blocked"}),
        frozen=loop.frozen,
        on_event_loop=True,
        called=tuple(one.function.rpartition(".")[2] for one in hold.calls[position + 1 :]),
        lines=frozenset({call.line}),
        held=hold.seconds,
    )
    scene = scene_at(call, hold.calls[:position], hold.calls[position + 1 :], case.modules)
    causes = causes_at(scene, facts)
    kind = "asleep" if hold.idle else "computing"
    text = f"{culprit.function} held the event loop for {hold.seconds:.2f} s at a stretch, {kind}."
    fact = Evidence(kind="held", value=round(hold.seconds, 3), unit="s", text=text)
    late = Evidence(
        kind="overdue",
        value=round(loop.overdue, 3),
        unit="s",
        text=f"A timer was up to {loop.overdue:.2f} s late.",
    )
    verdict = Verdict(name="blocked", confidence=0.9, reason=text, evidence=(fact.kind, late.kind))
    return Finding(verdict, culprit, causes, (fact, late))


def scene_at(
    call: Call, above: Sequence[Call], below: Sequence[Call], modules: Mapping[str, Module]
) -> Scene | None:
    """Give the source around one call; None where it cannot be read."""
    module = modules.get(call.file)
    if module is None:
        return None
    function = module.function_at(call.line, call.function)
    loops = function.loops_at(call.line)
    return Scene(
        module=module,
        function=function,
        loop=loops[-1] if loops else None,
        line=call.line,
        inner=tuple(
            (modules[one.file], modules[one.file].function_at(one.line, one.function))
            for one in below
            if one.file in modules
        ),
        outer=tuple(
            (modules[one.file], modules[one.file].function_at(one.line, one.function), one.line)
            for one in reversed(above)
            if one.file in modules
        ),
    )
