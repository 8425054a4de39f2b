"""A loop that turns and gets nothing: looks at what is about to run, at growing distances, once it has not rested for long.

A spin is a wait that does not wait and gets nothing. So it is counted how often the loop turns without a cause from
outside and without a rest; and as work does so too, the state of what runs is looked at: the same few states again and
again are a spin, new contents are work. Nothing here rests on time.
"""

import time
from asyncio import AbstractEventLoop, Task, all_tasks
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any

from diag.testing.births import birth
from diag.testing.counters import Counters
from diag.testing.digest import Digest
from diag.testing.explaining import Explanation
from diag.testing.findings import SpinSeen
from diag.testing.places import chain, words
from diag.testing.sightings import Sightings
from diag.testing.stopping import Stopped

FIRST = 1_000
"""Empty turns without a rest from which the state is looked at: a test's own steps take some hundreds."""

LOOKS = 64
"""Looks at growing distances, over 5,000 turns: a loop that counts or receives has a new state at each of them."""

WORK = 20_000
"""Turns for which a loop at work is left alone."""

PATIENCE = 20_000
"""Turns that a spin may go on, for the test to end it: about a second. `buggy` makes 30,000 a second."""


class LiveStudy:
    """The looks at one loop.

    Args:
        counters: of the loop.
        report: told of the spin, once.
        stop: whether a spin that does not end is stopped.
    """

    def __init__(self, counters: Counters, report: Callable[[SpinSeen], None], *, stop: bool) -> None:
        self._counters = counters
        self._report = report
        self._stop = stop
        self._seen = Sightings()
        self._begun = 0.0, 0
        """When the looks began, and the tasks that had been made then."""
        self._end_at = 0
        self.found: SpinSeen | None = None

    @property
    def undecided(self) -> bool:
        """Whether it is being looked at, and it is not known yet what it does."""
        return self.found is None and bool(self._seen.states)

    def alarm(self, row: int) -> int:
        """Look, as the counters' `on_row`, and say when to look again.

        Raises:
            Stopped: a known spin went on for too long.
        """
        if self.found is not None:
            return self._go_on(row)
        if not self._seen.states:
            self._begun = time.monotonic(), self._counters.tasks
        look(self._counters.loop, self._seen)
        number = len(self._seen.states)
        if number < LOOKS:
            return row + 1 + number * number // 16 + number % 3
        if not self._seen.repeats or (spot := self._seen.place()) is None:
            self._seen = Sightings()
            return min(row + WORK, 5 * WORK)
        seconds, made = time.monotonic() - self._begun[0], self._counters.tasks - self._begun[1]
        what = f"{row:,} empty turns without a rest"
        if (maker := self._seen.maker()) is not None:
            what += f", {made:,} tasks made by {words(maker)}"
        explanation = Explanation(spot, frozen=False, created_per_second=made / seconds if seconds else None)
        self.found = SpinSeen(explanation, what)
        self._report(self.found)
        self._end_at = row + PATIENCE
        return self._end_at

    def _go_on(self, row: int) -> int:
        again = Sightings()
        look(self._counters.loop, again)
        if self._stop and row >= self._end_at and set(again.states) <= set(self._seen.states):
            self._end_at = row + PATIENCE
            self._counters.alarm = self._end_at
            raise Stopped
        return row + PATIENCE // 10


def look(loop: AbstractEventLoop, into: Sightings) -> None:
    """Look at what is about to run, between two turns."""
    digest = Digest()
    states: set[int] = set()
    for task, frames, awaitable in ready(loop):
        into.add_chain(frames)
        if (noted := birth(task)) is not None and noted.creator is not None:
            into.makers[noted.creator][id(noted)] = noted
        states.add(digest.coroutine(awaitable))
    for callback, args in _callbacks(loop):
        into.add_callback(callback)
        cells = [cell.cell_contents for cell in getattr(callback, "__closure__", None) or () if _filled(cell)]
        states.add(digest.value([callback, *args, *cells], 3))
    into.states.append(hash(frozenset(states)))


def ready(loop: AbstractEventLoop) -> Iterable[tuple[Any, list[FrameType], Any]]:
    """Give the tasks that wait for nothing, with their suspended frames."""
    for task in all_tasks(loop):
        waiter = getattr(task, "_fut_waiter", None)
        if waiter is None or waiter.done():
            coro = task.get_coro()
            if frames := [frame for frame, _ in chain(coro)]:
                yield task, frames, coro


def _callbacks(loop: Any) -> Iterable[tuple[Any, tuple[Any, ...]]]:
    """Give the plain callbacks that are ready: those of tasks left out."""
    for handle in list(getattr(loop, "_ready", ())):
        callback = handle._callback
        if callback is not None and not isinstance(getattr(callback, "__self__", None), Task):
            yield callback, handle._args or ()


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
