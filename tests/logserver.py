"""The log service over a scripted API, and a viewer, in the test's own event loop."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web
from logapi import LogApi

from repro.server.app import application
from repro.server.cluster import Clients
from repro.server.events import PROTOCOL
from repro.server.limits import Limits

QUICK = Limits(retry_floor=0.02, retry_cap=0.05, patience=60, close_timeout=0.5, send_timeout=5)
"""Bounds for tests: next to no pauses."""


@dataclass
class Seen:
    """What a viewer got."""

    data: bytes = b""
    lines: list[str] = field(default_factory=list)
    """TEXT frames that are no JSON objects."""
    events: list[dict[str, Any]] = field(default_factory=list)
    code: int | None = None
    reason: str = ""

    @property
    def types(self) -> list[str]:
        """The events' types, in order."""
        return [event["type"] for event in self.events]


@dataclass
class Server:
    """A running log service."""

    app: web.Application
    runner: web.AppRunner
    session: aiohttp.ClientSession
    url: str

    def path(self, variant: str = "hardened", pod: str = "pod", query: str = "") -> str:
        """Give a log view's path."""
        return f"/logs/{variant}/default/{pod}{query}"

    @contextlib.asynccontextmanager
    async def view(
        self, variant: str = "hardened", pod: str = "pod", *, autoping: bool = True
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """Open a log view, and leave it like a closed tab: without a goodbye that somebody must answer."""
        protocols = [PROTOCOL] if variant == "hardened" else ()
        async with aiohttp.ClientSession(self.url) as session:
            ws = await session.ws_connect(self.path(variant, pod), protocols=protocols, autoping=autoping)
            yield ws

    async def watch(self, variant: str = "hardened", pod: str = "pod") -> Seen:
        """Look at a log to its end."""
        async with self.view(variant, pod) as ws:
            return await see(ws)


async def see(
    ws: aiohttp.ClientWebSocketResponse, enough: Callable[[Seen], bool] = lambda _seen: False
) -> Seen:
    """Receive until the server closes, or until what was seen is enough."""
    seen = Seen()
    while not enough(seen):
        message = await ws.receive(timeout=10)
        if message.type is aiohttp.WSMsgType.BINARY:
            seen.data += message.data
        elif message.type is aiohttp.WSMsgType.TEXT and message.data.startswith("{"):
            seen.events.append(json.loads(message.data))
        elif message.type is aiohttp.WSMsgType.TEXT:
            seen.lines.append(message.data)
        else:
            seen.code, seen.reason = ws.close_code, str(message.extra or "")
            break
    return seen


@contextlib.asynccontextmanager
async def log_server(api: LogApi, limits: Limits = QUICK) -> AsyncIterator[Server]:
    """Serve the logs of `api`, which is served too."""
    async with api.serving():
        app = application(Clients(api.configuration()), limits=limits)
        runner = web.AppRunner(app, shutdown_timeout=0.1, handle_signals=False)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0]
        try:
            url = f"http://{host}:{port}"
            async with aiohttp.ClientSession(url) as session:
                yield Server(app, runner, session, url)
        finally:
            await runner.cleanup()


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for a condition."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
