"""The same request again and again, without a pause, by a task that nobody in the test drives.

I/O comes in on each turn, so no turn is empty. What tells is what is written on client connections: one call that writes the same
bytes hundreds of times, comes through the same state each time, and no timer in between; while the test's own tasks write
nothing. A test that asks a thousand times itself, its workers, a poller that sleeps and a proxy under load are none.
"""

from asyncio import current_task
from collections.abc import Callable
from dataclasses import replace
from sys import _getframe
from typing import Any

from diag.testing.births import birth
from diag.testing.counters import Counters
from diag.testing.findings import SpinSeen
from diag.testing.stopping import Stopped
from diag.testing.turnstudy import LOOKS, TurnStudy, turn_of
from diag.testing.wrapping import Call, Wrapping

STEP = 10
"""Writes from one look to the next: 320 requests are looked at. Retries and pages are a few dozen."""

PATIENCE = 640
"""Requests for which a storm may go on, for the test to end it: a second or two."""

PARTS = 3
"""Different writes that one request may be made of."""


class _Asker:
    """What one task has written."""

    def __init__(self) -> None:
        self.payloads: dict[int, int] = {}
        self.paused = 0
        self.timers = 0
        self.study: TurnStudy | None = None


class StormStudy:
    """The client connections of one loop, from now on. uvloop's let nobody see what they write."""

    def __init__(self, counters: Counters, report: Callable[[SpinSeen], None], *, stop: bool) -> None:
        self._counters = counters
        self._report = report
        self._stop = stop
        self._askers: dict[object, _Asker] = {}
        self._found: object = None
        counters.wrappings.append(Wrapping(counters.loop, "create_connection", self._connecting))

    def _connecting(self, inner: Call, wrapping: Wrapping) -> Call:
        """Wrap `create_connection`."""

        async def create_connection(*args: Any, **options: Any) -> Any:
            made = await inner(*args, **options)
            if wrapping.live and hasattr(made[0], "__dict__"):
                Wrapping(made[0], "write", self._writing)
                Wrapping(made[0], "writelines", self._writing)
            return made

        return create_connection

    def _writing(self, inner: Call, wrapping: Wrapping) -> Call:
        """Wrap a transport's `write` or `writelines`."""

        def write(data: Any) -> None:
            if self._counters.users:
                data = data if isinstance(data, bytes | bytearray | memoryview) else list(data)
                self._wrote(hash(tuple(bytes(part) for part in _parts(data))))
            else:
                wrapping.remove()
            inner(data)

        return write

    def _wrote(self, payload: int) -> None:
        task = current_task(self._counters.loop)
        if task is None:
            return
        if (noted := birth(task)) is not None and noted.root == "test":
            self._askers.clear()  # whoever asks now may do so for the test
            return
        asker = self._askers.setdefault(task, _Asker())
        asker.payloads[payload] = count = asker.payloads.get(payload, 0) + 1
        if len(asker.payloads) > PARTS:
            del self._askers[task]
            return
        asker.paused += asker.timers != self._counters.timers
        asker.timers = self._counters.timers
        if count % STEP == 0 and count == max(asker.payloads.values()):
            self._look(task, asker, count)

    def _look(self, task: object, asker: _Asker, count: int) -> None:
        if self._found is task:
            if self._stop and count >= PATIENCE:
                raise Stopped
            return
        asker.study = asker.study or TurnStudy(self._counters)
        asker.study.look(turn_of(_getframe(3)))
        if len(asker.study) < LOOKS:
            return
        explanation = asker.study.spin(moving=True)
        if explanation is None or asker.paused > count // 2:
            del self._askers[task]
            return
        self._found = task
        self._report(
            SpinSeen(replace(explanation, asks=True), f"the same request {count:,} times without a pause")
        )


def _parts(data: Any) -> Any:
    """Give what `write` or `writelines` takes as a list of parts."""
    return [data] if isinstance(data, bytes | bytearray | memoryview) else data
