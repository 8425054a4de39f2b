"""Judges runs by a budget. A limit holds for every run, not for their average."""

from collections.abc import Iterator, Mapping, Sequence

from diag.arguments import did_you_mean
from diag.gate import wording
from diag.gate.budget import Bound, Budget, Limit, Table
from diag.gate.judgement import Check, Result
from diag.gate.samples import Sample, Subject, measured


def judge(budget: Budget, subjects: Mapping[Subject, Sequence[Sample]]) -> Iterator[Check]:
    """Give the checks of every table; one that is for no run is unknown.

    How the runs that a table picks have ended is judged as well, whatever it asks.
    """
    seen: set[Subject] = set()
    for table in budget.tables:
        picked = [subject for subject in subjects if table.picks(subject)]
        if not picked:
            yield _unmatched(budget, table, subjects)
        for subject in picked:
            if subject not in seen:
                seen.add(subject)
                yield from _ends(subject, subjects[subject])
            for limit in table.limits:
                yield _check(budget, subject, limit, subjects[subject])


def _ends(subject: Subject, samples: Sequence[Sample]) -> Iterator[Check]:
    """Give a check where a run did not end in time."""
    if odd := [sample for sample in samples if sample.ended]:
        how = "; ".join(dict.fromkeys(sample.ended for sample in odd))
        yield Check(
            subject=subject.title,
            figure="ended",
            against="budget",
            rule="ended = in time",
            result="fail" if any(sample.broken for sample in odd) else "unknown",
            text=f"{wording.of(len(odd), len(samples))} did not end in time: {how}",
        )


def _unmatched(budget: Budget, table: Table, subjects: Mapping[Subject, Sequence[Sample]]) -> Check:
    hint = did_you_mean(".".join(table.path), [".".join(subject.path) for subject in subjects])
    return Check(
        subject=table.title,
        figure="",
        against="budget",
        result="unknown",
        text=f"no run is meant by it; there are {wording.some([each.title for each in subjects])}.{hint}",
        file=budget.file,
        line=table.line,
    )


def _check(budget: Budget, subject: Subject, limit: Limit, samples: Sequence[Sample]) -> Check:
    figure = next((each for each in samples[0].known if each.name == limit.figure), None)
    values = measured(samples, limit.figure)
    result, text = (
        _verdict(limit, samples) if limit.value is None else _value(limit, limit.value, values, samples)
    )
    return Check(
        subject=subject.title,
        figure=limit.figure,
        against="budget",
        rule=limit.rule,
        result=result,
        text=text,
        unit=figure.unit if figure else "",
        values=tuple(values),
        limit=limit.value,
        file=budget.file,
        line=limit.line,
    )


def _value(
    limit: Limit, bound: float, values: Sequence[float], samples: Sequence[Sample]
) -> tuple[Result, str]:
    """Judge a number: a run over it fails, whatever is known of the others."""
    over = [value for value in values if not _holds(value, limit.bound, bound)]
    if over:
        worst = (min if limit.bound == "min" else max)(over, key=lambda value: abs(value - bound))
        return "fail", f"{wording.figure(worst, bound)}{wording.in_runs(len(over), len(samples))}"
    missing = len(samples) - len(values)
    if missing:
        known = sorted({name for sample in samples for name in sample.figures})
        hint = did_you_mean(limit.figure, known) if limit.figure not in known else ""
        return "unknown", f"was not measured{wording.in_runs(missing, len(samples))}.{hint}".removesuffix(".")
    low, high = min(values), max(values)
    said = (
        wording.figure(high, bound)
        if low == high
        else f"{wording.figure(low, bound)} to {wording.figure(high, bound)}"
    )
    return "pass", f"{said}{wording.runs(len(values))}"


def _holds(value: float, bound: Bound, limit: float) -> bool:
    return value <= limit if bound == "max" else value >= limit if bound == "min" else value == limit


def _verdict(limit: Limit, samples: Sequence[Sample]) -> tuple[Result, str]:
    """Judge verdicts: one that is not allowed fails; where nobody could tell, nothing is known."""
    against = [sample for sample in samples if set(sample.verdicts) - set(limit.verdicts) - {"unknown"}]
    if against:
        said = " and ".join(dict.fromkeys(name for sample in against for name in sample.verdicts))
        place = next((sample.culprit for sample in against if sample.culprit), "")
        where = f" at {place}" if place else ""
        return "fail", f"{said}{where}{wording.in_runs(len(against), len(samples))}"
    unsure = [sample for sample in samples if not sample.verdicts or "unknown" in sample.verdicts]
    if unsure:
        return "unknown", f"there is no verdict{wording.in_runs(len(unsure), len(samples))}"
    return (
        "pass",
        f"{' and '.join(dict.fromkeys(n for s in samples for n in s.verdicts))}{wording.runs(len(samples))}",
    )
