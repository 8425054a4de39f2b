"""Dispatches lines of a connection through a queue that each round makes anew."""

import asyncio

import lifetime

FIXED = lifetime.begin()
handled = []


async def fill(reader, lines):
    await lines.put(await reader.readline())


async def dispatch(reader):
    while True:
        lines = asyncio.Queue()
        filling = asyncio.ensure_future(fill(reader, lines))
        line = await lines.get()
        await filling
        if FIXED and not line:
            return
        if line.strip():
            handled.append(line)


async def source(reader, writer):
    writer.write(b"one\ntwo\nthree\n")
    await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(source, "127.0.0.1", 0)
    reader, _ = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    lifetime.ready()
    await dispatch(reader)
    await asyncio.sleep(3600)


asyncio.run(main())
