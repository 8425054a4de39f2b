"""What the server counts about itself, for `/metrics`.

The views count with plain integers, which a beat moves to the metrics once a second: a counter of the metrics
library costs as much as a short log line. The beat also measures how late the event loop runs.
"""

import asyncio
import os
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Final

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

from diag.testing.meter import LoopCounts, LoopMeter

BEAT: Final = 1.0
"""Seconds between two beats."""


@dataclass
class Tally:
    """Counts of one variant since the last beat."""

    sessions: int = 0
    messages: int = 0
    log_requests: int = 0
    reconnects: int = 0
    ends: int = 0


@dataclass
class View:
    """One log view, known to everything that runs on its behalf."""

    tally: Tally
    log_requests: int = 0


_VIEW: ContextVar[View] = ContextVar("view")
_NOBODY = View(Tally())


def current_view() -> View:
    """Give the view on whose behalf the caller runs; one that nobody reads where there is none."""
    return _VIEW.get(_NOBODY)


@dataclass
class Metrics:
    """The metrics of one process."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    muted: bool = False
    """Whether nothing is to be counted."""
    tallies: dict[str, Tally] = field(default_factory=dict)

    def __post_init__(self) -> None:
        registry, by = self.registry, ["variant"]
        self._open = Gauge(
            "hotloop_sessions_open", "Log views open.", by, registry=registry, multiprocess_mode="livesum"
        )
        self._counters = {
            "sessions": Counter("hotloop_sessions", "Log views opened.", by, registry=registry),
            "messages": Counter("hotloop_messages", "Frames sent to viewers.", by, registry=registry),
            "log_requests": Counter(
                "hotloop_log_requests", "Log requests to the Kubernetes API.", by, registry=registry
            ),
            "reconnects": Counter(
                "hotloop_reconnects", "Log requests of a view after its first.", by, registry=registry
            ),
            "ends": Counter("hotloop_stream_ends", "Log streams that reached EOF.", by, registry=registry),
        }
        self._loop_counters = {
            "turns": Counter("hotloop_loop_turns", "Turns of the event loop.", registry=registry),
            "empty_turns": Counter(
                "hotloop_loop_empty_turns",
                "Turns that nothing from outside had caused: a spin makes nothing else.",
                registry=registry,
            ),
            "tasks_created": Counter("hotloop_tasks_created", "Asyncio tasks made.", registry=registry),
        }
        self._meter = LoopMeter()
        self._counted = LoopCounts()
        self._lag = Gauge(
            "hotloop_loop_lag_seconds",
            "How late the event loop woke a timer last.",
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._beat = Gauge(
            "hotloop_loop_beat_timestamp_seconds",
            "When the event loop last woke a timer; the oldest of the workers.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._tasks = Gauge(
            "hotloop_tasks", "Live asyncio tasks.", registry=registry, multiprocess_mode="livesum"
        )

    def opened(self, variant: str) -> None:
        """Count a view as open, and name it as the current one."""
        tally = self.tallies.setdefault(variant, Tally())
        tally.sessions += 1
        _VIEW.set(View(tally))
        if not self.muted:
            self._open.labels(variant).inc()

    def closed(self, variant: str) -> None:
        """Count a view as over."""
        if not self.muted:
            self._open.labels(variant).dec()

    def flush(self) -> None:
        """Move what the views have counted to the metrics."""
        if self.muted:
            return
        for variant, tally in self.tallies.items():
            for name, counter in self._counters.items():
                if count := getattr(tally, name):
                    counter.labels(variant).inc(count)
                    setattr(tally, name, 0)
        self._tasks.set(len(asyncio.all_tasks()))
        counts = self._meter.counts()
        for name, counter in self._loop_counters.items():
            counter.inc(getattr(counts, name) - getattr(self._counted, name))
        self._counted = counts

    async def beat(self) -> None:
        """Count the loop's turns, flush, and measure the loop's lag, until cancelled."""
        if self.muted:
            return
        with self._meter:
            await self._beat_on()

    async def _beat_on(self) -> None:
        self._beat.set(time.time())
        while True:
            due = time.monotonic() + BEAT
            await asyncio.sleep(BEAT)
            lag = max(0.0, time.monotonic() - due)
            self._beat.set(time.time())
            self._lag.set(lag)
            self.flush()

    def trace(self) -> aiohttp.TraceConfig:
        """Give an observer that counts the log requests of the client it is set on, and their ends."""
        config = aiohttp.TraceConfig()
        config.on_request_start.append(_count_request)
        config.on_request_end.append(_count_end)
        return config


SHARED: Final = "PROMETHEUS_MULTIPROC_DIR" in os.environ
"""Whether several processes count together; the library decides it at its import, and so does this."""


def exposition(registry: CollectorRegistry) -> bytes:
    """Render `registry`, or the metrics of all processes where they count together."""
    if SHARED:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library leaves it unannotated
    return generate_latest(registry)


def exposition_of_all() -> bytes:
    """Render the metrics of all processes."""
    return exposition(CollectorRegistry())


def forget(pid: int) -> None:
    """Take a process that has ended out of what is open and live."""
    mark_process_dead(pid)  # type: ignore[no-untyped-call] # the library leaves it unannotated


async def _count_request(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
) -> None:
    if not request.url.path.endswith("/log"):
        return
    view = current_view()
    view.log_requests += 1
    view.tally.log_requests += 1
    view.tally.reconnects += view.log_requests > 1


async def _count_end(
    _session: aiohttp.ClientSession, _context: SimpleNamespace, request: aiohttp.TraceRequestEndParams
) -> None:
    if not request.url.path.endswith("/log"):
        return
    tally = current_view().tally

    def ended() -> None:
        tally.ends += 1

    request.response.content.on_eof(ended)
