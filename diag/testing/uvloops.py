"""Counting on uvloop, whose turns run in C: it asks the attribute `call_soon` for all that tasks and futures make ready.

A turn is a batch of ready callbacks. A callback of our own (a marker) goes first in each batch; after a batch that had
others in it comes one more turn with the marker alone, which tells how long the batch took, and then the loop is left
to sleep. uvloop calls what I/O and timers bring straight, outside of the batches: a batch is empty if every
`call_soon` for it was made while the batch before still ran, that is while the last handle of that was not done with
(the queue's reference to it tells). Callbacks that uvloop makes ready for itself, such as those of transports, are not seen.
"""

from functools import partial
from sys import getrefcount
from threading import get_ident
from time import monotonic
from typing import Any

from diag.testing.counters import Counters
from diag.testing.wrapping import Call, Wrapping


def put_on(loop: Any, counters: Counters) -> None:
    """Wrap the loop's `call_soon` and its way to make tasks."""
    counters.wrappings += [
        Wrapping(loop, "call_soon", partial(_call_soon, counters)),
        Wrapping(loop, "create_task", counters.creating),
    ]


class _Batches:
    """The batch that runs and the one that is being filled."""

    def __init__(self, counters: Counters, original: Call) -> None:
        self._counters = counters
        self._original = original
        self.marked = False
        """Whether the batch that is being filled has its marker."""
        self.outside = True
        """Whether something for it came from I/O or a timer."""
        self.newest: object = None
        """The last handle of the batch that is being filled; None where there is only the marker."""
        self._running: object = None
        self._held = 0

    def still_runs(self) -> bool:
        """Whether the batch before has not come to its end."""
        return self._running is not None and getrefcount(self._running) >= self._held

    def mark(self) -> None:
        """Put the marker into the batch that is being filled."""
        self.marked = True
        self._original(self._begin)

    def _begin(self) -> None:
        """Begin a batch."""
        counters, now = self._counters, monotonic()
        if counters.woke:
            counters.longest = max(counters.longest, now - counters.woke)
        self._running, self.newest = self.newest, None
        self.marked = False
        if self._running is None or not counters.wrappings:
            counters.woke = 0.0
            counters.row = 0
            return
        self._held = getrefcount(self._running)
        counters.thread = counters.thread or get_ident()
        counters.turns += 1
        counters.woke = now
        outside, self.outside = self.outside, False
        self.mark()
        if not outside:
            counters.empty()


def _call_soon(counters: Counters, inner: Call, wrapping: Wrapping) -> Call:
    """Wrap `call_soon`."""
    batches = _Batches(counters, inner)

    def call_soon(callback: Call, *args: Any, context: Any = None) -> Any:
        if not wrapping.live:
            wrapping.remove()
            return inner(callback, *args, context=context)
        if not batches.marked:
            batches.mark()
        if not batches.outside and not batches.still_runs():
            batches.outside = True
        batches.newest = handle = inner(callback, *args, context=context)
        return handle

    return call_soon
