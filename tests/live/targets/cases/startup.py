"""Builds an index when it starts, inside the event loop, before it serves anybody."""

import asyncio

import lifetime

lifetime.begin()


def build():
    index = {}
    for number in range(20_000_000):
        key = hash(str(number)) % 10007
        index[key] = index.get(key, 0) + 1
    return index


async def main():
    lifetime.ready()
    index = build()
    await asyncio.start_server(lambda reader, writer: writer.write(str(len(index)).encode()), "127.0.0.1", 0)
    await asyncio.sleep(3600)


asyncio.run(main())
