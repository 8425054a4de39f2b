"""A small log server that speaks both wires and misbehaves on request, for the viewers' tests."""

import asyncio
import contextlib
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


async def empty_flood(ws: web.WebSocketResponse) -> None:
    """Send a line, then empty frames until the viewer is gone."""
    await ws.send_str("line 1")
    with contextlib.suppress(ConnectionError):
        while not ws.closed:
            await ws.send_str("")
            await asyncio.sleep(0)


async def repeating(ws: web.WebSocketResponse) -> None:
    """Send the log three times over."""
    for _ in range(3):
        await plain(ws)


async def broken(ws: web.WebSocketResponse) -> None:
    """Send a line and a half, and break the connection."""
    await ws.send_bytes(b"line 1\nline")
    transport = ws.get_extra_info("socket")
    del transport
    assert ws._req is not None  # noqa: SLF001 - the fault is made below the public face
    assert ws._req.transport is not None  # noqa: SLF001
    ws._req.transport.abort()  # noqa: SLF001


VARIANTS: dict[str, Serve] = {
    "plain": plain,
    "framed": framed,
    "open": open_ended,
    "empties": empty_flood,
    "repeating": repeating,
    "broken": broken,
}


@dataclass
class LogServer:
    """A running server, and what it saw."""

    base: str = ""
    open_views: int = 0
    close_codes: list[int] = field(default_factory=list)
    pods: list[dict[str, object]] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

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
        serve = VARIANTS.get("open" if variant == "bypass" else variant)
        if serve is None:
            return web.json_response({"message": f"there is no variant {variant}"}, status=404)
        protocols = (SUBPROTOCOL,) if variant in {"framed", "broken"} else ()
        ws = web.WebSocketResponse(protocols=protocols, compress=False)
        await ws.prepare(request)
        self.open_views += 1
        try:
            await serve(ws)
            await ws.close()
        finally:
            self.open_views -= 1
            self.close_codes.append(ws.close_code or 0)
            self.changed.set()
        return ws

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


async def _main() -> None:
    """Serve until killed; prints the address. For a server in a process of its own."""
    async with serving() as server:
        print(server.base, flush=True)  # noqa: T201 - the ready line
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main())
