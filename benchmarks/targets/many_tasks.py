"""Holds many asyncio tasks, idle or beside a spin; prints how long it takes to list them from inside.

Usage: many_tasks.py TASKS idle|spin
"""

# A script that is observed, for old interpreters too.
# ruff: noqa: D103, T201

import asyncio
import json
import sys
import time


async def waiter(event: asyncio.Event) -> None:
    await event.wait()


async def short() -> None:
    pass


async def main(number: int, mode: str) -> object:
    event = asyncio.Event()
    tasks = [asyncio.ensure_future(waiter(event)) for _ in range(number)]
    await asyncio.sleep(0)
    begin = time.perf_counter()
    listed = len(asyncio.all_tasks())
    seconds = time.perf_counter() - begin
    print(json.dumps({"tasks": listed, "seconds": seconds}), flush=True)
    while mode == "spin":
        await asyncio.ensure_future(short())
    await asyncio.sleep(3600)
    return tasks


asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
