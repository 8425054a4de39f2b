"""Several labelled diagnoses side by side, with what changed from the first one; the JSON contract of `compare`."""

from collections.abc import Iterable, Sequence

import msgspec

from diag.findings import Diagnosis, VerdictName

SCHEMA = 1


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers that can be set against each other; None where one was not measured."""

    cores: float | None
    demand: float | None
    tasks_live: float | None
    tasks_growth_per_second: float | None
    tasks_created_per_second: float | None


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """One process."""

    label: str
    verdicts: tuple[VerdictName, ...]
    frozen: bool
    figures: Figures
    change: Figures | None
    """Its figures less those of the first; None for the first itself."""
    culprit: str
    """"function (file:first-last)"; "" where there is none."""
    causes: tuple[str, ...]
    """"HL001 ineffective-break"..."""
    diagnosis: Diagnosis


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """All of them, in the order in which they were given."""

    schema: int = SCHEMA
    compared: tuple[Compared, ...]
    appeared: tuple[VerdictName, ...]
    """Verdicts of the last that the first has not, "healthy" and "unknown" included."""
    gone: tuple[VerdictName, ...]
    """Verdicts of the first that the last has not."""


def compare(labelled: Sequence[tuple[str, Diagnosis]]) -> Comparison:
    """Put diagnoses side by side.

    Args:
        labelled: at least one, each with its label.
    """
    base = figures(labelled[0][1])
    compared = tuple(
        _compared(label, diagnosis, base if number else None)
        for number, (label, diagnosis) in enumerate(labelled)
    )
    first, last = compared[0].verdicts, compared[-1].verdicts
    return Comparison(
        compared=compared,
        appeared=tuple(verdict for verdict in last if verdict not in first),
        gone=tuple(verdict for verdict in first if verdict not in last),
    )


def unique(labels: Iterable[str]) -> list[str]:
    """Number the labels that occur more than once: `a`, `a-2`."""
    found: list[str] = []
    for label in labels:
        number, name = 1, label
        while name in found:
            number += 1
            name = f"{label}-{number}"
        found.append(name)
    return found


def figures(diagnosis: Diagnosis) -> Figures:
    """Give the numbers of a diagnosis."""
    tasks = diagnosis.tasks
    return Figures(
        cores=diagnosis.cores,
        demand=diagnosis.demand,
        tasks_live=tasks.live,
        tasks_growth_per_second=tasks.growth_per_second,
        tasks_created_per_second=tasks.created_per_second,
    )


def _compared(label: str, diagnosis: Diagnosis, base: Figures | None) -> Compared:
    own = figures(diagnosis)
    return Compared(
        label=label,
        verdicts=diagnosis.verdicts,
        frozen=diagnosis.frozen,
        figures=own,
        change=_difference(own, base) if base else None,
        culprit=_culprit(diagnosis),
        causes=tuple(dict.fromkeys(f"{cause.code} {cause.name}" for cause in diagnosis.causes)),
        diagnosis=diagnosis,
    )


def _difference(own: Figures, base: Figures) -> Figures:
    def less(name: str) -> float | None:
        value, other = getattr(own, name), getattr(base, name)
        return None if value is None or other is None else round(value - other, 6)

    return Figures(**{name: less(name) for name in Figures.__struct_fields__})


def _culprit(diagnosis: Diagnosis) -> str:
    culprit = diagnosis.culprit
    if culprit is None:
        return ""
    first, last = culprit.loop or (culprit.line, culprit.line)
    lines = f"{first}-{last}" if last > first else f"{first}"
    return f"{culprit.function} ({culprit.file}:{lines})"
