"""A web server at its limit: aiohttp and the clients that load it, in one process on one core.

The clients are in the same event loop, so that throughput is bounded by this process alone and nothing else
competes with the observer. Prints a line of JSON every tenth of a second: time, requests served so far, CPU
seconds used, seconds waited for the core.

Usage: served.py CORE SECONDS
"""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from aiohttp import web

CLIENTS = 16
REQUEST = b"GET /pods HTTP/1.1\r\nHost: localhost\r\n\r\n"
BODY = json.dumps(
    [{"namespace": "shop", "name": f"web-{number}", "phase": "Running"} for number in range(20)]
)


class Client(asyncio.Protocol):
    """Asks again as soon as it is answered."""

    served = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first time."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = b""
        transport.write(REQUEST)

    def data_received(self, data: bytes) -> None:
        """Count an answer once it is whole."""
        self.received += data
        if self.received.endswith(BODY[-40:].encode()):
            Client.served += 1
            self.received = b""
            self.transport.write(REQUEST)


async def pods(_request: web.Request) -> web.Response:
    """Answer as the log service does, with a list."""
    return web.Response(text=BODY, content_type="application/json")


def run_wait() -> float:
    """Give the seconds that the only thread at work has waited for its core."""
    return int(Path("/proc/self/schedstat").read_text().split()[1]) * 1e-9


async def main(seconds: float) -> None:
    """Serve, ask and count for a time."""
    application = web.Application()
    application.router.add_get("/pods", pods)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0]
    loop = asyncio.get_running_loop()
    for _ in range(CLIENTS):
        await loop.create_connection(Client, host, port)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(0.1)
        waited = run_wait()
        line = {"at": time.time(), "served": Client.served, "cpu": time.process_time(), "waited": waited}
        print(json.dumps(line), flush=True)  # noqa: T201 - what it is run for


if __name__ == "__main__":
    if sys.argv[1] != "any":
        os.sched_setaffinity(0, {int(sys.argv[1])})
    asyncio.run(main(float(sys.argv[2])))
