"""What a value or a suspended coroutine is worth, as a hash: equal where nothing has changed that a program could tell.

Addresses, clock readings and the number of tasks in a container are left out: they change in a loop that gets nowhere. Counters,
contents, lengths and the progress of iterators are in: they change where something comes of it. Bounded in depth and number.
"""

import time
from asyncio import AbstractEventLoop, Future, Queue, Task, Timeout, TimerHandle
from collections import deque
from gc import get_referents
from itertools import islice
from operator import length_hint
from threading import Thread
from types import CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from diag.testing.places import chain

DEPTH = 4
MOST = 6
"""Items looked at from either end of a container."""
ATTRIBUTES = 40
BUDGET = 600
"""Values looked at for one digest."""
_NEAR = 600.0
"""Seconds from now within which a number is taken for a clock's reading or a deadline."""

_NANOSECONDS = 10**12
"""Integers from which one may be a clock's reading: a clock in seconds is a float."""

_OPAQUE = (ModuleType, type, CodeType, FunctionType, AbstractEventLoop, Thread, Timeout, TimerHandle)
"""What is the same thing all the time, or tells the time."""
_ITERATOR_HOMES = ("builtins", "itertools")


class Digest:
    """One look at values; each is looked at once."""

    def __init__(self) -> None:
        self._left = BUDGET
        self._clocks = time.monotonic(), time.time()

    def coroutine(self, awaitable: Any) -> int:
        """Digest where a coroutine stands, all the way down, and with what."""
        return hash(tuple(self.frame(frame, owner) for frame, owner in chain(awaitable)))

    def frame(self, frame: FrameType, owner: object = None) -> int:
        """Digest a frame: its variables, and the data in globals that it names.

        Args:
            frame: the frame.
            owner: the coroutine or generator whose it is, where it is suspended: then its instruction and the
                iterators of its loops, which are in no variable, are digested too.
        """
        code = frame.f_code
        values = [self.value(value, DEPTH) for value in list(frame.f_locals.values())]
        stack = [self._iterator(one, 2) for one in get_referents(owner) if _is_iterator(one)] if owner else []
        shared = frame.f_globals
        named = [
            self.value(shared[name], 1)
            for name in code.co_names
            if isinstance(shared.get(name), int | float | str | bytes | list | dict | set | deque)
        ]
        return hash((code, frame.f_lasti if owner else 0, *values, *stack, *named))

    def value(self, value: Any, depth: int) -> int:  # noqa: PLR0911 - a kind each
        """Digest a value."""
        self._left -= 1
        if value is None or self._left < 0:
            return 0
        if isinstance(value, float | int):
            return 1 if self._is_clock(value) else hash((type(value), value))
        if isinstance(value, str | bytes):
            return hash((type(value), value))
        if isinstance(value, Future):
            return self._future(value, depth)
        if isinstance(value, _OPAQUE) or depth == 0:
            return hash(type(value))
        if isinstance(value, bytearray | memoryview):
            return hash((len(value), bytes(value[:64]), bytes(value[-64:])))
        if isinstance(value, list | tuple | deque | set | frozenset | dict):
            return self._container(value, depth - 1)
        if _is_iterator(value):
            return self._iterator(value, depth - 1)
        if isinstance(value, MethodType):
            return hash((value.__func__, self.value(value.__self__, depth - 1)))
        return self._object(value, depth - 1)

    def _is_clock(self, value: float) -> bool:
        """Whether a number is a reading of a clock, in seconds or nanoseconds."""
        if isinstance(value, int) and value < _NANOSECONDS:
            return False
        return any(abs(value - now) < _NEAR or abs(value - now * 1e9) < _NEAR * 1e9 for now in self._clocks)

    def _future(self, future: "Future[Any]", depth: int) -> int:
        if isinstance(future, Task):
            name = getattr(future.get_coro(), "__qualname__", "")
            return hash((name, future.done()))
        inner: Any = future  # `exception()` and `result()` would mark it as read
        if not future.done() or future.cancelled() or inner._exception is not None:
            return hash((type(future), future.done()))
        return hash((type(future), self.value(inner._result, max(0, depth - 1))))

    def _container(self, items: Any, depth: int) -> int:
        # The owner may run on meanwhile: each part is taken out in one step.
        count = len(items)
        ends: list[Any]
        if isinstance(items, dict):
            ends = [part for pair in list(islice(items.items(), MOST)) for part in pair]
        elif isinstance(items, set | frozenset):
            ends = list(islice(items, MOST))
        else:
            ends = list(items) if count <= 2 * MOST else [*_first(items), *_last(items)]
        if ends and any(isinstance(one, Future) for one in ends):
            return hash((type(items), "futures"))
        parts = [self.value(one, depth) for one in ends]
        if isinstance(items, set | frozenset):
            parts.sort()
        return hash((type(items), count, *parts))

    def _iterator(self, iterator: Any, depth: int) -> int:
        """Digest how far an iterator has come."""
        kind = type(iterator)
        if kind.__name__ == "generator":
            return self.coroutine(iterator) if depth > 0 else hash(kind)
        if kind.__name__ == "count":
            return hash(repr(iterator))
        left = length_hint(iterator, -1)
        inner = [
            self._iterator(one, depth - 1)
            for one in get_referents(iterator)
            if depth > 0 and _is_iterator(one)
        ]
        return hash((kind, left, *inner))

    def _object(self, value: Any, depth: int) -> int:
        kind = type(value)
        own: Any = getattr(value, "__dict__", None)
        if isinstance(value, Queue):  # the number of items that ever were in it is no progress
            own = {"_queue": own.get("_queue")}
        parts: list[int] = []
        if isinstance(own, dict):
            parts = [self.value(one, depth) for one in list(islice(own.values(), ATTRIBUTES))]
        for slots in (vars(base).get("__slots__", ()) for base in kind.__mro__):
            for name in (slots,) if isinstance(slots, str) else tuple(slots)[:ATTRIBUTES]:
                member = kind.__dict__.get(name)
                if type(member).__name__ == "member_descriptor" and hasattr(value, name):
                    parts.append(self.value(getattr(value, name), depth))
        return hash((kind, *parts))


def _is_iterator(value: Any) -> bool:
    kind = type(value)
    return kind.__module__ in _ITERATOR_HOMES and hasattr(kind, "__next__") and hasattr(kind, "__iter__")


def _first(items: Any) -> list[Any]:
    return [items[number] for number in range(MOST)]


def _last(items: Any) -> list[Any]:
    return [items[-number] for number in range(1, MOST + 1)]
