"""The two ways a log comes: over a WebSocket, or as the body of a plain HTTP answer."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Literal, Protocol

import aiohttp
from aiohttp import WSCloseCode, WSMsgType

from repro.viewers.conduct import UPGRADE_REQUIRED, said
from repro.viewers.wire import SUBPROTOCOL, Stream


class RefusedError(Exception):
    """The server answered, and the answer was no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"HTTP {status}: {message}")
        self.status = status
        self.message = message


class Channel(Protocol):
    """An open log view's connection."""

    async def take(self, stream: Stream, taken: Callable[[], None]) -> str | None:
        """Feed `stream` until the server ends the log, calling `taken` after each frame.

        Returns: the close code, or None where the connection broke or was left.
        """

    def stop_reading(self) -> None:
        """Take nothing more from the socket; its buffers fill, and the server feels it."""

    async def leave(self, *, abruptly: bool, patience: float) -> None:
        """Walk away, waiting at most `patience` seconds for the server's part; `take` then returns."""


class Tab(aiohttp.ClientWebSocketResponse[Literal[False]]):
    """aiohttp's WebSocket, with its transport at hand: it can be left unread, and cut off."""

    def __init__(self, *parts: Any, **settings: Any) -> None:  # noqa: ANN401 - handed on as they are
        super().__init__(*parts, **settings)
        response: aiohttp.ClientResponse = parts[3]
        transport = response.connection and response.connection.transport
        if transport is None:
            raise aiohttp.ServerDisconnectedError
        self.transport = transport


class SocketChannel:
    """A log over a WebSocket."""

    def __init__(self, tab: Tab) -> None:
        self._tab = tab

    async def take(self, stream: Stream, taken: Callable[[], None]) -> str | None:
        """Take frames until the close frame; pings are answered on the way.

        It suspends only when nothing is at hand. A pause on each frame would let a flood of empty frames pile
        up, since aiohttp's flow control counts payload bytes.
        """
        receive = self._tab.receive
        add_text = stream.add_event if self._tab.protocol == SUBPROTOCOL else stream.add_text
        while True:
            message = await receive()
            if message.type is WSMsgType.TEXT:
                add_text(message.data)
            elif message.type is WSMsgType.BINARY:
                stream.add_binary(message.data)
            elif message.type is WSMsgType.CLOSE:
                return str(int(message.data))
            else:
                return None
            taken()

    def stop_reading(self) -> None:
        """Stop reading the socket."""
        self._tab.transport.pause_reading()

    async def leave(self, *, abruptly: bool, patience: float) -> None:
        """Send the close frame of a closed tab and wait for the server's, or cut the connection."""
        transport = self._tab.transport
        if not abruptly:
            # A tab that had stopped reading must read to see the answer.
            if not transport.is_closing() and not transport.is_reading():
                transport.resume_reading()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._tab.close(code=WSCloseCode.GOING_AWAY)
        transport.abort()


class DownloadChannel:
    """A whole log as the body of an HTTP answer."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response
        # Short bodies have come with the head, and the connection is given back by then.
        self._transport = response.connection.transport if response.connection else None

    async def take(self, stream: Stream, taken: Callable[[], None]) -> str | None:
        """Take the body to its end."""
        try:
            async for piece in self._response.content.iter_any():
                stream.add_bytes(piece)
                taken()
        except aiohttp.ClientError:
            return None
        return f"HTTP {self._response.status}"

    def stop_reading(self) -> None:
        """Stop reading the socket."""
        if isinstance(self._transport, asyncio.Transport) and not self._transport.is_closing():
            self._transport.pause_reading()

    async def leave(self, *, abruptly: bool, patience: float) -> None:  # noqa: ARG002 - HTTP knows no parting
        """Drop the connection, which is how a download is stopped."""
        self._response.close()


def session() -> aiohttp.ClientSession:
    """Make the HTTP client that views share: no limit on connections, none used twice, no time limits."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, force_close=True, ttl_dns_cache=None),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        raise_for_status=refuse,
        ws_response_class=Tab,  # type: ignore[arg-type]  # every view asks for bytes
        cookie_jar=aiohttp.DummyCookieJar(),
    )


async def open_channel(client: aiohttp.ClientSession, url: str, *, download_first: bool) -> Channel:
    """Open a log: over a WebSocket, or by a plain GET first, as `bypass` wants it.

    Raises: `RefusedError`, `aiohttp.ClientError`.
    """
    if download_first:
        try:
            return DownloadChannel(await client.get(url))
        except RefusedError as refused:
            if refused.status != UPGRADE_REQUIRED:
                raise
    tab = await client.ws_connect(
        url,
        protocols=(SUBPROTOCOL,),
        max_msg_size=0,  # a log line may be long
        decode_text=False,  # counted as bytes
        autoping=True,
        # The server's close is answered by `take` seeing it, at once and without a time limit of its own.
        timeout=aiohttp.ClientWSTimeout(ws_close=None),
    )
    assert isinstance(tab, Tab)
    return SocketChannel(tab)


async def refuse(response: aiohttp.ClientResponse) -> None:
    """Raise `RefusedError`, with the server's own words, for an answer that is neither a log nor an upgrade."""
    if response.status in {101, 200}:
        return
    try:
        body = await response.text(errors="replace")
    finally:
        response.close()
    raise RefusedError(response.status, said(body) or response.reason or "no reason given")
