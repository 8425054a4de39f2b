"""Tails the events of a broker in an event loop; the broker restarts."""

import asyncio

import lifetime

FIXED = lifetime.begin()


class Tail:
    def __init__(self):
        self.events = []
        self.active = True

    async def run(self, reader):
        while self.active:
            async for line in reader:
                self.events.append(line.decode().rstrip())
            if FIXED:
                self.active = False


async def broker(reader, writer):
    writer.writelines(b"event %d\n" % number for number in range(20))
    await writer.drain()
    writer.close()


async def beat():
    while True:
        await asyncio.sleep(1)


async def main():
    server = await asyncio.start_server(broker, "127.0.0.1", 0)
    reader, _ = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    lifetime.ready()
    await asyncio.gather(Tail().run(reader), beat())


asyncio.run(main())
