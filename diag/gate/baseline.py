"""Compares runs with those of another revision: counts as they are, measured figures by a test, times not at all."""

import itertools
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from diag.gate import statistics, wording
from diag.gate.figures import Figure, of_benchmark
from diag.gate.judgement import Check, Result
from diag.gate.samples import Sample, Subject, measured

_CPU = {"cpu_seconds": "cores", "cpu_seconds_after": "cores_after"}

CORES_FLOOR = 0.01
"""Cores: the floor of CPU seconds, over the 4.5 seconds of a viewing."""


class _Tested(msgspec.Struct, frozen=True, kw_only=True):
    """A measured figure that is to be tested."""

    check: Check
    """What is known before the test."""
    figure: Figure
    before: tuple[float, ...]
    after: tuple[float, ...]


Subjects = Mapping[Subject, Sequence[Sample]]


def compare(before: Subjects, after: Subjects) -> list[Check]:
    """Compare every subject of either side.

    The measured figures of all subjects are tested together: their chance of a false alarm is bounded for all of
    them (Holm). A figure whose runs lie too close for any difference is decided without a test.
    """
    found: list[Check | _Tested] = []
    for subject in dict.fromkeys([*before, *after]):
        found += _subject(subject, before.get(subject, ()), after.get(subject, ()))
    tested = [each for each in found if isinstance(each, _Tested)]
    if tested:
        statistics.check_library()
    decided = iter(_decide(tested))
    return [next(decided) if isinstance(each, _Tested) else each for each in found]


def _subject(
    subject: Subject, before: Sequence[Sample], after: Sequence[Sample]
) -> Iterator[Check | _Tested]:
    """Compare a subject, if its two sides can be compared."""
    if why := _incomparable(before, after):
        yield _check(subject, "", "unknown", why)
        return
    yield from _ends(subject, before, after)
    yield from _verdicts(subject, before, after)
    apart = _apart(before, after)
    for figure in _figures(before, after):
        if figure.kind != "limited":
            yield _figure(subject, figure, before, after, apart)


def _ends(subject: Subject, before: Sequence[Sample], after: Sequence[Sample]) -> Iterator[Check]:
    """Compare how the runs ended: a server that is at fault now and was not before is a regression."""
    broken = [sample for sample in after if sample.broken]
    odd = [sample for sample in (*before, *after) if sample.ended and not sample.broken]
    if broken and not any(sample.broken for sample in before):
        how = "; ".join(dict.fromkeys(sample.ended for sample in broken))
        yield _check(
            subject, "ended", "fail", f"{wording.of(len(broken), len(after))} did not end in time: {how}"
        )
    elif odd:
        how = "; ".join(dict.fromkeys(sample.ended for sample in odd))
        yield _check(subject, "ended", "unknown", f"a run could not be measured: {how}")


def _incomparable(before: Sequence[Sample], after: Sequence[Sample]) -> str:
    """Say why two sides cannot be compared; "" where they can."""
    if not after:
        return "was measured in the baseline, and is not among the runs: it has vanished"
    if not before:
        return "the baseline has no such run: measure it there as well"
    for name in dict.fromkeys(key for sample in (*before, *after) for key in sample.conditions):
        first = {sample.conditions.get(name, "") for sample in before}
        last = {sample.conditions.get(name, "") for sample in after}
        if first != last or len(first) > 1:
            told = " and ".join(sorted(first | last)[:2])
            return f"cannot be compared, for the {name} is not the same: {told}"
    return ""


def _verdicts(subject: Subject, before: Sequence[Sample], after: Sequence[Sample]) -> Iterator[Check]:
    """Compare what `diag` says: a verdict that the baseline never had is a regression."""
    had = {name for sample in before for name in sample.verdicts}
    if not had:
        return
    new = [sample for sample in after if set(sample.verdicts) - had - {"healthy", "unknown"}]
    if new:
        said = " and ".join(
            dict.fromkeys(name for sample in new for name in sample.verdicts if name not in had)
        )
        place = next((sample.culprit for sample in new if sample.culprit), "")
        where = f" at {place}" if place else ""
        text = f"{said}{where}{wording.in_runs(len(new), len(after))}; the baseline is {' or '.join(sorted(had))}"
        yield _check(subject, "verdicts", "fail", text)
    elif any(not sample.verdicts or "unknown" in sample.verdicts for sample in (*before, *after)):
        yield _check(subject, "verdicts", "unknown", "a run has no verdict")
    else:
        yield _check(subject, "verdicts", "pass", f"nothing new{wording.runs(len(after))}")


def _figures(before: Sequence[Sample], after: Sequence[Sample]) -> list[Figure]:
    """Give the figures that either side has.

    Cores stand in for CPU seconds where nobody measured those, as older versions of `repro run` did not.
    """
    known = {figure.name: figure for sample in (*before, *after) for figure in sample.known}
    if before[0].subject.source == "benchmark":
        return [_of_benchmark(name, before, after) for name in known]
    if before[0].subject.source != "run":
        return list(known.values())
    had = {name for name in known if measured(before, name) or measured(after, name)}
    stand_ins = {
        cores: msgspec.structs.replace(known[cores], kind="measured", floor=CORES_FLOOR)
        for seconds, cores in _CPU.items()
        if seconds not in had and cores in had
    }
    needed = had if had & (_CPU.keys() | stand_ins.keys()) else {*had, "cpu_seconds"}
    return [stand_ins.get(name, figure) for name, figure in known.items() if name in needed]


def _of_benchmark(name: str, before: Sequence[Sample], after: Sequence[Sample]) -> Figure:
    """Say what a benchmark's figure is: a count only where it is one on both sides."""
    kinds = [of_benchmark(name, values) for side in (before, after) if (values := measured(side, name))]
    return next((figure for figure in kinds if figure.kind != "count"), kinds[0])


