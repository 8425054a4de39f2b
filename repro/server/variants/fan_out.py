"""Half-fixed again, with a task for each message so that a slow viewer does not hold up the reader.

Once the reader has ended, `next_line` answers with an empty message at once, like a closed channel in Go, and does
so without suspending. The main loop starts a sender for each of them, and as it never gives way, not one of them
gets to run: live tasks and memory grow until the process dies. In Go, where the senders do run, it was 300
thousand goroutines a second and 400 MB of memory.
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
    reader = asyncio.create_task(read_log(stream.content, lines, log.stopping))
    senders: set[asyncio.Task[None]] = set()
    while True:
        line = await next_line(lines, reader)
        sender = asyncio.create_task(ws.send_str(line))
        senders.add(sender)
        sender.add_done_callback(senders.discard)


async def next_line(lines: asyncio.Queue[str], reader: asyncio.Task[None]) -> str:
    """Wait for the next line; empty when there are no more."""
    if lines.empty() and reader.done():
        return ""
    return await lines.get()


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
