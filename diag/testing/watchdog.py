"""A thread that sees a turn which never ends: where it stands, and whether it spins there.

It wakes up some times a second and compares numbers. Only the loop's own CPU time within one turn counts, so a
machine that is busy with others does not trip it.
"""

import ctypes
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import NamedTuple

from diag.testing.counters import Counters
from diag.testing.digest import Digest
from diag.testing.explaining import Explanation
from diag.testing.findings import Finding, of_spin
from diag.testing.places import Place, is_plumbing, words
from diag.testing.sightings import Sightings
from diag.testing.stopping import Stopped

INTERVAL = 0.05
"""Seconds between two looks at the counters."""

CPU = 0.3
"""CPU seconds within one turn from which it is looked into; asyncio's debug mode calls a tenth of a second slow."""

MADE = 10_000
"""Tasks made within one turn from which it is looked into at once: 100,000 take a quarter of a gigabyte."""

_TURNS = frozenset({"turn", "_run_once", "run_forever", "run_until_complete"})

LOOKS = 48
MOST_TRIES = 100
"""Times that a loop's thread is told to stop, before that is given up."""


class _Seen(NamedTuple):
    """A call at one look; the frame is kept, so that no other one takes its address."""

    frame: FrameType
    at: int
    """Its instruction."""
    state: int


def _lasting(looks: list[list[_Seen]]) -> int:
    """Count the calls, from the outermost, that were there at every look."""
    depth = 0
    for calls in zip(*looks, strict=False):
        if any(call.frame is not calls[0].frame for call in calls):
            break
        depth += 1
    return depth


class TurnWatch:
    """What the watchdog knows of one loop."""

    def __init__(self, counters: Counters, report: Callable[[Finding], None], *, stop: bool) -> None:
        self.counters = counters
        self.held: tuple[float, str] = 0.0, ""
        """The longest that a turn was seen to take so far in seconds, and where it stood then."""
        self._report = report
        self._stop = stop
        self._turn = -1
        self._cpu = 0.0
        self._tasks = 0
        self._judged = False
        self._found: Finding | None = None
        self._tries = 0

    def look(self) -> None:
        """Compare with the look before, and look closer if the same turn goes on and uses the CPU."""
        now = self.counters
        if not now.woke or now.turns != self._turn:
            self._turn, self._cpu, self._tasks = now.turns, cpu_of(now.thread), now.tasks
            self._judged, self._found, self._tries = False, None, 0
            return
        if (frames := self._frames()) and (seconds := time.monotonic() - now.woke) > self.held[0]:
            self.held = seconds, words(own_place(frames))
        if self._found is not None:
            self._end()
        elif not self._judged and (cpu_of(now.thread) - self._cpu >= CPU or now.tasks - self._tasks >= MADE):
            self._study()

    def _same_turn(self) -> bool:
        return bool(self.counters.woke) and self.counters.turns == self._turn

    def _frames(self) -> list[FrameType]:
        return turn_of(sys._current_frames().get(self.counters.thread))

    def _study(self) -> None:
        """Look at the calls that never return, time and again; those of a spin go through the same few states."""
        self._judged = True
        seen, looks = Sightings(), list[list[_Seen]]()
        begun, made = time.monotonic(), self.counters.tasks
        for number in range(LOOKS):
            time.sleep(0.001 + number * 7 % 5 / 2000)
            frames = self._frames()
            if not self._same_turn() or not frames:
                return
            looks.append([_Seen(frame, frame.f_lasti, Digest().frame(frame, resting=False)) for frame in frames])
            seen.add_chain(frames)
        lasting = _lasting(looks)
        seen.states = [hash(tuple(one.state for one in row[:lasting])) for row in looks]
        moves = len({row[lasting - 1].at for row in looks}) > 1 if lasting else False
        if not moves or not seen.repeats:
            return
        created = self.counters.tasks - made
        spot = seen.spots[looks[0][lasting - 1].frame.f_code]
        explanation = Explanation(spot, frozen=True, created_per_second=created / (time.monotonic() - begun))
        if explanation.awaits and self._same_turn():
            used = cpu_of(self.counters.thread) - self._cpu
            tasks = f", {self.counters.tasks - self._tasks:,} tasks made" if created else ""
            self._found = of_spin(explanation, f"one turn of the event loop that does not end, {used:.1f} s of CPU{tasks}")
            self._report(self._found)
            self._end()

    def _end(self) -> None:
        """Stop the loop's thread, which must be told again where it swallows that."""
        self._tries += 1
        if self._stop and self._tries <= MOST_TRIES:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(self.counters.thread), ctypes.py_object(Stopped))


def cpu_of(thread: int) -> float:
    """Give the CPU seconds of a thread of this process; 0 for one that is gone."""
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread)) if thread else 0.0
    except OSError:
        return 0.0


def turn_of(frame: FrameType | None) -> list[FrameType]:
    """Give the frames of a thread that its event loop's turn runs, the outermost first; none where it waits."""
    frames: list[FrameType] = []
    while frame is not None:
        file = frame.f_code.co_filename
        if is_plumbing(file) and frame.f_code.co_name in _TURNS:
            break
        frames.append(frame)
        frame = frame.f_back
    return [one for one in reversed(frames) if one.f_code.co_name != "_run" or not is_plumbing(one.f_code.co_filename)]


def own_place(frames: list[FrameType]) -> Place:
    """Give the innermost place that is nobody's plumbing."""
    own = [frame for frame in frames if not is_plumbing(frame.f_code.co_filename)] or frames
    return own[-1].f_code, own[-1].f_lasti


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
                watch.look()
