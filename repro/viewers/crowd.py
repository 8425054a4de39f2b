"""Many views at once: opened over a ramp, watched, and sent home."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable

import aiohttp
import msgspec

from repro.viewers.channel import session
from repro.viewers.conduct import Conduct, Place
from repro.viewers.view import State, View

MOST_OPENING = 64
"""Views that are being opened at the same time; more than a listening socket's usual backlog (128) would wait
for the kernel to repeat their connection requests, a second later."""

PARTING_MARGIN = 2.0
"""Seconds beyond a view's own parting time after which it is dropped without ado."""

ALL_ENDED = "all views ended"
TIME_OVER = "time over"
TOLD = "told to stop"


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What to open and for how long."""

    base: str
    """The server's address, without a slash at the end."""
    places: tuple[Place, ...]
    """The views are spread over these, in turn."""
    views: int
    ramp: float = 0.0
    """Seconds over which the openings are spread."""
    seconds: float | None = None
    """When everybody leaves, from the start; None: when every view has ended."""
    stay: bool = False
    """Whether to go on until `seconds` are over, or until told, when every view has ended: the health check beside
    the views goes on too."""
    conduct: Conduct = Conduct()


class Crowd:
    """The views of a plan. `watch` runs them; `views` can be looked at meanwhile."""

    def __init__(self, plan: Plan, clock: Callable[[], float]) -> None:
        self.plan = plan
        self.ended = ""
        """Why it is over: `ALL_ENDED`, `TIME_OVER` or `TOLD`."""
        places = itertools.islice(itertools.cycle(plan.places), plan.views)
        self.views = tuple(View(place, plan.conduct, clock) for place in places)
        self._gate = asyncio.Semaphore(MOST_OPENING)
        self._over = asyncio.Event()
        self._attempted = 0

    async def watch(self, stop: asyncio.Event, tried: Callable[[], None]) -> None:
        """Open every view and see it through; all leave when the plan's time is over or `stop` is set.

        Args:
            stop: tells everybody to leave.
            tried: called once, when every view has been opened or refused.
        """
        if stop.is_set():
            self.ended = TOLD
            return
        told = asyncio.create_task(stop.wait())
        async with session() as client:
            running = asyncio.create_task(self._run_all(client, tried))
            awaited = {told} if self.plan.stay else {running, told}
            await asyncio.wait(awaited, timeout=self.plan.seconds, return_when=asyncio.FIRST_COMPLETED)
            self.ended = _reason(all_ended=running.done(), told=told.done())
            if not running.done():
                await self._send_home(running)
            told.cancel()
            if not running.cancelled():
                running.result()

    def count(self, *states: State) -> int:
        """Count the views that stand in one of the states."""
        return sum(1 for view in self.views if view.state in states)

    async def _run_all(self, client: aiohttp.ClientSession, tried: Callable[[], None]) -> None:
        """Start the views along the ramp and wait for them all."""
        pause = self.plan.ramp / max(1, len(self.views))
        clock = asyncio.get_running_loop().time
        start = clock()
        async with asyncio.TaskGroup() as group:
            for position, view in enumerate(self.views):
                if await self._over_within(start + position * pause - clock()):
                    return
                group.create_task(self._see(view, client, tried))

    async def _over_within(self, seconds: float) -> bool:
        if seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), seconds)
        return self._over.is_set()

    async def _see(self, view: View, client: aiohttp.ClientSession, tried: Callable[[], None]) -> None:
        opened = await view.open(self.plan.base, client, self._gate)
        if view.state is State.UNTRIED:
            return
        self._attempted += 1
        if self._attempted == len(self.views):
            tried()
        if opened:
            await view.watch()

    async def _send_home(self, running: asyncio.Task[None]) -> None:
        """Let every view leave, all at the same time; one that does not manage is dropped."""
        self._over.set()
        for view in self.views:
            view.leave()
        await asyncio.wait({running}, timeout=self.plan.conduct.closing + PARTING_MARGIN)
        if not running.done():
            running.cancel()
            await asyncio.wait({running})


def _reason(*, all_ended: bool, told: bool) -> str:
    if all_ended:
        return ALL_ENDED
    return TOLD if told else TIME_OVER
