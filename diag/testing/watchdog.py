"""A thread that sees a turn which never ends: where it stands, and whether it spins there.

It wakes up some times a second and compares numbers. Only the loop's own CPU time within one turn counts, so a
machine that is busy with others does not trip it.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

from diag.testing.counters import Counters
from diag.testing.findings import SpinSeen
from diag.testing.places import words
from diag.testing.stopping import Stopped
from diag.testing.turnstudy import LOOKS, TurnStudy, own_place, turn_of

INTERVAL = 0.05
"""Seconds between two looks at the counters."""

CPU = 0.3
"""CPU seconds within one turn from which it is looked into; asyncio's debug mode calls a tenth of a second slow."""

SWITCH = 0.0002
"""Seconds after which a thread that computes gives way while it is looked at: at 5 ms each look would wait for its turn."""

MOST_TRIES = 100
"""Times that a loop's thread is told to stop, before that is given up."""


class TurnWatch:
    """What the watchdog knows of one loop."""

    def __init__(self, counters: Counters, report: Callable[[SpinSeen], None], *, stop: bool) -> None:
        self.counters = counters
        self.held: tuple[float, str] = 0.0, ""
        """The longest that a turn was seen to take so far in seconds, and where it stood then."""
        self._report = report
        self._stop = stop
        self._turn = -1
        self._cpu = 0.0
        self._judged = False
        self._found: SpinSeen | None = None
        self._tries = 0

    def look(self) -> None:
        """Compare with the look before, and look closer if the same turn goes on and uses the CPU."""
        now = self.counters
        if not now.woke or now.turns != self._turn:
            self._turn, self._cpu = now.turns, cpu_of(now.thread)
            self._judged, self._found, self._tries = False, None, 0
            return
        if (frames := self._frames()) and (seconds := time.monotonic() - now.woke) > self.held[0]:
            self.held = seconds, words(own_place(frames))
        if self._found is not None:
            self._end()
        elif not self._judged and cpu_of(now.thread) - self._cpu >= CPU:
            self._study()

    def _same_turn(self) -> bool:
        return bool(self.counters.woke) and self.counters.turns == self._turn

    def _frames(self) -> list[FrameType]:
        return turn_of(sys._current_frames().get(self.counters.thread))

    def _study(self) -> None:
        """Look at the calls that never return, time and again."""
        self._judged = True
        study = TurnStudy(self.counters)
        interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH)
        try:
            while len(study) < LOOKS:
                time.sleep(0.001 + len(study) * 7 % 5 / 2000)
                frames = self._frames()
                if not self._same_turn() or not frames:
                    return
                study.look(frames)
        finally:
            sys.setswitchinterval(interval)
        if (explanation := study.spin()) is not None and self._same_turn():
            used = cpu_of(self.counters.thread) - self._cpu
            self._found = SpinSeen(
                explanation, f"one turn of the event loop that does not end, {used:.1f} s of CPU"
            )
            self._report(self._found)
            self._end()

    def _end(self) -> None:
        """Stop the loop's thread, which must be told again where it swallows that."""
        self._tries += 1
        if self._stop and self._tries <= MOST_TRIES:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self.counters.thread), ctypes.py_object(Stopped)
            )


def cpu_of(thread: int) -> float:
    """Give the CPU seconds of a thread of this process; 0 for one that is gone."""
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread)) if thread else 0.0
    except OSError:
        return 0.0


class Watchdog:
    """The thread; it runs from the first loop that it is given until `close`."""

    def __init__(self) -> None:
        self._watches: set[TurnWatch] = set()
        self._wanted = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def add(self, watch: TurnWatch) -> None:
        """Begin to watch a loop."""
        self._watches.add(watch)
        self._wanted.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="diag-watchdog", daemon=True)
            self._thread.start()

    def discard(self, watch: TurnWatch) -> None:
        """Stop watching a loop."""
        self._watches.discard(watch)
        if not self._watches:
            self._wanted.clear()

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self._wanted.set()
        if self._thread is not None:
            self._thread.join(timeout=1)

    def _run(self) -> None:
        while self._wanted.wait() and not self._closed:
            time.sleep(INTERVAL)
            for watch in list(self._watches):
                with suppress(RuntimeError):  # what it looked at changed under its eyes
                    watch.look()
