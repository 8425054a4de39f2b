"""Keeps a task for each of many ways to wait, then holds its event loop. Python 3.8 and later.

Prints for each coroutine where it waits and for what: the line that ends with `# HERE name` is the place `name`.
"""

# A script that is observed, for old interpreters too.
# ruff: noqa: ANN401, ASYNC251, D101, D103, T201, UP006, UP035

import asyncio
import json
import time
from typing import Any, AsyncGenerator, Generator, List


async def inner(event: asyncio.Event) -> None:
    await event.wait()  # HERE inner


async def deep(event: asyncio.Event, depth: int) -> None:
    await (deep(event, depth - 1) if depth else inner(event))


async def keepalive() -> None:
    while True:
        await asyncio.sleep(  # HERE keepalive
            3600,
        )


async def polls() -> None:
    while True:
        await asyncio.sleep(0)  # HERE polls


async def on_task(task: Any) -> None:
    await task  # HERE on_task


async def on_gather(event: asyncio.Event) -> None:
    await asyncio.gather(event.wait(), event.wait())  # HERE on_gather


async def lines(event: asyncio.Event) -> AsyncGenerator[int, None]:
    yield 1
    await inner(event)
    yield 2


async def iterates(event: asyncio.Event) -> None:
    async for _ in lines(event):
        pass


async def steps(event: asyncio.Event) -> None:
    generator = lines(event)
    await generator.__anext__()
    await generator.__anext__()


class Awaitable:
    def __init__(self, event: asyncio.Event) -> None:
        self.event = event

    def __await__(self) -> Generator[Any, None, None]:
        yield from inner(self.event).__await__()

    async def __aenter__(self) -> None:
        await inner(self.event)

    async def __aexit__(self, *_: object) -> None:
        pass


async def on_awaitable(event: asyncio.Event) -> None:
    await Awaitable(event)


async def enters(event: asyncio.Event) -> None:
    async with asyncio.Lock(), Awaitable(event):
        pass


async def takes_two_ways(event: asyncio.Event, way: int) -> None:
    if way:
        await event.wait()  # HERE one
    await event.wait()  # HERE other


async def never() -> None:
    pass


async def main() -> None:
    event = asyncio.Event()
    ways: List[Any] = [keepalive(), polls(), on_gather(event), deep(event, 3), iterates(event), steps(event)]
    ways += [on_awaitable(event), enters(event)]
    ways += [takes_two_ways(event, 1) for _ in range(300)]
    ways += [takes_two_ways(event, 0) for _ in range(40)]
    keep = [asyncio.ensure_future(way) for way in ways]
    keep.append(asyncio.ensure_future(on_task(keep[0])))
    for _ in range(5):
        await asyncio.sleep(0)
    keep.append(asyncio.ensure_future(never()))
    future = "_asyncio.Future"
    expected = [
        ("keepalive", "keepalive", future, 1),
        ("polls", "polls", "", 1),
        ("on_task", "on_task", "_asyncio.Task", 1),
        ("on_gather", "on_gather", "_GatheringFuture", 1),
        *((name, "inner", future, 1) for name in ("deep", "iterates", "steps", "on_awaitable", "enters")),
        ("takes_two_ways", "one", future, 300),
        ("takes_two_ways", "other", future, 40),
        ("never", "not started", "", 1),
        ("main", "running", "", 1),
    ]
    print(json.dumps({"expected": expected}), flush=True)
    time.sleep(3600)


asyncio.run(main())
