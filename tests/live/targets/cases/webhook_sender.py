"""Delivers a webhook until the receiver takes it; the receiver answers 500."""

import asyncio

import aiohttp
import lifetime
from aiohttp import web

FIXED = lifetime.begin()


async def receive(request):
    return web.Response(status=500, text="database is locked")


async def deliver(session, url, event):
    attempt = 0
    while True:
        async with session.post(url, json=event) as response:
            if response.status < 300:
                return attempt
        attempt += 1
        if FIXED:
            await asyncio.sleep(min(2**attempt, 30))


async def main():
    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    lifetime.ready()
    async with aiohttp.ClientSession() as session:
        await deliver(session, f"http://127.0.0.1:{runner.addresses[0][1]}/hook", {"event": "paid"})


asyncio.run(main())
