"""Where the check hears of event loops: as they are run, about to be closed, and closed. Put on once, taken off at the end."""

import asyncio
import concurrent.futures
import subprocess
import sys
from asyncio import base_events, runners
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from diag.testing import spawned
from diag.testing.check import Check
from diag.testing.options import Settings
from diag.testing.stopping import Stopped
from diag.testing.watchdog import Watchdog

Call = Callable[..., Any]


def quiet(loop: asyncio.AbstractEventLoop) -> None:
    """Take the exception of a task that was stopped for retrieved: it is told as the test's."""
    kept: list[Any] = []
    for name in ("_all_tasks", "_scheduled_tasks"):  # up to Python 3.11, and later
        kept += list(getattr(asyncio.tasks, name, ()))
    for task in kept:
        if task.done() and task.get_loop() is loop and isinstance(getattr(task, "_exception", None), Stopped):
            task._log_traceback = False


class Hooks:
    """The session's side of all checks; at most one check is on at a time."""

    def __init__(self) -> None:
        self.check: Check | None = None
        self.watchdog = Watchdog()
        self._loops: WeakSet[asyncio.AbstractEventLoop] = WeakSet()
        self._replaced: list[tuple[Any, str, Any, bool]] = []
        self._uvloop = False

    def put_on(self) -> None:
        """Put the wrappers on asyncio's classes."""
        self._replace(base_events.BaseEventLoop, "run_forever", self._running)
        self._replace(base_events.BaseEventLoop, "close", self._closing_by_hand)
        self._replace(runners, "_cancel_all_tasks", self._cancelling)
        self._replace(subprocess.Popen, "__init__", spawned.noting)
        self._replace(concurrent.futures.ThreadPoolExecutor, "__init__", spawned.noting_executors)

    def take_off(self) -> None:
        """Put back what was there."""
        for owner, name, original, own in reversed(self._replaced):
            if own:
                setattr(owner, name, original)
            else:
                delattr(owner, name)
        self._replaced = []
        self.watchdog.close()

    def begin(self, settings: Settings) -> Check:
        """Begin to check a test."""
        if not self._replaced:
            self.put_on()
        if not self._uvloop and "uvloop" in sys.modules:
            self._uvloop = True
            kind = sys.modules["uvloop"].Loop
            self._replace(kind, "run_forever", self._running)
            self._replace(kind, "close", self._closing_by_hand)
        open_loops = [loop for loop in self._loops if not loop.is_closed()] if self._loops else []
        self.check = Check(settings, self.watchdog, open_loops)
        return self.check

    def end(self) -> Check | None:
        """End the present check, and give it with what it found."""
        check = self.check
        if check is not None:
            check.end()
            self.check = None
        return check

    def _replace(self, owner: Any, name: str, make: Callable[[Call], Call]) -> None:
        own = name in vars(owner)
        original = getattr(owner, name)
        self._replaced.append((owner, name, original, own))
        setattr(owner, name, make(original))

    def _running(self, inner: Call) -> Call:
        def run_forever(loop: asyncio.AbstractEventLoop) -> None:
            if self.check is not None:
                self._loops.add(loop)
                self.check.entered(loop)
            try:
                inner(loop)
            except Stopped:
                if self.check is not None:
                    self.check.stopped = True
                quiet(loop)
                raise

        return run_forever

    def _cancelling(self, inner: Call) -> Call:
        def cancel_all_tasks(loop: asyncio.AbstractEventLoop) -> None:
            check = self.check
            if check is None:
                inner(loop)
                return
            check.closing(loop)
            try:
                inner(loop)
            except Stopped:
                return  # a task that swallows its cancellation and spins on: it ends with its loop

        return cancel_all_tasks

    def _closing_by_hand(self, inner: Call) -> Call:
        def close(loop: asyncio.AbstractEventLoop) -> None:
            if self.check is not None and not loop.is_running():
                self.check.closed(loop)
            inner(loop)
            self._loops.discard(loop)

        return close
