"""An aiohttp client in a chat; the server closes the room."""

import asyncio
import json

import aiohttp
import lifetime
from aiohttp import web

FIXED = lifetime.begin()
history = []


async def room(request):
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    for number in range(5):
        await socket.send_str(json.dumps({"from": "anna", "text": f"message {number}"}))
    await socket.close()
    return socket


async def next_message(socket):
    received = await socket.receive()
    return received.data if isinstance(received.data, str) else None


async def chat(url):
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        while True:
            text = await next_message(socket)
            if text is None:
                if FIXED:
                    return
                continue
            history.append(json.loads(text))


async def main():
    app = web.Application()
    app.router.add_get("/room", room)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    lifetime.ready()
    await chat(f"http://127.0.0.1:{runner.addresses[0][1]}/room")
    await asyncio.sleep(3600)


asyncio.run(main())
