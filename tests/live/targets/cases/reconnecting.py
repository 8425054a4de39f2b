"""Tries a service that is down every 100 ms."""

import asyncio
import socket

import lifetime

lifetime.begin()


async def keep_connected(port):
    while True:
        try:
            reader, _ = await asyncio.open_connection("127.0.0.1", port)
            await reader.read()
        except OSError:
            await asyncio.sleep(0.1)


async def main():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    lifetime.ready()
    await keep_connected(port)


asyncio.run(main())
