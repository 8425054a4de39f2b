"""Opens a gate once enough visitors have registered."""

import anyio
import lifetime
from anyio.lowlevel import checkpoint

FIXED = lifetime.begin()
visitors = []


async def register():
    for number in range(5):
        visitors.append(number)
        await anyio.sleep(0.05)


async def gate(opened):
    while len(visitors) < 10:
        await (anyio.sleep(0.1) if FIXED else checkpoint())
    opened.set()


async def main():
    opened = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(register)
        group.start_soon(gate, opened)
        lifetime.ready()
        await opened.wait()


anyio.run(main)
