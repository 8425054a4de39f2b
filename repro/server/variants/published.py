"""The article's own fix: the reader returns, and an empty message closes the WebSocket. The CPU is idle again.

What is still wrong with it:

- a last line without a newline is lost: it arrives together with the end of the log, and is taken for it;
- a blank line ends the view, for a line without its newline is empty too;
- a line longer than the stream's buffer (4 MiB), or a connection that is cut, ends the reader with an error that
  nobody sees, and the view hangs;
- nothing receives from the WebSocket: when the viewer leaves a running pod, the next line fails to be sent and the
  view ends, but its reader stays for ever, with its connection to the Kubernetes API and a queue that grows;
- it takes every end of the stream for the end of the log: a restart, a kubelet that died, a container that is not
  there yet.
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
    while line := await lines.get():
        await ws.send_str(line)
    await ws.close()
    return ws


async def read_log(content: StreamReader, lines: asyncio.Queue[str], stopping: asyncio.Future[Any]) -> None:
    """Move lines from the pod to the queue, until the log ends or the server stops."""
    read = asyncio.create_task(content.readline())
    while True:
        done, _ = await asyncio.wait({read, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            if future is stopping:
                return
            line = read.result()
            if not line.endswith(b"\n"):
                await lines.put("")
                return
            await lines.put(text(line))
            read = asyncio.create_task(content.readline())
