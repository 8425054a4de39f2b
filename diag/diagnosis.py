"""From a Recording to a Diagnosis: what is wrong, where, why, and what to do."""

from collections import Counter
from collections.abc import Mapping, Sequence

from diag import rates
from diag.evidence import cpu, eventloop, growth, hot, io, looks
from diag.evidence.facts import Surroundings
from diag.findings import CauseFound, Culprit, Diagnosis, Evidence, Quality, TaskFindings, Verdict
from diag.rates import Window
from diag.recording import Recording
from diag.source import Module, parse
from diag.verdicts.case import Case, Finding
from diag.verdicts.judgement import judge

EDGE = 0.4
"""Seconds before the first and after the last snapshot that count: censuses and readings are taken there."""


def diagnose(recording: Recording) -> Diagnosis:
    """Judge a recording.

    It needs nothing but the recording: the sources are in it, so that it says the same on another day and machine.
    """
    case = build(recording)
    found = judge(case)
    tasks = case.around.tasks
    details = tuple(finding.verdict for finding in found)
    leading = found[0]
    culprit = leading.culprit
    return Diagnosis(
        verdicts=tuple(verdict.name for verdict in details),
        frozen=any(loop.frozen for loop in case.around.loops)
        and leading.verdict.name in {"spin", "blocked", "storm"},
        cores=round(case.rates.cores, 3) if case.rates else None,
        demand=round(case.rates.demand, 3) if case.rates else None,
        culprit=culprit,
        causes=_causes(found),
        tasks=TaskFindings(
            live=tasks.live,
            by_coroutine=tasks.by_coroutine,
            growth_per_second=_rounded(tasks.per_second),
            created_per_second=_rounded(tasks.created_per_second),
            creator=next((finding.creator for finding in found if finding.creator), None),
        ),
        evidence=tuple(_evidence(case, found)),
        details=details,
        summary=summary(details[0], culprit, case),
        target=recording.target,
        quality=Quality(
            seconds=round(recording.seconds, 2),
            stack_samples=sum(len(stacks.samples) for stacks in recording.stacks),
            snapshots=sum(len(shots.taken) for shots in recording.snapshots),
            censuses=len(recording.censuses),
            notes=recording.notes,
        ),
    )


def build(recording: Recording) -> Case:
    """Compute everything that the verdicts are made from."""
    seen = looks.of_recording(recording)
    pid = seen.snapshots.pid if seen else busiest(recording)
    modules = sources(recording)
    loops = eventloop.find(seen) if seen else []
    window = window_of(recording, seen)
    return Case(
        recording=recording,
        pid=pid,
        looks=seen,
        modules=modules,
        hots=hot.find(seen, modules) if seen else [],
        rates=rates.rates(recording, window, pid=pid),
        calm=cpu.undisturbed(recording, window, pid),
        around=Surroundings(
            tasks=growth.tasks(recording, window, pid),
            io=io.measure(recording, window, pid),
            loops=loops,
            sampled=sampled_lines(recording, pid),
        ),
        others=growth.others(recording, window, pid),
    )


def window_of(recording: Recording, seen: looks.Looks | None) -> Window:
    """Give the stretch that is judged: that of the snapshots, with the counts taken at its edges."""
    if seen is None:
        return Window(0.0, recording.seconds)
    return Window(max(0.0, seen.taken[0].at - EDGE), min(recording.seconds, seen.taken[-1].at + EDGE))


def busiest(recording: Recording) -> int:
    """Name the process of the recording that used the most CPU."""
    used: Counter[int] = Counter()
    for reading in recording.activity:
        used[reading.pid] = max(used[reading.pid], round((reading.cpu_user + reading.cpu_system) * 1000))
    sampled = [stacks.pid for stacks in recording.stacks]
    return sampled[0] if sampled else max(used, key=lambda pid: used[pid], default=recording.target.pid)


def sources(recording: Recording) -> dict[str, Module]:
    """Parse the sources that the recording holds, by file."""
    found = {}
    for source in recording.sources:
        if source.text and (module := parse(source.text, source.path)):
            found[source.path] = module
    return found


def sampled_lines(recording: Recording, pid: int) -> Mapping[tuple[str, str], Counter[int]]:
    """Count the samples of the stack sampler by function (its last name) and file, and line; once a sample."""
    found: dict[tuple[str, str], Counter[int]] = {}
    for stacks in recording.stacks:
        if stacks.pid != pid:
            continue
        for sample in stacks.samples:
            for number in set(sample.frames):
                frame = stacks.frames[number]
                key = frame.function.rpartition(".")[2], frame.file
                found.setdefault(key, Counter())[frame.line] += 1
    return found


def summary(verdict: Verdict, culprit: Culprit | None, case: Case) -> str:
    """Put verdict, place and number into one line."""
    cores = f"{case.rates.cores:.2f} cores" if case.rates else "CPU not measured"
    if culprit is None:
        return f"{verdict.name}: {cores}"
    lines = f"{culprit.loop[0]}-{culprit.loop[1]}" if culprit.loop else str(culprit.line)
    return f"{verdict.name}: {culprit.function} ({culprit.file}:{lines}), {cores}"


def _causes(found: Sequence[Finding]) -> tuple[CauseFound, ...]:
    """Give the causes of all verdicts, each code once, where it is surest; those of the worst verdict first."""
    best: dict[str, CauseFound] = {}
    for cause in (cause for finding in found for cause in finding.causes):
        known = best.get(cause.code)
        best[cause.code] = cause if known is None or cause.confidence > known.confidence else known
    return tuple(best.values())


def _evidence(case: Case, found: Sequence[Finding]) -> list[Evidence]:
    """Give all facts, those of the verdicts first, each kind once."""
    facts = [fact for finding in found for fact in finding.facts]
    facts += cpu.evidence(case.rates, case.calm)
    for loop in case.around.loops[:1]:
        facts += eventloop.evidence(loop)
    if case.around.io is not None and case.rates is not None:
        facts += io.evidence(case.around.io, case.rates.cores)
    first: dict[str, Evidence] = {}
    for fact in facts:
        first.setdefault(fact.kind, fact)
    return list(first.values())


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
