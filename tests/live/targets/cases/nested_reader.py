"""Reads a peer's blocks with functions inside a function, from a generator."""

import asyncio

import lifetime

FIXED = lifetime.begin()


def make_reader(reader):
    counts = {"blocks": 0, "bytes": 0}

    async def blocks():
        while True:
            block = await reader.read(64)
            if FIXED and not block:
                return
            yield block

    async def run():
        async for block in blocks():
            counts["blocks"] += bool(block)
            counts["bytes"] += len(block)
            await asyncio.sleep(0)
        return counts

    return run


async def peer(reader, writer):
    writer.write(b"x" * 1000)
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(peer, "127.0.0.1", 0)
    reader, _ = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    lifetime.ready()
    await make_reader(reader)()
    await asyncio.sleep(3600)


asyncio.run(main())
