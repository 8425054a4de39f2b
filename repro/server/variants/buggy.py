"""Both faults of the incident, as it was deployed.

Fault 1, in `read_log`: at the end of the log, `break` is meant to leave the reader, but leaves only the `for` over
the futures that are done. `read` stays the same finished task, so `asyncio.wait` comes back at once, for ever:
the loop turns a hundred thousand times a second and gets nothing done. In the Go original it was a `break` in a
`select`. A running pod never shows it, for its log has no end.

Fault 2, in `view`: the loop has no way out. It waits for a line that will not come, and as nothing receives from
the WebSocket, nobody notices that the viewer has left. The core stays taken until the server is restarted.
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
    read = asyncio.create_task(content.readline())
    while True:
        done, _ = await asyncio.wait({read, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            if future is stopping:
                return
            line = read.result()
            if not line:
                break
            await lines.put(text(line))
            read = asyncio.create_task(content.readline())
