"""The same misplaced `break`, in a loop that never gives way: the server stops answering.

The reader awaits `readline()` straight. An `await` need not suspend: a stream at its end answers `b""` at once,
without passing through the event loop. So the loop that `break` fails to leave makes two million turns a second
and nothing else runs at all: no other view, no health check, no signal handler, not even the lines that were
read get sent. It looks like a dead process that burns a core.

A line is split at carriage returns because progress bars repaint themselves with them; `break` leaves that `for`.
"""

import asyncio
from typing import Any

from aiohttp import StreamReader, web

from repro.server.podlog import PodLog, text
from repro.server.socket import LogSocket


async def view(request: web.Request, log: PodLog) -> web.StreamResponse:
    """Show the log line by line."""
    stream = await log.follow()
    ws = LogSocket()
    await ws.prepare(request)
    lines: asyncio.Queue[str] = asyncio.Queue()
    asyncio.create_task(read_log(stream.content, lines, log.stopping))  # noqa: RUF006 - what it waits for holds it
    while True:
        line = await lines.get()
        await ws.send_str(line)


async def read_log(content: StreamReader, lines: asyncio.Queue[str], stopping: asyncio.Future[Any]) -> None:
    """Move lines from the pod to the queue, until the server stops."""
    while not stopping.done():
        read = await content.readline()
        for line in read.split(b"\r"):
            if not line:
                break
            await lines.put(text(line))
