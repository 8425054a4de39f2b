"""A server that keeps an eye on each request with a task of its own."""

import asyncio

import aiohttp
import lifetime
from aiohttp import web

FIXED = lifetime.begin()
background = set()


async def watch_over(request):
    while not FIXED or request.transport is None:
        await asyncio.sleep(30)


async def index(request):
    task = asyncio.ensure_future(watch_over(request))
    background.add(task)
    task.add_done_callback(background.discard)
    return web.Response(text="hello")


async def visit(url):
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(url) as response:
                await response.read()
            await asyncio.sleep(0.02)


async def main():
    app = web.Application()
    app.router.add_get("/", index)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    lifetime.ready()
    await asyncio.gather(*(visit(f"http://127.0.0.1:{runner.addresses[0][1]}/") for _ in range(3)))


asyncio.run(main())
