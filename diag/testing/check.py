"""One test under observation: its loops are metered, and looked at before they are closed and after its fixtures are gone."""

import asyncio
import threading
import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING
from weakref import WeakSet

from diag.errors import HotloopError
from diag.testing import counters as counting
from diag.testing import remains, spawned
from diag.testing.births import birth, given, noting, widen
from diag.testing.deadends import DeadEndStudy
from diag.testing.filters import DEFAULT, matching
from diag.testing.finding import judged, of_loop
from diag.testing.findings import Finding, SpinSeen, of_leaks
from diag.testing.leaks import Leak
from diag.testing.limits import over_limits
from diag.testing.livespin import FIRST, LiveStudy
from diag.testing.makers import MakingStudy
from diag.testing.options import Settings
from diag.testing.stopping import Stopped
from diag.testing.storm import StormStudy
from diag.testing.verifying import pauses
from diag.testing.watchdog import TurnWatch, Watchdog

if TYPE_CHECKING:
    from diag.testing.counters import Counters


MOST_WAITS = 50
"""Tenths of a second for which a loop that does not rest may run on at a test's end, for it to be seen whether it spins."""


class LoopWatch:
    """One loop in one test."""

    def __init__(self, loop: AbstractEventLoop, check: "Check") -> None:
        self.counters: Counters = counting.use(loop)
        settings = check.settings
        stop = settings.mode == "error"
        self.turn = TurnWatch(self.counters, check.report, stop=stop)
        self._study: LiveStudy | None = None
        self.settled = False
        """Whether what it leaves was looked at, with time to go away."""
        self.begun = time.monotonic()
        self.empty, self.turns, self.tasks = (
            self.counters.empty_turns,
            self.counters.turns,
            self.counters.tasks,
        )
        self.counters.watch(self)
        self.counters.on_created = noting(loop)
        if settings.spins:
            making = MakingStudy(self.counters, check.report, stop=stop)
            self.counters.on_created = noting(loop, making.made)
            DeadEndStudy(self.counters, check.report, stop=stop)
            StormStudy(self.counters, check.report, stop=stop)
            self._study = LiveStudy(self.counters, check.report, stop=stop)
            self.counters.on_row, self.counters.alarm = self._study.alarm, FIRST
            check.watchdog.add(self.turn)

    @property
    def undecided(self) -> bool:
        """Whether the loop may be seen to spin soon."""
        return self._study is not None and self._study.undecided

    def close(self, check: "Check") -> None:
        """Judge the counts, and leave the loop as it was found."""
        check.watchdog.discard(self.turn)
        for finding in over_limits(self, check.settings):
            check.report(finding)
        self.counters.alarm = counting.NEVER
        self.counters.on_created = None
        self.counters.on_ready = None
        self.counters.unwatch(self)
        counting.leave(self.counters)


