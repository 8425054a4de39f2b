"""A server on uvloop that takes frames from clients, each of which goes away after three."""

import asyncio

import lifetime
import uvloop

FIXED = lifetime.begin()
frames = []


class Session:
    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    async def handle(self):
        while not self.writer.is_closing():
            frame = await self.reader.read(256)
            if FIXED and not frame:
                break
            frames.extend(frame.split())
        self.writer.close()


async def accept(reader, writer):
    await Session(reader, writer).handle()


async def client(port):
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(3):
        writer.write(b"temperature=21.5\n")
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    await client(server.sockets[0].getsockname()[1])
    lifetime.ready()
    await asyncio.sleep(3600)


uvloop.install()
asyncio.run(main())
