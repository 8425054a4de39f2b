"""A trio program that passes constant items through a channel."""

import lifetime
import trio

lifetime.begin()


async def produce(channel):
    while True:
        await channel.send("item")


async def consume(channel):
    count = 0
    async for item in channel:
        count += len(item)


async def main():
    sending, receiving = trio.open_memory_channel(5)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(produce, sending)
        nursery.start_soon(consume, receiving)
        lifetime.ready()


trio.run(main)