class Check:
    """A test's check, from before its setup until after its teardown.

    Args:
        settings: what is checked.
        watchdog: sees turns that do not end.
        open_loops: loops that were there before, and are of a wider scope than the test.
    """

    def __init__(
        self, settings: Settings, watchdog: Watchdog, open_loops: Iterable[AbstractEventLoop]
    ) -> None:
        self.settings = settings
        self.watchdog = watchdog
        self.found: list[Finding | SpinSeen] = []
        self.stopped = False
        """Whether the test was ended by the check, and leaves behind what it could not clean up."""
        self._watches: dict[AbstractEventLoop, LoopWatch] = {}
        self._known: WeakSet[object] = WeakSet()
        self._wide: WeakSet[AbstractEventLoop] = WeakSet()
        self._leaks: list[dict[object, Leak]] = []
        self._filters = (*DEFAULT, matching(settings.ignore))
        for loop in open_loops:
            self._wide.add(loop)
            self._take_in(
                loop
            )  # handlers of its servers that are there already can make new tasks for this test
        self._know_outside()

    def _know_outside(self) -> None:
        """Take the threads, executors and subprocesses that are there now for somebody else's."""
        self._known.update(threading.enumerate())
        self._known.update(spawned.processes())
        spawned.forget_executors()

    def report(self, finding: Finding | SpinSeen) -> None:
        """Take in what was found."""
        self.found.append(finding)

    def entered(self, loop: AbstractEventLoop) -> None:
        """Begin to meter a loop that is run."""
        if loop not in self._watches:
            with suppress(HotloopError):  # a kind that cannot be counted can leak all the same
                self._watches[loop] = LoopWatch(loop, self)
                given(loop, self._known)

    def adopt(self) -> None:
        """Take what is there now for a fixture's of wider scope."""
        for loop in list(self._watches):
            if not loop.is_closed():
                self._wide.add(loop)
                self._take_in(loop)
                for task in asyncio.all_tasks(loop):
                    widen(task)
        self._know_outside()

    def _take_in(self, loop: AbstractEventLoop) -> None:
        for part in of_loop(loop):
            self._known.update(part)

    def closing(self, loop: AbstractEventLoop) -> None:
        """Look at a loop that is about to be closed, while it can still run: what only needs a few turns gets them."""
        if loop in self._watches:
            self._watches[loop].settled = True
            self._settle(loop)

    def closed(self, loop: AbstractEventLoop) -> None:
        """Look at a loop that was closed by hand, and end its observation."""
        if (watch := self._watches.pop(loop, None)) is not None:
            if self.settings.leaks and not self.stopped and not watch.settled:
                self._leaks += self._left(loop)
            watch.close(self)

    def end(self) -> None:
        """Look at what outlives the test: loops of wider scope, threads, subprocesses."""
        for loop in list(self._watches):
            if not loop.is_closed():
                self.closing(loop)
            self.closed(loop)
        leaks = judged(self._leaks, self._filters)
        if self.settings.leaks and not self.stopped:
            leaks += judged(self._retry(self._outside, time.sleep), self._filters)
        if leaks:
            self.report(of_leaks(leaks))

    def _outside(self) -> list[dict[object, Leak]]:
        found = remains.threads(self._known)
        own = {thread: leak for thread, leak in found.items() if not spawned.is_worker_of_older(thread)}
        return [own, remains.processes(spawned.processes(), self._known)]

    def _settle(self, loop: AbstractEventLoop) -> None:
        """Let a loop run until nothing is left, or for so long; then keep what is."""
        if self.stopped or not self.settings.leaks:
            return

        def turn(pause: float) -> None:
            loop.run_until_complete(asyncio.sleep(pause))

        # A loop that runs in another thread needs no help.
        wait = time.sleep if loop.is_running() else turn
        try:
            left = self._retry(lambda: self._left(loop), wait)
            for _ in range(MOST_WAITS if left else 0):
                if not self._watches[loop].undecided:
                    break
                wait(0.1)
        except (Stopped, RuntimeError):  # the latter from a loop that refuses to run
            left = self._left(loop)
        self._leaks += left

    def _retry(
        self, look: Callable[[], list[dict[object, Leak]]], wait: Callable[[float], None]
    ) -> list[dict[object, Leak]]:
        """Look again after growing pauses for as long as something is left; what it is at last."""
        for pause in pauses(self.settings.settle):
            if not judged(look(), self._filters):
                return []
            wait(pause)
        return look()

    def _left(self, loop: AbstractEventLoop) -> list[dict[object, Leak]]:
        parts = [*of_loop(loop, self._known), remains.workers(loop, self._known)]
        if loop in self._wide:
            # A client's or server's of wider scope: connections in its pool, and the tasks that serve them.
            tasks = {task: leak for task, leak in parts[0].items() if not _is_served(task)}
            ends = {end: leak for end, leak in parts[1].items() if leak.kind == "server"}
            return [tasks, ends, *parts[2:]]
        return parts


def _is_served(task: object) -> bool:
    noted = birth(task)
    return noted is None or noted.root in {"outside", "wide"}
