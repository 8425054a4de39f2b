"""Stops a consumer that looks after its own clean-up."""

import asyncio

import lifetime

FIXED = lifetime.begin()


async def consume(items):
    seen = 0
    while True:
        try:
            seen += await items.get()
        except asyncio.CancelledError:
            if FIXED:
                raise
            seen = 0  # start anew


async def stop(task):
    while not task.done():
        task.cancel()
        await asyncio.sleep(0)


async def main():
    task = asyncio.ensure_future(consume(asyncio.Queue()))
    await asyncio.sleep(0.1)
    lifetime.ready()
    await stop(task)
    await asyncio.sleep(3600)


asyncio.run(main())
