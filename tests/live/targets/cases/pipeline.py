"""A pipeline of queues that carry constant items at full speed."""

import asyncio

import lifetime

lifetime.begin()


async def produce(out):
    while True:
        await out.put("item")


async def upper(source, out):
    while True:
        await out.put((await source.get()).upper())


async def count(source):
    number = 0
    while True:
        number += len(await source.get())


async def main():
    first, second = asyncio.Queue(10), asyncio.Queue(10)
    lifetime.ready()
    await asyncio.gather(produce(first), upper(first, second), count(second))


asyncio.run(main())
