"""The exemplary one: the log to the last byte, an end that says why, and nothing left behind.

What it does beside the buggy one:

- the end of a stream is not the end of the log: the follow decides from the pod, resumes what was cut without loss
  or repeat, follows a restart, and waits for a container that is not there yet by watching its pod;
- views of the same log share its follow: the Kubernetes API is asked once;
- it returns, with an end event and a close code that say why;
- one task sends, another receives, so that a viewer who leaves is noticed at once; whoever ends first ends the other;
- the log goes out as it comes, in bytes: nothing to decode, no line too long, many lines a frame;
- a viewer who does not read holds up his own view only, and not for long; a ping finds the one who has vanished.
"""

import asyncio
from contextlib import suppress

from aiohttp import WSCloseCode, web

from repro.server.events import PROTOCOL, UPSTREAM_ERROR, Event, encode
from repro.server.limits import LIMITS, SEATS, Limits
from repro.server.podlog import PodLog
from repro.server.sharing import FOLLOWS, SharedFollows
from repro.server.socket import LogSocket

FRAME = 1 << 18
"""Bytes of the largest frame; browsers and clients have limits."""


async def view(request: web.Request, log: PodLog) -> web.StreamResponse:
    """Show the log."""
    limits = request.app[LIMITS]
    with request.app[SEATS].taken(log.pod.metadata.uid):
        ws = LogSocket(protocols=[PROTOCOL], heartbeat=limits.heartbeat, max_msg_size=1 << 12)
        await ws.prepare(request)
        writer = asyncio.create_task(write_log(Viewer(ws, limits), log, request.app[FOLLOWS]))
        reader = asyncio.create_task(until_left(ws))
        code, why = WSCloseCode.INTERNAL_ERROR, "internal error"
        try:
            await asyncio.wait({writer, reader, log.stopping}, return_when=asyncio.FIRST_COMPLETED)
            if writer.done():
                code, why = writer.result()
            else:
                code, why = WSCloseCode.GOING_AWAY, "the server shuts down"
        except ConnectionResetError:
            code, why = WSCloseCode.GOING_AWAY, "the viewer has left"
        finally:
            writer.cancel()
            reader.cancel()
            await asyncio.wait({writer, reader})
            await close(request, ws, limits, code, why)
    return ws


class Viewer:
    """Where the log goes; too slow a viewer is a TimeoutError."""

    def __init__(self, ws: LogSocket, limits: Limits) -> None:
        self._ws = ws
        self._patience = limits.send_timeout

    async def data(self, data: bytes) -> None:
        """Send log."""
        for start in range(0, len(data), FRAME):
            async with asyncio.timeout(self._patience):
                await self._ws.send_bytes(data[start : start + FRAME])

    async def event(self, event: Event) -> None:
        """Send an event."""
        async with asyncio.timeout(self._patience):
            await self._ws.send_str(encode(event))


async def write_log(viewer: Viewer, log: PodLog, follows: SharedFollows) -> tuple[WSCloseCode, str]:
    """Send the log, and at its end say why; answer the close code and its reason."""
    try:
        end = await follows.follow(log, viewer)
        await viewer.event(end)
    except TimeoutError:
        return WSCloseCode.TRY_AGAIN_LATER, "the viewer does not read"
    return WSCloseCode.INTERNAL_ERROR if end.reason == UPSTREAM_ERROR else WSCloseCode.OK, end.reason


async def until_left(ws: LogSocket) -> None:
    """Receive until the viewer leaves; what he says is of no interest."""
    async for _ in ws:
        pass


async def close(request: web.Request, ws: LogSocket, limits: Limits, code: int, why: str) -> None:
    """Say goodbye, but do not wait for long, nor for what lies unsent."""
    with suppress(TimeoutError):
        async with asyncio.timeout(limits.close_timeout):
            await ws.close(code=code, message=why.encode())
    if request.transport is not None:
        request.transport.abort()
