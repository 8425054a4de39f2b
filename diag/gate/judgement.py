"""What the gate says: a check each, and the answer that they come to; the JSON contract of `gate`."""

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

SCHEMA = 1

Result = Literal["fail", "unknown", "pass"]
"""A check that could not be made is unknown, never a pass."""

WORST: Sequence[Result] = ("fail", "unknown", "pass")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of one subject, judged by a budget or beside a baseline."""

    subject: str
    figure: str
    """Its name; "" for a check of the runs as such."""
    against: Literal["budget", "baseline"]
    result: Result
    text: str
    """The effect in words, or why it is not known."""
    rule: str = ""
    """Of a budget, as it stands in the file: "cores_max = 0.05"."""
    unit: str = ""
    values: tuple[float, ...] = ()
    """Of each run, in the order of time."""
    baseline: tuple[float, ...] = ()
    limit: float | None = None
    ratio: float | None = None
    """Of the medians."""
    low: float | None = None
    high: float | None = None
    """The ratio's 95 % interval."""
    p: float | None = None
    """One-sided Mann-Whitney, before the correction for several checks."""
    file: str = ""
    line: int = 0
    """Where the budget stands, from 1; "" and 0 for a baseline."""


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """All checks."""

    schema: int = SCHEMA
    answer: Result
    budget: str
    """The budget's file; "" where there is none."""
    baseline: str
    """What the runs stand beside; "" where there is none."""
    runs: int
    """Runs judged."""
    checks: tuple[Check, ...]
    """The worst first within a subject."""

    def count(self, result: Result) -> int:
        """Count the checks with a result."""
        return sum(check.result == result for check in self.checks)


def judgement(checks: Iterable[Check], *, budget: str, baseline: str, runs: int) -> Judgement:
    """Put checks together: one that fails makes the answer, else one that is unknown."""
    found = list(checks)
    subjects = list(dict.fromkeys(check.subject for check in found))
    order = sorted(found, key=lambda check: (subjects.index(check.subject), WORST.index(check.result)))
    results = {check.result for check in order} or {"unknown"}
    answer = next(result for result in WORST if result in results)
    return Judgement(answer=answer, budget=budget, baseline=baseline, runs=runs, checks=tuple(order))
