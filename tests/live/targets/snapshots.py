"""Threads and event loops in known places with known variables, to be read from memory. Python 3.8 and later.

Usage: snapshots.py values|threads|tasks|frozen|many|uvloop [NUMBER]
"""

# A script that is observed, for old interpreters too.
# ruff: noqa: ANN401, D101, D102, D103, T201, UP035

import asyncio
import collections
import enum
import functools
import json
import sys
import threading
import time
from typing import Any, AsyncGenerator, Iterator, NamedTuple

stop = False
unrelated = [1, 2, 3]


class Color(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 7


class Message(NamedTuple):
    kind: str
    data: bytes


class Plain:
    def __init__(self) -> None:
        self.empty = b""
        self.count = 3
        self.inner = collections.deque([1, 2])


class Slotted:
    __slots__ = ("closed", "never")

    def __init__(self) -> None:
        self.closed = True


def values(outer: str = "closed over") -> None:
    """Hold a variable of every kind, and spin."""
    nothing, yes = None, True
    zero, small, negative, big = 0, 12, -5, 2**70
    real, large_real = 0.25, -1e300
    text, wide, no_text, long_text = "héllo", "待機", "", "x" * 500
    no_bytes, some_bytes, long_bytes = b"", b"a\xff\n", bytes(300) + b"end"
    array, view = bytearray(b"xyz"), memoryview(b"abcd")
    items, no_items, pair, mapping = [1, 2], list(text[:0]), (1, "b"), {"a": b""}
    chosen, frozen, queue, steps = {1, 2}, frozenset([3]), collections.deque([1, 2, 3]), range(5)
    color, level, message = Color.RED, Level.HIGH, Message("text", b"")
    plain, same, other, slotted, error = Plain(), Plain(), Plain(), Slotted(), ValueError("boom", 3)
    other.inner.append(4)
    partial, kind, function, method = functools.partial(print, 1), Plain, values, text.upper
    unset: int
    also = [lambda: outer]
    say()
    while not stop:  # here: values
        pass
    unset = 1
    print(
        nothing, yes, zero, small, negative, big, real, large_real, text, wide, no_text, long_text, no_bytes
    )
    print(some_bytes, long_bytes, array, view, items, no_items, pair, mapping, chosen, frozen, queue, steps)
    print(
        color,
        level,
        message,
        plain,
        same,
        other,
        slotted,
        error,
        partial,
        kind,
        function,
        method,
        also,
        unset,
    )


def counting(started: threading.Event) -> Iterator[int]:
    started.set()
    time.sleep(60)  # here: generator
    yield 1


class Worker(threading.Thread):
    def run(self) -> None:
        for number in counting(ready):
            print(number)


ready = threading.Event()


def threads() -> None:
    Worker(name="worker", daemon=True).start()
    ready.wait()
    say()
    while not stop:  # here: spin
        pass


async def ticks() -> AsyncGenerator[bytes, None]:
    data = b""
    while True:
        await asyncio.sleep(0)
        yield data  # here: ticks


async def consume() -> None:
    async for chunk in ticks():  # here: consume
        last = chunk
        assert not last


class Service:
    def __init__(self, loop: Any) -> None:
        self.loop = loop
        self.turns = 0

    def turn(self, step: int) -> None:  # here: turn
        self.turns += step
        self.loop.call_soon(self.turn, step)


async def asleep(event: Any) -> None:
    await event.wait()


async def serve(sleepers: int) -> None:
    loop = asyncio.get_running_loop()
    service = Service(loop)
    service.turn(2)
    loop.call_later(1000, print)
    event = asyncio.Event()
    tasks = [asyncio.ensure_future(asleep(event)) for _ in range(sleepers)]
    task = asyncio.ensure_future(consume())
    await asyncio.sleep(0.1)
    say()
    await task
    print(tasks)


async def block() -> None:
    asyncio.get_running_loop().call_later(0.001, print)
    say()
    while not stop:  # here: blocked
        pass


def nap() -> None:
    time.sleep(60)


def many(number: int) -> None:
    threading.stack_size(1 << 17)
    for _ in range(number):
        threading.Thread(target=nap, daemon=True).start()
    say()
    while not stop:
        pass


def say() -> None:
    print(json.dumps({"thread": threading.get_native_id()}), flush=True)


def main() -> None:
    mode, *numbers = sys.argv[1:]
    number = int(numbers[0]) if numbers else 0
    if mode == "values":
        values()
    elif mode == "threads":
        threads()
    elif mode == "tasks":
        asyncio.run(serve(number))
    elif mode == "frozen":
        asyncio.run(block())
    elif mode == "uvloop":
        import uvloop  # type: ignore[import-not-found,unused-ignore] # only where it is installed

        uvloop.install()
        asyncio.run(serve(number))
    else:
        many(number)


main()
