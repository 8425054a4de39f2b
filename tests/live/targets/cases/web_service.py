"""An aiohttp service under the load of one and the same request."""

import asyncio
import os
import socket

import lifetime
from aiohttp import web

lifetime.begin()
REQUEST = b"GET /price HTTP/1.1\r\nHost: x\r\n\r\n"


async def price(request):
    return web.json_response({"price": 42})


def ask(port):
    lifetime.child()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        while True:
            connection.sendall(REQUEST)
            connection.recv(4096)


async def main():
    app = web.Application()
    app.router.add_get("/price", price)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    for _ in range(2):
        if os.fork() == 0:
            ask(runner.addresses[0][1])
    lifetime.ready()
    await asyncio.sleep(3600)


asyncio.run(main())
