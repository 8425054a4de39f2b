"""A small log server that speaks both wires and misbehaves on request, for the viewers' tests."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import WSCloseCode, web

from repro.viewers.wire import SUBPROTOCOL

Serve = Callable[[web.WebSocketResponse], Awaitable[None]]


def lines(count: int, first: int = 1) -> list[str]:
    """Give the numbered lines of a log."""
    return [f"line {number}" for number in range(first, first + count)]


async def plain(ws: web.WebSocketResponse) -> None:
    """Send 20 lines as text frames and close."""
    for line in lines(20):
        await ws.send_str(line)


async def framed(ws: web.WebSocketResponse) -> None:
    """Send 20 lines in pieces that cut lines, the last without a newline; say why it ended, and close."""
    log = "\n".join(lines(20)).encode()
    for start in range(0, len(log), 7):
        await ws.send_bytes(log[start : start + 7])
    await ws.send_str('{"type": "end", "reason": "Completed", "exitCode": 0}')
    await ws.close(code=WSCloseCode.OK, message=b"Completed")


async def open_ended(ws: web.WebSocketResponse) -> None:
    """Send a line and wait until the viewer has left."""
    await ws.send_str("line 1")
    async for _ in ws:
        pass


async def repeating(ws: web.WebSocketResponse) -> None:
    """Send the log three times over."""
    for _ in range(3):
        await plain(ws)


async def broken(ws: web.WebSocketResponse) -> None:
    """Send a line and a half, and break the connection."""
    await ws.send_bytes(b"line 1\nline")
    # The fault is made below the public face.
    assert ws._req is not None  # noqa: SLF001
    assert ws._req.transport is not None  # noqa: SLF001
    ws._req.transport.abort()  # noqa: SLF001


async def restarting(ws: web.WebSocketResponse) -> None:
    """Send two runs of a container, the second announced as one, and end with an error."""
    await ws.send_bytes(b"line 1\nline 2")
    await ws.send_str('{"type": "restarted", "message": "once more"}')
    await ws.send_bytes(b"line 1\nline 2\n")
    await ws.close(code=WSCloseCode.INTERNAL_ERROR)


VARIANTS: dict[str, Serve] = {
    "plain": plain,
    "framed": framed,
    "open": open_ended,
    "repeating": repeating,
    "broken": broken,
    "restarting": restarting,
}
FRAMED = {"framed", "broken", "restarting"}
"""The variants that speak `hotloop.log.v1`."""


@dataclass
class LogServer:
    """A running server, and what it saw."""

    base: str = ""
    open_views: int = 0
    close_codes: list[int] = field(default_factory=list)
    pods: list[dict[str, object]] = field(default_factory=list)
    all_left: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when no view is open any more."""
    flooding: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a viewer was sent many empty frames."""
    blocked: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a viewer took nothing of a flood."""

    async def logs(self, request: web.Request) -> web.StreamResponse:
        """Answer a view."""
        variant, pod = request.match_info["variant"], request.match_info["pod"]
        if pod == "nosuch":
            return web.json_response({"message": f'pods "{pod}" not found'}, status=404)
        upgrade = request.headers.get("Upgrade", "").lower() == "websocket"
        if variant == "bypass" and not upgrade:
            if pod == "running":
                return web.json_response({"message": "the pod is running"}, status=426)
            return web.Response(text="\n".join(lines(20)))
        serve = {**VARIANTS, "flood": self.flood, "empties": self.empties}.get(
            "open" if variant == "bypass" else variant
        )
        if serve is None:
            return web.json_response({"message": f"there is no variant {variant}"}, status=404)
        protocols = (SUBPROTOCOL,) if variant in FRAMED else ()
        ws = web.WebSocketResponse(protocols=protocols, compress=False)
        await ws.prepare(request)
        self.open_views += 1
        try:
            await serve(ws)
            await ws.close()
        finally:
            self.open_views -= 1
            self.close_codes.append(ws.close_code or WSCloseCode.ABNORMAL_CLOSURE)
            if not self.open_views:
                self.all_left.set()
        return ws

    async def flood(self, ws: web.WebSocketResponse) -> None:
        """Send as much as the viewer takes, until it takes nothing for a while."""
        try:
            while True:
                await asyncio.wait_for(ws.send_str("line 1" + "." * 65536), 0.3)
        except TimeoutError:
            self.blocked.set()

    async def empties(self, ws: web.WebSocketResponse) -> None:
        """Send a line, then empty frames until the viewer is gone."""
        await ws.send_str("line 1")
        with contextlib.suppress(ConnectionError):
            for sent in itertools.count():
                await ws.send_str("")
                await asyncio.sleep(0)
                if sent == 100:
                    self.flooding.set()

    async def health(self, _: web.Request) -> web.Response:
        """Answer the health check."""
        return web.Response(text="ok")

    async def list_pods(self, _: web.Request) -> web.Response:
        """List the pods."""
        return web.json_response(self.pods)


@contextlib.asynccontextmanager
async def serving(host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[LogServer]:
    """Run the server for a while."""
    server = LogServer()
    app = web.Application()
    app.router.add_get("/logs/{variant}/{namespace}/{pod}", server.logs)
    app.router.add_get("/healthz", server.health)
    app.router.add_get("/pods", server.list_pods)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, host, port)
    await site.start()
    server.base = f"http://{host}:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@contextlib.asynccontextmanager
async def frozen() -> AsyncIterator[str]:
    """Run a server that takes connections and answers nothing; gives its address."""
    release = asyncio.Event()

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        release.set()
        server.close()


async def _main() -> None:
    """Serve until killed; prints the address. For a server in a process of its own."""
    async with serving() as server:
        print(server.base, flush=True)  # noqa: T201 - the ready line
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
