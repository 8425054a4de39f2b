"""Keeps asyncio tasks of many kinds; prints how many of each, then stays idle or spins. Python 3.8 and later.

Usage: tasks.py idle|spin [WAITERS]
"""

# A script that is observed, for old interpreters too; one of its names is not ASCII on purpose.
# ruff: noqa: ANN401, D101, D102, D103, N802, PLC2401, SLF001, T201, UP006, UP035

import asyncio
import json
import sys
from typing import Any, AsyncGenerator, List


async def waiter(event: asyncio.Event) -> None:
    await event.wait()


async def done(_: asyncio.Event) -> None:
    pass


async def naïve_größe_待機(event: asyncio.Event) -> None:
    await event.wait()


class Holder:
    async def method(self, event: asyncio.Event) -> None:
        await event.wait()


class OwnTask(asyncio.Task):  # type: ignore[type-arg] # no subscript at run time on 3.8
    """A subclass, as applications and libraries have."""

    extra = None


async def in_own_task(event: asyncio.Event) -> None:
    await event.wait()


class LikeCoroutine:
    """An object that is awaited like a coroutine, and has no name."""

    def __init__(self, event: asyncio.Event) -> None:
        self._inner = waiter(event)

    def send(self, value: None) -> Any:
        return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        return self._inner.throw(*error)

    def close(self) -> None:
        return self._inner.close()

    def __await__(self) -> Any:
        return self


async def stepped(event: asyncio.Event) -> AsyncGenerator[None, None]:
    await event.wait()
    yield


async def in_python_task(event: asyncio.Event) -> None:
    await event.wait()


async def done_in_python_task(_: asyncio.Event) -> None:
    pass


async def cancelled_in_python_task(event: asyncio.Event) -> None:
    await event.wait()


async def cancelled(event: asyncio.Event) -> None:
    await event.wait()


async def short() -> None:
    pass


async def main(mode: str, waiters: int) -> Any:
    loop, event = asyncio.get_running_loop(), asyncio.Event()
    python_task: Any = asyncio.tasks._PyTask  # type: ignore[attr-defined] # the one written in Python
    keep: List[Any] = [loop.create_task(waiter(event)) for _ in range(waiters)]
    keep += [loop.create_task(Holder().method(event)) for _ in range(200)]
    keep += [loop.create_task(naïve_größe_待機(event)) for _ in range(30)]
    keep += [loop.create_task(done(event)) for _ in range(50)]
    keep += [OwnTask(in_own_task(event), loop=loop) for _ in range(40)]
    like: List[Any] = [LikeCoroutine(event) for _ in range(5)]
    keep += [loop.create_task(each) for each in like]
    generators = [stepped(event) for _ in range(7)]
    steps: List[Any] = [generator.__anext__() for generator in generators]
    keep += [loop.create_task(each) for each in steps]
    keep += [python_task(in_python_task(event), loop=loop) for _ in range(20)]
    keep += [python_task(done_in_python_task(event), loop=loop) for _ in range(10)]
    stopped = [python_task(cancelled_in_python_task(event), loop=loop) for _ in range(6)]
    long_name: Any = waiter(event)
    long_name.__qualname__ = "long_" * 2000
    keep.append(loop.create_task(long_name))
    gone = [loop.create_task(cancelled(event)) for _ in range(1000)]
    await asyncio.sleep(0)
    spared = [task for number, task in enumerate(gone) if number % 2]
    for task in gone:
        if task not in set(spared):
            task.cancel()
    for task in stopped:
        task.cancel()
    await asyncio.sleep(0.01)
    del gone, task
    expected = {
        "waiter": waiters,
        "Holder.method": 200,
        "naïve_größe_待機": 30,
        "in_own_task": 40,
        "stepped (async_generator_asend)": 7,
        "in_python_task": 20,
        "cancelled": 500,
        "main": 1,
        "<LikeCoroutine object>": 5,
        "long": 1,
    }
    finished = {"done": 50, "done_in_python_task": 10, "cancelled_in_python_task": 6}
    created = waiters + 200 + 30 + 50 + 40 + 5 + 7 + 1 + 1000 + 1
    print(json.dumps({"live": expected, "done": finished, "created": created}), flush=True)
    while mode == "spin":
        await asyncio.gather(*(short() for _ in range(3)))
        for task in [loop.create_task(short()) for _ in range(5)]:
            task.cancel()
        del task
        await asyncio.sleep(0)
    await asyncio.sleep(3600)
    return keep, spared, stopped


asyncio.run(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000))
