"""What an event loop does, counted inside it: turns, those that got nothing, and tasks made.

One `Counters` serves all who look at a loop; the wrappers are put on with the first of them and taken off with the last.
"""

import threading
from asyncio import AbstractEventLoop
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any
from weakref import WeakKeyDictionary

from diag.errors import HotloopError
from diag.testing.wrapping import Call, Wrapping

Created = Callable[[Any, Any], None]
"""Told of a coroutine and of the task that was made for it."""

Ready = Callable[[Any, int], int]
"""Told of the selector's key of a descriptor, and of how many turns it was the only one that was ready."""

READY = 1_000
"""Turns for one descriptor from which it is looked at."""

NEVER = 1 << 62
"""A row of empty turns that no loop ever makes."""


class Counters:
    """The counts of one loop since they were put on. Read by others, written by the loop's thread only."""

    __slots__ = (
        "alarm",
        "created",
        "empty_turns",
        "longest",
        "loop",
        "maxima",
        "on_created",
        "on_ready",
        "on_row",
        "ready_alarm",
        "ready_fd",
        "ready_row",
        "row",
        "tasks",
        "thread",
        "timers",
        "turns",
        "users",
        "woke",
        "wrappings",
    )

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self.turns = 0
        self.empty_turns = 0
        self.row = 0
        """Empty turns since the loop last had nothing to do and waited; others among them do not count."""
        self.timers = 0
        """Turns that began with a timer that was due; uvloop does not tell."""
        self.longest = 0.0
        """Seconds."""
        self.woke = 0.0
        """When the present turn began (monotonic clock); 0 while the loop waits or does not run."""
        self.tasks = 0
        self.created: Counter[str] = Counter()
        """Tasks made, by the qualified name of their coroutine."""
        self.thread = 0
        self.alarm = NEVER
        """The row at which `on_row` is called; what it returns is the next one."""
        self.on_row: Callable[[int], int] = lambda _row: NEVER
        self.on_created: Created | None = None
        self.on_ready: Ready | None = None
        """Called with the only descriptor that is ready, once that was so for `ready_alarm` turns; gives the next one."""
        self.ready_fd, self.ready_row, self.ready_alarm = -1, 0, READY
        self.users = 0
        self.maxima: dict[object, float] = {}
        self.wrappings: list[Wrapping] = []

    def empty(self) -> None:
        """Count a turn as empty."""
        self.empty_turns += 1
        self.row += 1
        if self.row >= self.alarm:
            self.alarm = self.on_row(self.row)

    def ready(self, events: Any) -> None:
        """Count turns that one descriptor alone makes, time and again."""
        key = events[0][0]
        if len(events) > 1 or key.fd != self.ready_fd:
            self.ready_fd, self.ready_row, self.ready_alarm = key.fd, 0, READY
            return
        self.ready_row += 1
        if self.ready_row >= self.ready_alarm and self.on_ready is not None:
            self.ready_alarm = self.on_ready(key, self.ready_row)

    def watch(self, meter: object) -> None:
        """Begin to keep the longest turn for a meter apart from those of the others."""
        self._share()
        self.maxima[meter] = 0.0

    def unwatch(self, meter: object) -> None:
        """Stop keeping it."""
        self._share()
        self.maxima.pop(meter, None)

    def longest_since(self, meter: object) -> float:
        """Give the longest turn since a meter watches, in seconds."""
        self._share()
        return self.maxima.get(meter, 0.0)

    def _share(self) -> None:
        """Credit the longest turn to all who watch, and begin anew."""
        longest, self.longest = self.longest, 0.0
        for meter, known in self.maxima.items():
            self.maxima[meter] = max(known, longest)

    def creating(self, inner: Call, wrapping: Wrapping) -> Call:
        """Wrap `create_task`."""

        def create_task(coro: Coroutine[Any, Any, Any], **options: Any) -> Any:
            task = inner(coro, **options)
            if not wrapping.live:
                wrapping.remove()
                return task
            self.tasks += 1
            self.created[getattr(coro, "__qualname__", None) or type(coro).__qualname__] += 1
            if self.on_created is not None:
                self.on_created(coro, task)
            return task

        return create_task


_known: "WeakKeyDictionary[AbstractEventLoop, Counters]" = WeakKeyDictionary()
_lock = threading.Lock()


def use(loop: AbstractEventLoop) -> Counters:
    """Give the loop's counters, putting them on if this is their first user.

    Raises:
        HotloopError: the loop is of a kind whose turns cannot be counted.
    """
    with _lock:
        counters = _known.get(loop)
        if counters is None or not counters.users:
            counters = _known[loop] = Counters(loop)
            _put_on(loop, counters)
        counters.users += 1
        return counters


def leave(counters: Counters) -> None:
    """Say that a user is done; with the last one the loop is left as it was found."""
    with _lock:
        counters.users -= 1
        if counters.users:
            return
        for wrapping in reversed(counters.wrappings):
            wrapping.remove()
        counters.wrappings = []
        if _known.get(counters.loop) is counters:
            del _known[counters.loop]


def _put_on(loop: AbstractEventLoop, counters: Counters) -> None:
    if hasattr(loop, "_run_once") and hasattr(getattr(loop, "_selector", None), "select"):
        from diag.testing.selectorloop import put_on
    elif type(loop).__module__.partition(".")[0] == "uvloop":
        from diag.testing.uvloops import put_on
    else:
        kind = f"{type(loop).__module__}.{type(loop).__qualname__}"
        raise HotloopError(
            f"the turns of a {kind} cannot be counted: use asyncio's own event loop or uvloop's"
        )
    put_on(loop, counters)
