"""Counting on asyncio's own event loop, and on those derived from it.

A turn is one `_run_once`. It is empty if the wait for I/O was given no time, brought nothing, and no timer was due: what
runs then was made ready by the turn before. A wake-up that the loop's own thread has sent itself is nothing from outside.
"""

from functools import partial
from threading import get_ident
from time import monotonic
from typing import Any

from diag.testing.counters import Counters
from diag.testing.wrapping import Call, Wrapping


def put_on(loop: Any, counters: Counters) -> None:
    """Wrap the loop's turn, its wait for I/O, its wake-up and its way to make tasks."""
    wakeups = Wakeups(loop)
    counters.wrappings += [
        Wrapping(loop, "_run_once", partial(_turn, counters)),
        Wrapping(loop._selector, "select", partial(_select, loop, counters, wakeups)),
        Wrapping(loop, "_write_to_self", wakeups.wrap),
        Wrapping(loop, "create_task", counters.creating),
    ]


class Wakeups:
    """Who woke the loop through its own pipe since it last looked: other threads and signals, or only itself."""

    def __init__(self, loop: Any) -> None:
        self._loop = loop
        self.own = False
        self._others = False

    def wrap(self, inner: Call, wrapping: Wrapping) -> Call:
        """Wrap `_write_to_self`."""

        def write_to_self() -> None:
            if not wrapping.live:
                wrapping.remove()
            elif get_ident() == self._loop._thread_id:
                self.own = True
            else:
                self._others = True
            inner()

        return write_to_self

    def nothing_else(self, events: Any) -> bool:
        """Whether all that came is a wake-up from the loop itself; forgets who woke it."""
        others, self.own, self._others = self._others, False, False
        pipe = self._loop._ssock
        return not others and len(events) == 1 and pipe is not None and events[0][0].fd == pipe.fileno()


def _turn(counters: Counters, inner: Call, wrapping: Wrapping) -> Call:
    """Wrap `_run_once`."""

    def turn() -> None:
        if not wrapping.live:
            wrapping.remove()
            inner()
            return
        if not counters.thread:
            counters.thread = get_ident()
        counters.turns += 1
        try:
            inner()
        finally:
            spent = monotonic() - counters.woke
            if spent > counters.longest and counters.woke:
                counters.longest = spent
            counters.woke = 0.0

    return turn


def _select(loop: Any, counters: Counters, wakeups: Wakeups, inner: Call, wrapping: Wrapping) -> Call:
    """Wrap the selector's `select`."""

    def select(timeout: float | None = None) -> Any:
        events = inner(timeout)
        if not wrapping.live:
            wrapping.remove()
            return events
        counters.woke = monotonic()
        if timeout != 0:
            counters.row = 0
        if events and not (wakeups.own and wakeups.nothing_else(events)):
            if counters.on_ready is not None:
                counters.ready(events)
            return events
        if (scheduled := loop._scheduled) and scheduled[0]._when < loop.time() + loop._clock_resolution:
            counters.timers += 1
            return events
        if timeout == 0:
            counters.empty()
        return events

    return select
