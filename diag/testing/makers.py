"""Tasks made within one turn in great number, while none of them gets to run."""

from collections.abc import Callable
from sys import _getframe

from diag.testing.counters import Counters
from diag.testing.findings import SpinSeen
from diag.testing.stopping import Stopped
from diag.testing.turnstudy import LOOKS, TurnStudy, turn_of

MADE = 10_000
"""Tasks made within one turn from which it is looked at who makes them, at every `STEP`th. A task and its coroutine take one or
two kilobytes: a spin is stopped before it has taken 50 megabytes."""

STEP = 250


class MakingStudy:
    """Counts the tasks of a turn as they are made, and looks at who makes them when they are many."""

    def __init__(self, counters: Counters, report: Callable[[SpinSeen], None], *, stop: bool) -> None:
        self._counters = counters
        self._report = report
        self._stop = stop
        self._turn = -1
        self._first = 0
        self._study: TurnStudy | None = None
        self._judged = False

    def made(self) -> None:
        """Take note of one more task, called from the code that makes it.

        Raises:
            Stopped: they are made without end.
        """
        now = self._counters
        if now.turns != self._turn:
            self._turn, self._first, self._study, self._judged = now.turns, now.tasks, None, False
        count = now.tasks - self._first
        if count < MADE or count % STEP or self._judged:
            return
        self._study = self._study or TurnStudy(now)
        self._study.look(turn_of(_getframe(2)))
        if len(self._study) < LOOKS:
            return
        self._judged = True
        if (explanation := self._study.spin(moving=True)) is None:
            return
        found = SpinSeen(
            explanation, f"{count:,} tasks made in one turn of the event loop, none of which gets to run"
        )
        self._report(found)
        if self._stop:
            raise Stopped
