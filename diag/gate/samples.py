"""A sample: the figures of one run of one subject, and the conditions that it was measured under."""

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from diag.gate.figures import Figure
from diag.reports import words

Source = Literal["run", "record", "benchmark"]

Value = int | float | None
"""None where it was not measured."""


class Subject(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """What was measured: the same in each repeat, and in another revision."""

    source: Source
    path: tuple[str, str]
    """Its table in a budget: pods and variant, "record" and the program, or "benchmark" and the test."""
    views: int = 0
    workers: int = 0
    """0 where there is no such thing."""

    @property
    def title(self) -> str:
        """Name it for readers."""
        name = self.path[1] if self.source != "run" else ".".join(self.path)
        several = [words.plural(self.views, "view")] if self.views else []
        several += [words.plural(self.workers, "worker")] if self.workers > 1 else []
        return ", ".join([name, *several])


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One run."""

    subject: Subject
    place: Path
    """What it was read out of."""
    started: float
    """Seconds since the epoch."""
    figures: Mapping[str, Value]
    """By name. One that such a run never has is left out; one that it should have had is None."""
    conditions: Mapping[str, str]
    """What has to be the same for a comparison, by what it is called: the machine, the interpreter, the settings."""
    known: Sequence[Figure]
    """The figures that such a run can have."""
    ended: str = ""
    """"" for in time, else how."""
    broken: bool = False
    """Whether the end speaks against what was measured, not against the measurement."""
    verdicts: tuple[str, ...] = ()
    """() where nobody judged."""
    culprit: str = ""
    """Where the verdict points to."""
    recording: Path | None = None
    """Folder with its stacks; None where there is none."""


def by_subject(samples: Iterable[Sample]) -> dict[Subject, list[Sample]]:
    """Put the repeats of each subject together, in the order of time."""
    found: dict[Subject, list[Sample]] = {}
    for sample in sorted(samples, key=lambda sample: sample.started):
        found.setdefault(sample.subject, []).append(sample)
    return found


def measured(samples: Iterable[Sample], name: str) -> list[float]:
    """Give the values of a figure in the runs that have it."""
    values = (sample.figures.get(name) for sample in samples)
    return [value for value in values if value is not None and math.isfinite(value)]
