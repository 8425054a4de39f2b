"""An aiohttp service that asks a slow upstream; a client asks it all the time."""

import asyncio
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import aiohttp
import lifetime
from aiohttp import web

FIXED = lifetime.begin()


class Upstream(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(1.0)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"rain")

    def log_message(self, *_):
        pass


def fetch(url):
    return urllib.request.urlopen(url).read()


async def weather(request):
    url = request.app["upstream"]
    body = await asyncio.to_thread(fetch, url) if FIXED else fetch(url)
    return web.Response(body=body)


async def main():
    upstream = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    app = web.Application()
    app["upstream"] = f"http://127.0.0.1:{upstream.server_address[1]}/"
    app.router.add_get("/weather", weather)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    lifetime.ready()
    async with aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"http://127.0.0.1:{runner.addresses[0][1]}/weather") as response:
                await response.read()


asyncio.run(main())