def _figure(
    subject: Subject, figure: Figure, before: Sequence[Sample], after: Sequence[Sample], apart: str
) -> Check | _Tested:
    """Compare a figure, or say what keeps it from being compared."""
    first, last = measured(before, figure.name), measured(after, figure.name)
    check = msgspec.structs.replace(
        _check(subject, figure.name, "unknown", ""),
        unit=figure.unit, values=tuple(last), baseline=tuple(first),
    )  # fmt: skip
    if len(first) < len(before) or len(last) < len(after):
        return msgspec.structs.replace(check, text=_missing(len(before) - len(first), len(after) - len(last)))
    if figure.kind == "count":
        result, text = _counted(figure, first, last)
        return msgspec.structs.replace(check, result=result, text=text)
    if min(len(first), len(last)) < statistics.FEWEST:
        few = f"{len(first)} and {len(last)} runs are too few, at least {statistics.FEWEST} of each side are needed"
        return msgspec.structs.replace(check, text=few)
    if apart:
        return msgspec.structs.replace(check, text=apart)
    if statistics.cannot_differ(first, last, figure.floor):
        medians = statistics.median(first), statistics.median(last)
        text = f"no regression: {_change(figure, *medians)}, {_runs(first, last)}"
        return msgspec.structs.replace(check, result="pass", text=text)
    return _Tested(check=check, figure=figure, before=tuple(first), after=tuple(last))


def _missing(before: int, after: int) -> str:
    """Say where a figure was not measured."""
    if before and after:
        return "was not measured, neither in the baseline nor now"
    return f"was not measured in {'the baseline' if before else 'these runs'}"


def _counted(figure: Figure, before: Sequence[float], after: Sequence[float]) -> tuple[Result, str]:
    """Compare counts as they are; where the baseline's own differ, only what is beyond the worst of them counts."""
    worst_of = max if figure.worse == "more" else min
    worst = worst_of(before)
    over = [value for value in after if value != worst and worst_of(value, worst) == value]
    told = (
        wording.figure(before[0])
        if len(set(before)) == 1
        else f"{wording.figure(min(before))} to {wording.figure(max(before))}"
    )
    if over and len(set(before)) == 1:
        far = worst_of(over)
        return (
            "fail",
            f"{told} {figure.noun} before, {wording.figure(far)} now{wording.in_runs(len(over), len(after))}",
        )
    if over:
        return (
            "unknown",
            f"the baseline's own runs differ ({told}), and these are beyond: {wording.figure(over[0])}",
        )
    if set(after) == set(before):
        return "pass", f"{told}, as before"
    return "pass", f"{told} before, {wording.figure(min(after))} to {wording.figure(max(after))} now"


def _decide(tested: Sequence[_Tested]) -> Iterator[Check]:
    """Test all of them, and correct for their number."""
    effects = [statistics.effect(each.before, each.after) for each in tested]
    for each, found, rejected in zip(
        tested, effects, statistics.rejected([found.p for found in effects]), strict=True
    ):
        result, text = _decided(each, found, rejected=rejected, checks=len(tested))
        yield msgspec.structs.replace(
            each.check, result=result, text=text, ratio=found.ratio, low=found.low, high=found.high, p=found.p,
        )  # fmt: skip


def _decided(each: _Tested, found: statistics.Effect, *, rejected: bool, checks: int) -> tuple[Result, str]:
    """Say regression, none or unknown, and why."""
    figure = each.figure
    said = f"{_in_words(figure, found)}, {_runs(each.before, each.after)}"
    large = statistics.is_regression(found, figure.floor)
    if large and rejected:
        return "fail", said
    if large:
        needed = statistics.runs_needed(checks)
        if statistics.smallest_p(len(each.before), len(each.after)) > statistics.ALPHA / checks:
            return "unknown", f"{said}: too few runs, {checks} figures need at least {needed} of each side"
        return "unknown", f"{said}: may be chance (p {found.p:.2g}), make more runs"
    if not statistics.rules_out(each.before, each.after, figure.floor):
        return (
            "unknown",
            f"{said}: too noisy, twice as much is not ruled out; make more runs, or quieter ones",
        )
    return "pass", said


def _in_words(figure: Figure, found: statistics.Effect) -> str:
    """Say the effect: "2.1 times the CPU seconds: 0.12 s -> 0.25 s, interval 1.8-2.4"."""
    change = _change(figure, found.before, found.after)
    if found.ratio is None:
        return f"{figure.noun}: {change}"
    text = f"{wording.ratio(found.ratio)} times the {figure.noun}: {change}"
    if found.low is None or found.high is None:
        return text
    return f"{text}, interval {wording.ratio(found.low)}-{wording.ratio(found.high)}"


def _change(figure: Figure, before: float, after: float) -> str:
    return f"{wording.with_unit(before, figure.unit)} -> {wording.with_unit(after, figure.unit)}"


def _runs(before: Sequence[float], after: Sequence[float]) -> str:
    if len(before) == len(after):
        return f"{len(after)} runs each"
    return f"{len(before)} and {len(after)} runs"


def _apart(before: Sequence[Sample], after: Sequence[Sample]) -> str:
    """Say that the sides were measured one after the other, so that what changed meanwhile counts as a difference."""
    order = sorted([(sample.started, 0) for sample in before] + [(sample.started, 1) for sample in after])
    changes = sum(one[1] != other[1] for one, other in itertools.pairwise(order))
    if changes >= min(len(before), len(after)) - 1:
        return ""
    return "the sides were not measured by turns, so the machine may have changed between: use --run-both"


def _check(subject: Subject, figure: str, result: Result, text: str) -> Check:
    return Check(subject=subject.title, figure=figure, against="baseline", result=result, text=text)
