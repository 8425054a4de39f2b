"""How the views stand, taken while they run."""

from collections.abc import Callable

import msgspec

from repro.viewers.crowd import Crowd
from repro.viewers.probe import HealthProbe
from repro.viewers.view import State


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """The views at a moment; rates are since the one before."""

    asked: int
    open: int
    ended: int
    """Over, whoever ended them."""
    refused: int
    lines_per_second: float
    empty_frames_per_second: float
    health_ms: float | None
    """The newest answer's latency; None where there is none."""
    health_failed: int

    def line(self) -> str:
        """Say it in a line of less than 80 characters."""
        health = "-" if self.health_ms is None else f"{self.health_ms:.0f} ms"
        failed = f", {self.health_failed:,} failed" if self.health_failed else ""
        refused = f", {self.refused:,} refused" if self.refused else ""
        return (
            f"{self.open:,} open, {self.ended:,} over{refused}; {self.lines_per_second:,.0f} lines/s, "
            f"{self.empty_frames_per_second:,.0f} empty/s; health {health}{failed}"
        )


class Watcher:
    """Takes `Progress` from a running crowd; a look at 5,000 views costs some milliseconds."""

    def __init__(self, crowd: Crowd, probe: HealthProbe, clock: Callable[[], float]) -> None:
        self._crowd = crowd
        self._probe = probe
        self._clock = clock
        self._at = clock()
        self._lines = 0
        self._empty = 0

    def look(self) -> Progress:
        """Take the state of things."""
        views = self._crowd.views
        now = self._clock()
        lines = sum(view.stream.counter.lines for view in views)
        empty = sum(view.stream.empty_frames for view in views)
        elapsed = max(now - self._at, 1e-9)
        latencies = self._probe.latencies
        progress = Progress(
            asked=len(views),
            open=self._crowd.count(State.OPEN),
            ended=self._crowd.count(State.ENDED, State.CUT, State.LEFT),
            refused=self._crowd.count(State.REFUSED),
            lines_per_second=(lines - self._lines) / elapsed,
            empty_frames_per_second=(empty - self._empty) / elapsed,
            health_ms=latencies[-1] * 1000 if latencies else None,
            health_failed=self._probe.failed,
        )
        self._at, self._lines, self._empty = now, lines, empty
        return progress
