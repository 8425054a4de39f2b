"""Routes orders that arrive as JSON lines; the partner hangs up at the end of the trading day."""

import asyncio
import json

import lifetime

FIXED = lifetime.begin()
book = {"buy": [], "sell": []}


async def partner(reader, writer):
    for number in range(30):
        writer.write(json.dumps({"side": ("buy", "sell")[number % 2], "id": number}).encode() + b"\n")
    await writer.drain()
    writer.close()


class Router:
    def __init__(self, reader):
        self.reader = reader

    async def batch(self):
        return [await self.reader.readline() for _ in range(2)]

    async def run(self):
        while True:
            for line in await self.batch():
                match line:
                    case b"":
                        if FIXED:
                            return
                        break
                    case _:
                        order = json.loads(line)
                        book[order["side"]].append(order["id"])


async def main():
    server = await asyncio.start_server(partner, "127.0.0.1", 0)
    reader, _ = await asyncio.open_connection("127.0.0.1", server.sockets[0].getsockname()[1])
    lifetime.ready()
    await Router(reader).run()
    await asyncio.sleep(3600)


asyncio.run(main())
