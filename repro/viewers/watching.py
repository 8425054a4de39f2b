"""A whole run: the views, the health check, somebody to tell, and the summary at the end."""

import asyncio
import time
from collections.abc import Callable

import msgspec

from repro.viewers.crowd import Crowd, Plan
from repro.viewers.probe import HealthProbe
from repro.viewers.progress import Progress, Watcher
from repro.viewers.summary import Summary
from repro.viewers.summing import Taken, summarise


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """Who hears about a run while it lasts."""

    tried: Callable[[int, int], None]
    """Called once, with how many views were opened and refused, when every view was attempted."""
    progress: Callable[[Progress], None]
    interval: float
    """Seconds between two calls of `progress`."""


async def watch(plan: Plan, *, expected: int | None, stop: asyncio.Event, audience: Audience) -> Summary:
    """Run a plan to its end, or until `stop` is set, and sum it up.

    Args:
        plan: the views.
        expected: lines that each view should receive, for the count of lost ones; None: not known.
        stop: sends everybody home.
        audience: hears how it goes.
    """
    started, begun, cpu = time.time(), time.monotonic(), time.process_time()
    crowd = Crowd(plan, time.monotonic)

    def tried() -> None:
        opened = sum(view.opened_at is not None for view in crowd.views)
        audience.tried(opened, len(crowd.views) - opened)

    with HealthProbe(plan.base) as probe:
        telling = asyncio.create_task(_tell(Watcher(crowd, probe, time.monotonic), audience))
        try:
            await crowd.watch(stop, tried)
        finally:
            telling.cancel()
    taken = Taken(started=started, seconds=time.monotonic() - begun, cpu_seconds=time.process_time() - cpu)
    return summarise(crowd, probe, taken, expected=expected)


async def _tell(watcher: Watcher, audience: Audience) -> None:
    while True:
        await asyncio.sleep(audience.interval)
        audience.progress(watcher.look())
