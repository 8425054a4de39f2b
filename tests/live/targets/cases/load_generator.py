"""A load generator at full speed against a server in a child process."""

import asyncio
import os
import socket

import aiohttp
import lifetime
from aiohttp import web

lifetime.begin()


async def hello(request):
    return web.Response(text="hello")


def serve(listener):
    lifetime.child()
    app = web.Application()
    app.router.add_get("/", hello)
    web.run_app(app, sock=listener, print=None)


async def visit(session, url):
    while True:
        async with session.get(url) as response:
            assert await response.text() == "hello"


async def main(port):
    async with aiohttp.ClientSession() as session:
        lifetime.ready()
        await asyncio.gather(*(visit(session, f"http://127.0.0.1:{port}/") for _ in range(4)))


listener = socket.create_server(("127.0.0.1", 0))
if os.fork() == 0:
    serve(listener)
asyncio.run(main(listener.getsockname()[1]))
