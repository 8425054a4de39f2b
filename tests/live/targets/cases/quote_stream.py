"""Keeps a stream of quotes open; the server takes the connection and closes it at once."""

import asyncio
import contextlib

import lifetime

FIXED = lifetime.begin()
quotes = []


async def refuse(reader, writer):
    writer.close()


@contextlib.asynccontextmanager
async def connected(port):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader
    finally:
        writer.close()


async def stream(port):
    while True:
        async with connected(port) as reader:
            async for line in reader:
                quotes.append(line)
        if FIXED:
            await asyncio.sleep(1)


async def main():
    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    lifetime.ready()
    await stream(server.sockets[0].getsockname()[1])


asyncio.run(main())
