"""How far a scenario is, and how long is left."""

import statistics
import time
from collections.abc import Callable

import msgspec

from repro.scenario import Case, Scenario

START_GUESS = 4.0
"""Seconds that a run takes beyond its phases, until one has been timed: starting five processes and saving."""


class Ahead(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be told of a scenario under way."""

    done: int
    total: int
    running: tuple[str, ...]
    """A line for each run under way: its name and what it is doing."""
    seconds_left: float


class Progress:
    """Follows a scenario through what its runner says.

    Args:
        scenario: what is run.
        at_once: calm runs measured side by side.
        clock: seconds that only go forward.
    """

    def __init__(
        self, scenario: Scenario, *, at_once: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._scenario = scenario
        self._at_once = at_once
        self._clock = clock
        self._begun: dict[Case, float] = {}
        self._stages: dict[Case, str] = {}
        self._took: list[float] = []
        self._finished: set[Case] = set()

    def stage(self, case: Case, text: str) -> None:
        """A run does something."""
        self._begun.setdefault(case, self._clock())
        self._stages[case] = text

    def finished(self, case: Case) -> None:
        """A run is over."""
        self._took.append(self._clock() - self._begun.get(case, self._clock()))
        self._finished.add(case)
        self._stages.pop(case, None)

    def ahead(self) -> Ahead:
        """Say where it stands now."""
        return Ahead(
            done=len(self._finished),
            total=len(self._scenario.cases),
            running=tuple(f"{case.name}: {stage}" for case, stage in self._stages.items()),
            seconds_left=sum(map(self._share_left, self._scenario.cases)),
        )

    def _share_left(self, case: Case) -> float:
        """Seconds that a run still adds to the whole."""
        if case in self._finished:
            return 0.0
        each = statistics.median(self._took) if self._took else self._scenario.seconds_of(case) + START_GUESS
        spent = self._clock() - self._begun[case] if case in self._begun else 0.0
        return max(0.0, each - spent) / (self._at_once if case.calm else 1)
