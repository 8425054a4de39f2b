"""asyncio event loops: their ready queue, what is in it, and their timers."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from diag.collectors.awaits import Awaits
from diag.collectors.callbacks import Callback, Callbacks
from diag.collectors.containers import deque_items
from diag.collectors.contents import Contents
from diag.collectors.frames import Call
from diag.collectors.functions import Functions
from diag.collectors.instances import function_name
from diag.collectors.peek import WORD, Peek, Source, Torn, word, words
from diag.collectors.places import Places

MOST_READY = 8

_QUEUE_ATTEMPTS = 12
_EMPTY = 3
"""Looks at a ready queue that is empty for a moment, or whose entries are gone before they are read; and looks at
one that is empty and does not change."""

_STATE = 7
"""The word of a deque that counts its changes."""

_DEQUE = "collections.deque"
_FOREIGN = ("uvloop.loop.Loop",)
"""Event loops that are no Python objects."""

_FOREIGN_WORDS = 200
"""Words of such a loop in which its ready queue is looked for."""

_BASE = "BaseEventLoop"
_NAMES = frozenset({"self", "loop", "runner", "_loop", "event_loop"})
"""Local variables that hold a loop, or what has one, in the functions that run it."""

_MOST_ATTRIBUTES = 64
_MOST_TIMERS = 16


@dataclass(frozen=True, slots=True)
class Queue:
    """A ready queue at a moment."""

    changes: int
    size: int
    callbacks: tuple[Callback, ...]


@dataclass(frozen=True, slots=True)
class Loop:
    """An event loop at a moment."""

    address: int
    kind: str
    queue: Queue | None
    scheduled: int | None
    overdue: float | None


class Loops:
    """Finds and reads the event loops of one process."""

    def __init__(
        self,
        peek: Peek,
        contents: Contents,
        awaits: Awaits,
        functions: Functions,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._peek = peek
        self._contents = contents
        self._callbacks = Callbacks(contents)
        self._awaits = awaits
        self._functions = functions
        self._clock = clock
        self._places: dict[int, Places] = {}
        self._queues: dict[int, int] = {}
        self._chains: dict[int, Places] = {}
        self._used: dict[int, Places] = {}

    def find(self, calls: Sequence[Call]) -> int:
        """Give the loop that a thread runs, by the variables of the calls on its stack; 0 for none."""
        for call in calls:
            for reference in self._holders(call):
                loop = self._loop_of(reference)
                if loop:
                    return loop
        return 0

    def _holders(self, call: Call) -> list[int]:
        """Give the references of the variables of a call that hold a loop by their names."""
        found = [
            reference
            for (name, _), reference in zip(call.code.variables, call.fast, strict=True)
            if reference and name in _NAMES
        ]
        if call.locals and not call.code.variables:
            with contextlib.suppress(Torn):
                found += [value for _, value in self._contents.dicts.find(call.locals, _NAMES)]
        return found

    def _loop_of(self, address: int) -> int:
        """Give the object if it is a loop, or the loop that it has as an attribute `_loop`, if it runs loops."""
        try:
            kind = self._contents.kind_of(address)
            if self._is_loop(kind.bases):
                return address
            if kind.name == "Runner" and kind.has_dict:
                attributes = dict(self._contents.attributes(address, kind))
                inner = attributes.get("_loop", 0)
                if inner and self._is_loop(self._contents.kind_of(inner).bases):
                    return inner
        except Torn:
            return 0
        return 0

    def _is_loop(self, bases: tuple[str, ...]) -> bool:
        return _BASE in bases or any(name in bases for name in _FOREIGN)

    def read(self, address: int) -> Loop:
        """Read a loop.

        Raises:
            Torn: it is none (any more).
        """
        kind = self._contents.kind_of(address)
        scheduled = 0
        if _BASE in kind.bases:
            attributes = dict(self._contents.dicts.attributes(address, kind, _MOST_ATTRIBUTES))
            ready, scheduled = attributes.get("_ready", 0), attributes.get("_scheduled", 0)
        else:
            ready = self._foreign_queue(address, kind.size)
        count, overdue = self._timers(scheduled) if scheduled else (None, None)
        return Loop(address, kind.name, self._queue(ready) if ready else None, count, overdue)

    def _foreign_queue(self, address: int, size: int) -> int:
        """Find the ready queue of a loop that is no Python object: the first deque that it refers to."""
        if address not in self._queues:
            self._queues[address] = 0
            for place, reference in enumerate(words(self._peek, address, min(size // WORD, _FOREIGN_WORDS))):
                if self._is_deque(reference):
                    self._queues[address] = place * WORD
                    break
        place = self._queues[address]
        return word(self._peek, address + place) if place else 0

    def _is_deque(self, address: int) -> bool:
        try:
            return self._contents.kind_of(address).name == _DEQUE
        except Torn:
            return False

    def _queue(self, ready: int) -> Queue | None:
        """Read the ready queue, with what is in it if that can be read before it changes."""
        if not self._is_deque(ready):
            return None
        places = self._places.get(ready)
        if places is None:
            places = self._places[ready] = Places(self._peek, ready, (_STATE + 1) * WORD, _QUEUE_ATTEMPTS)
        found: list[Queue] = []

        def attempt(first: Source, second: Source) -> Queue | None:
            for copy in (second, first):
                queue = self._read_queue(copy, ready)
                if queue.callbacks:
                    return queue
                found.append(queue)
            # Empty: for a moment only, if it has changed meanwhile.
            return found[-1] if len(found) > _EMPTY and found[0].changes == found[-1].changes else None

        queue = places.settle(attempt)
        if queue is None:
            head = words(self._peek, ready, _STATE + 1)
            queue = Queue(head[_STATE], head[2], ())
        return queue

    def _read_queue(self, source: Source, ready: int) -> Queue:
        head = words(source, ready, _STATE + 1)
        callbacks = tuple(
            self._callbacks.handle(source, handle) for handle in deque_items(source, ready, MOST_READY)
        )
        return Queue(head[_STATE], head[2], callbacks)

    def name(self, callback: Callback) -> str:
        """Name a callback: the qualified name of a function, or else the type."""
        if callback.function:
            with contextlib.suppress(Torn):
                return function_name(self._contents, callback.function)
        return callback.name

    def calls(self, callback: Callback) -> tuple[Call, ...]:
        """Give the suspended calls that a callback goes on with, or the call that it will begin; none if unknown."""
        try:
            if callback.function:
                return (self._functions.call(callback.function, callback.bound, callback.arguments),)
            return self.suspended(callback.coroutine) if callback.coroutine else ()
        except Torn:
            return ()

    def suspended(self, coroutine: int) -> tuple[Call, ...]:
        """Read the calls of a suspended coroutine and of what it waits for; none if it does not hold still."""
        places = self._chains.get(coroutine)
        if places is None:
            places = Places(self._peek, coroutine, WORD)
        self._used[coroutine] = places

        def attempt(first: Source, second: Source) -> tuple[Call, ...] | None:
            calls, _ = self._awaits.chain(first, coroutine)
            return calls if self._awaits.chain(second, coroutine)[0] == calls else None

        return places.settle(attempt) or ()

    def begin(self) -> None:
        """Begin a look: forget what the last one did not use."""
        self._chains, self._used = self._used, {}

    def _timers(self, scheduled: int) -> tuple[int | None, float | None]:
        """Give the number of timers, and the seconds since the earliest should have run."""
        try:
            size, items = words(self._peek, scheduled + 2 * WORD, 2)
            if not size:
                return 0, 0.0
            earliest = None
            for handle in words(self._peek, items, min(size, _MOST_TIMERS)):
                when = self._when(handle)
                if when is not None and (earliest is None or when < earliest):
                    earliest = when
        except Torn:
            return None, None
        return size, max(0.0, self._clock() - earliest) if earliest is not None else None

    def _when(self, handle: int) -> float | None:
        """Give the time of a timer; None for one that was cancelled."""
        members = dict(self._contents.kind_of(handle).members)
        if not {"_when", "_cancelled"} <= members.keys():
            return None
        cancelled = self._contents.get(word(self._peek, handle + members["_cancelled"]), 0)
        when = self._contents.get(word(self._peek, handle + members["_when"]), 0)
        if cancelled.text == "True" or when.kind.what not in {"float", "int"}:
            return None
        return float(when.text)
