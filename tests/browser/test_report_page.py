"""The report's page in a real browser: nothing overflows on a phone, nothing complains, both schemes apply."""

import asyncio
import contextlib
import itertools
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from example_reports import report_of
from example_runs import full_comparison

from repro.report import page
from repro.report.pictures import draw

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
    "about:blank",
)
START, ANSWER = 40, 20
"""Seconds to wait for the browser and for one answer of it."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


class Tab:
    """A page of the browser, driven by its DevTools protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Call a method and wait for its answer; events that come meanwhile are kept."""
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "method": method, "params": parameters})
        return await self._until(lambda message: message.get("id") == number)

    async def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        while True:
            message: dict[str, Any] = await self.socket.receive_json(timeout=ANSWER)
            if wanted(message):
                return message
            self.events.append(message)

    async def open(self, path: Path, *, width: int, scheme: str) -> None:
        """Open a file in a window of `width` CSS pixels, in a colour scheme, and wait until it is there."""
        await self.call("Page.enable")
        await self.call("Runtime.enable")
        await self.call("Log.enable")
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=800,
            deviceScaleFactor=1,
            mobile=False,
        )
        await self.call(
            "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
        )
        self.events.clear()
        await self.call("Page.navigate", url=path.as_uri())
        if not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(
                await self._until(lambda message: message.get("method") == "Page.loadEventFired")
            )

    async def value(self, expression: str) -> Any:  # noqa: ANN401 - JSON
        """Evaluate an expression in the page."""
        answer = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"]["result"]["value"]

    def complaints(self) -> list[dict[str, Any]]:
        """Give what the console or the log said since the page was opened."""
        said = {"Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"}
        return [event for event in self.events if event.get("method") in said]


@contextlib.asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Tab]:
    """Start a browser of its own, and end it with all its processes."""
    assert CHROMIUM
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        f"--user-data-dir={profile}",
        *FLAGS,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(START):
            port = await _port(profile / "DevToolsActivePort")
        async with aiohttp.ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json/list") as response:
                targets = await response.json(content_type=None)
            address = next(target["webSocketDebuggerUrl"] for target in targets if target["type"] == "page")
            async with session.ws_connect(address, max_msg_size=0) as socket:
                yield Tab(socket)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, 9)
        await process.wait()


async def _port(file: Path) -> int:
    """Wait for the file in which the browser names its port."""
    while True:
        with contextlib.suppress(OSError, ValueError, IndexError):
            return int(file.read_text().splitlines()[0])  # noqa: ASYNC240 - a small local file
        await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the page of the default scenario as a file."""
    folder = tmp_path_factory.mktemp("report")
    report = report_of(full_comparison(), folder)
    path = folder / "index.html"
    path.write_text(page.render(report, draw(report)), encoding="utf-8")
    return path


def in_browser(profile: Path, use: Callable[[Tab], Coroutine[Any, Any, None]]) -> None:
    """Use a tab of a fresh browser."""

    async def start() -> None:
        async with browser(profile) as tab:
            await use(tab)

    asyncio.run(start())


WIDER = """[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll') && !e.closest('svg')
  && !e.closest('.unseen') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))"""


def test_it_fits_phones_and_desks_without_complaint(index: Path, tmp_path: Path) -> None:
    """At 360, 768 and 1280 pixels the page does not scroll sideways, and the console stays empty."""

    async def look(tab: Tab) -> None:
        for width in (360, 768, 1280):
            await tab.open(index, width=width, scheme="light")
            assert await tab.value(WIDER) == []
            assert await tab.value("document.documentElement.scrollWidth") <= width
            assert tab.complaints() == []

    in_browser(tmp_path, look)


def test_both_schemes_apply_to_page_and_charts(index: Path, tmp_path: Path) -> None:
    """Ground, text and chart lines change with the reader's scheme."""

    async def look(tab: Tab) -> None:
        seen = []
        for scheme in ("light", "dark"):
            await tab.open(index, width=800, scheme=scheme)
            ground = await tab.value("getComputedStyle(document.body).backgroundColor")
            ink = await tab.value("getComputedStyle(document.body).color")
            line = await tab.value(
                "getComputedStyle(document.querySelector('.courses svg path[style*=series-1]')).stroke"
            )
            seen.append((ground, ink, line))
        light, dark = seen
        assert all(one != other for one, other in zip(light, dark, strict=True))

    in_browser(tmp_path, look)
