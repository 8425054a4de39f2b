"""The first fix: `break` became `return`, and the CPU stayed where it was.

The reader now ends at the end of the log, and says so with an empty message. But the main loop takes the empty
message as the end of a round only: it makes a new queue and a new reader, which finds the log at its end, and so
on. Tasks are created without end, tens of thousands a second; as each is gone before the next, the number of
live ones stands still. The WebSocket is never closed, and nothing is sent that could fail once the viewer has left.
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
    while True:
        lines: asyncio.Queue[str] = asyncio.Queue()
        asyncio.create_task(read_log(stream.content, lines, log.stopping))  # noqa: RUF006 - what it waits for holds it
        while line := await lines.get():
            await ws.send_str(line)


async def read_log(content: StreamReader, lines: asyncio.Queue[str], stopping: asyncio.Future[Any]) -> None:
    """Move lines from the pod to the queue, until the log ends or the server stops."""
    read = asyncio.create_task(content.readline())
    while True:
        done, _ = await asyncio.wait({read, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            if future is stopping:
                return
            line = read.result()
            await lines.put(text(line))
            if not line:
                return
            read = asyncio.create_task(content.readline())
