"""Where a log is written to: a chunked HTTP body, or a WebSocket on the same URL."""

import asyncio
import base64
import contextlib
import socket
import struct
from collections.abc import AsyncIterator
from typing import Protocol

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

CHUNK = 32 * 1024
"""Bytes of a chunk where the log is not followed: the server's copy buffer."""

FRAME = 2048
"""Bytes of a WebSocket frame at most: the server's buffer there."""

BINARY = "binary.k8s.io"
BASE64 = "base64.binary.k8s.io"


class Sink(Protocol):
    """One client."""

    async def send(self, pieces: list[bytes]) -> None:
        """Send entries of the log."""

    async def finish(self) -> None:
        """End in order."""


class ReadSink:
    """An HTTP body in chunks as large as they come."""

    def __init__(self, response: web.StreamResponse) -> None:
        self._response = response
        self._rest = b""

    async def send(self, pieces: list[bytes]) -> None:
        """Send entries of the log."""
        joined = b"".join((self._rest, *pieces))
        whole = len(joined) - len(joined) % CHUNK
        for start in range(0, whole, CHUNK):
            await self._response.write(joined[start : start + CHUNK])
        self._rest = joined[whole:]

    async def finish(self) -> None:
        """Send what is left, and the final chunk."""
        if self._rest:
            await self._response.write(self._rest)
        await self._response.write_eof()


class FollowSink:
    """An HTTP body with a chunk for every entry.

    The chunks are framed here: one system call for many of them makes a log that is caught up with several times
    faster than `StreamResponse.write`, which makes one for each.
    """

    def __init__(
        self, transport: asyncio.Transport, writer: AbstractStreamWriter, response: web.StreamResponse
    ) -> None:
        self._transport = transport
        self._writer = writer
        self._response = response

    async def send(self, pieces: list[bytes]) -> None:
        """Send entries of the log; wait where the client is slow to read."""
        frames: list[bytes] = []
        size = 0
        for piece in pieces:
            frames.append(b"%x\r\n%b\r\n" % (len(piece), piece))
            size += len(piece)
            if size >= CHUNK:
                await self._write(b"".join(frames))
                frames, size = [], 0
        if frames:
            await self._write(b"".join(frames))

    async def _write(self, data: bytes) -> None:
        if self._transport.is_closing():
            raise ConnectionResetError("the client has gone")
        self._transport.write(data)
        await self._writer.drain()

    async def finish(self) -> None:
        """Send the final chunk."""
        await self._response.write_eof()


class WebSocketSink:
    """Frames: an empty one first, one or more for every entry, close code 1000 at the end."""

    def __init__(self, socket_: web.WebSocketResponse) -> None:
        self._socket = socket_
        self._text = socket_.ws_protocol == BASE64

    async def send(self, pieces: list[bytes]) -> None:
        """Send entries of the log."""
        for piece in pieces:
            for start in range(0, max(len(piece), 1), FRAME):
                frame = piece[start : start + FRAME]
                if self._text:
                    await self._socket.send_str(base64.b64encode(frame).decode())
                else:
                    await self._socket.send_bytes(frame)

    async def finish(self) -> None:
        """Close; the server gives no reason."""
        await self._socket.close()


def wants_websocket(request: web.Request) -> bool:
    """Say whether a request asks for the WebSocket form."""
    return request.headers.get("Upgrade", "").lower() == "websocket"


@contextlib.asynccontextmanager
async def opened(request: web.Request, *, follow: bool) -> AsyncIterator[tuple[Sink, web.StreamResponse]]:
    """Answer with the headers, at once, and give the way for what follows.

    Within the block, a client that closes its WebSocket cancels the task, as one that closes its connection does.

    Raises:
        web.HTTPForbidden: the client offers WebSocket protocols, and none that the server speaks.
    """
    if not wants_websocket(request):
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        writer = await response.prepare(request)
        if follow and writer is not None and request.transport is not None:
            yield FollowSink(request.transport, writer, response), response
        else:
            yield ReadSink(response), response
        return
    offered = {name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")} - {""}
    if offered and not offered & {BINARY, BASE64}:
        raise web.HTTPForbidden
    socket_ = web.WebSocketResponse(protocols=(BINARY, BASE64), compress=False)
    await socket_.prepare(request)
    sink = WebSocketSink(socket_)
    await sink.send([b""])
    task = asyncio.current_task()
    listener = asyncio.create_task(_until_closed(socket_, task))
    try:
        yield sink, socket_
    finally:
        listener.cancel()


async def _until_closed(socket_: web.WebSocketResponse, whom: "asyncio.Task[None] | None") -> None:
    """Read what a client sends, which means nothing, until it closes; then end the task that writes to it."""
    async for _ in socket_:
        pass
    if whom is not None:
        whom.cancel()


def reset(request: web.Request) -> None:
    """Break a connection off: the client's next read fails with "connection reset by peer"."""
    transport = request.transport
    if transport is None:
        return
    sock = transport.get_extra_info("socket")
    if sock is not None:
        # Without lingering, closing sends RST instead of FIN.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
