"""The health check that runs beside the views: does the server still answer, and how fast?"""

import asyncio
import threading
import time
from array import array
from types import TracebackType
from typing import Self

import aiohttp

PER_SECOND = 10
TIMEOUT = 1.0
"""Seconds; a probe without an answer by then has failed, as with a liveness probe."""


class HealthProbe:
    """Asks for `/healthz` ten times a second, each time over a connection of its own.

    It runs on a thread and an event loop of its own, so that a flood of frames in the views' loop does not
    pass for a slow server. Use it as a context manager; read the counts afterwards or meanwhile.
    """

    def __init__(self, base: str) -> None:
        self.latencies = array("d")
        """Seconds from the request to the end of the answer."""
        self.failed = 0
        """Probes that were not answered with 200 in time."""
        self._url = base + "/healthz"
        self._stop = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="health probe", daemon=True)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._probe_on_and_on())

    async def _probe_on_and_on(self) -> None:
        """Start a probe every tenth of a second; those without an answer at the end are not judged."""
        connector = aiohttp.TCPConnector(limit=0, force_close=True, ttl_dns_cache=None)
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        running: set[asyncio.Task[None]] = set()
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as client:
            due = self._loop.time()
            while not self._stop.is_set():
                task = asyncio.create_task(self._probe(client))
                running.add(task)
                task.add_done_callback(running.discard)
                due = max(due + 1 / PER_SECOND, self._loop.time())
                await self._stopped_by(due)
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def _stopped_by(self, due: float) -> None:
        try:
            async with asyncio.timeout_at(due):
                await self._stop.wait()
        except TimeoutError:
            return

    async def _probe(self, client: aiohttp.ClientSession) -> None:
        begun = time.perf_counter()
        try:
            async with client.get(self._url) as answer:
                await answer.read()
                answered = answer.status == 200  # noqa: PLR2004 - HTTP's OK
        except (TimeoutError, aiohttp.ClientError):
            answered = False
        if answered:
            self.latencies.append(time.perf_counter() - begun)
        else:
            self.failed += 1
