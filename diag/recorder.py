"""The Recorder: watches a live process while somebody else's program goes through its phases."""

import bisect
import contextlib
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from diag.collectors import stacks
from diag.collectors.activity import ActivityReader
from diag.collectors.proc import Proc
from diag.collectors.pyspy import PySpy
from diag.collectors.tcp import ConnectionReader
from diag.collectors.traffic import TrafficReader
from diag.errors import HotloopError
from diag.machine import this_machine
from diag.recording import (
    Activity,
    Census,
    Connection,
    Phase,
    Recording,
    Settings,
    Snapshots,
    Stacks,
    Traffic,
)
from diag.sources import Sources
from diag.target import describe, is_python

STACK_SHARE = 0.6
"""Share of a recording's time in which `record` samples stacks; the rest shows the process undisturbed."""

BUSIEST_WINDOW = 1.5
"""Seconds back that count when the busiest process is looked for."""


class Recorder:
    """Records a process and its descendants from the start of the `with` block until `finish`.

    A thread takes readings of activity all the time. Stacks and censuses are taken when asked for, by the thread
    that asks, which waits meanwhile. What fails after the start becomes a note of the recording, never an error.
    """

    def __init__(
        self,
        pid: int,
        *,
        activity_interval: float = 0.25,
        stack_rate: int = 100,
        pausing: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Check the process.

        Args:
            pid: the process to observe.
            activity_interval: seconds between two readings.
            stack_rate: looks at the stacks a second, while they are sampled.
            pausing: hold the process during each look. It gives whole stacks only, and costs the process 2 % of its
                time on a machine with a free core, up to most of it where py-spy itself has to wait for a core.
            clock: the seconds that times are taken from.

        Raises:
            HotloopError: it cannot be observed; the text says what to do.
        """
        self.target = describe(pid)
        self.settings = Settings(activity_interval=activity_interval, stack_rate=stack_rate, pausing=pausing)
        self._clock = clock
        self._proc = Proc()
        self._reader = ActivityReader(pid, proc=self._proc, clock=clock)
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="hotloop-activity", daemon=True)
        self._activity: list[Activity] = []
        self._stacks: list[Stacks] = []
        self._censuses: list[Census] = []
        self._snapshots: list[Snapshots] = []
        self._connections: list[Connection] = []
        self._traffic: list[Traffic] = []
        self._traffic_reader = TrafficReader(self._proc)
        self._connection_reader = ConnectionReader(self._proc)
        self._phases: list[Phase] = []
        self._phase: tuple[str, float] | None = None
        self._notes: list[str] = []
        self._sampled: int | None = None
        self._known_pythons: set[int] = set()
        self._stop_sampling = threading.Event()
        self._alive = True
        self._zero = self._started = 0.0

    def __enter__(self) -> Self:
        """Take the first reading and start the thread that takes the others."""
        self._zero = self._clock()
        self._started = time.time()
        self._read()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop watching."""
        self._ending.set()
        self.stop_sampling()
        self._thread.join()

    @property
    def elapsed(self) -> float:
        """Seconds since the recording's start."""
        return self._clock() - self._zero

    @property
    def alive(self) -> bool:
        """Whether the target lived at the last reading."""
        return self._alive

    def latest(self) -> tuple[Activity, ...]:
        """Give the last reading, an entry a process."""
        with self._lock:
            last = self._activity[-1].at if self._activity else 0.0
            return tuple(reading for reading in self._activity if reading.at == last)

    def note(self, sentence: str) -> None:
        """Add a note to the recording; a repeated one counts once."""
        with self._lock:
            if sentence not in self._notes:
                self._notes.append(sentence)

    def phase(self, name: str) -> None:
        """End the phase that was, if any, and begin another."""
        at = self._read(fresh=True)
        with self._lock:
            self._end_phase(at)
            self._phase = (name, at)

    def take_census(self, *, brief: bool = False, pid: int | None = None) -> None:
        """Count the tasks.

        Args:
            brief: as in `diag.collectors.census.take`.
            pid: of one process; of every Python process of the tree if it is not said.
        """
        # Imported here: a recorder without censuses does not need numpy.
        from diag.collectors import census

        for python in self._pythons() if pid is None else [pid]:
            try:
                self._censuses.append(census.take(python, at=round(self.elapsed, 6), brief=brief))
            except (HotloopError, OSError) as error:
                if os.path.exists(self._proc.path(python)):  # noqa: PTH110 - a string; who has ended has no tasks
                    self.note(f"The tasks of process {python} could not be counted: {error}")

    def read_traffic(self) -> None:
        """Read what each process of the tree read and wrote in files and pipes, and which sockets it has."""
        at = round(self.elapsed, 6)
        pids = [activity.pid for activity in self.latest()]
        with self._lock:
            self._traffic += self._traffic_reader.read(at, pids)

    def read_connections(self) -> None:
        """Read what each process of the tree moved over its TCP connections."""
        at = round(self.elapsed, 6)
        pids = [activity.pid for activity in self.latest()]
        with self._lock:
            self._connections += self._connection_reader.read(at, pids)

    @contextlib.contextmanager
    def snapshots(self, pid: int | None = None) -> Iterator[Callable[[], None]]:
        """Give a function that takes a snapshot; at the block's end they become part of the recording.

        Args:
            pid: the process; the busiest Python process of the tree if it is not said.
        """
        # Imported here: a recorder without snapshots does not need numpy.
        from diag.collectors.snapshots import SnapshotReader

        chosen = pid if pid is not None else self.busiest()
        try:
            reader = None if chosen is None else SnapshotReader(chosen)
        except (HotloopError, OSError) as error:
            self.note(f"The variables of process {chosen} could not be read: {error}")
            reader = None

        def take() -> None:
            nonlocal reader
            try:
                if reader is not None:
                    reader.take(round(self.elapsed, 6))
            except (HotloopError, OSError) as error:
                if os.path.exists(self._proc.path(chosen or 0)):  # noqa: PTH110 - a string; who has ended is noted anyway
                    self.note(f"The variables of process {chosen} could not be read any longer: {error}")
                keep()

        def keep() -> None:
            nonlocal reader
            if reader is not None:
                found = reader.finish()
                reader = None
                with self._lock:
                    self._snapshots.append(found)

        try:
            yield take
        finally:
            keep()

    def sample_stacks(self, seconds: float, pid: int | None = None) -> Stacks | None:
        """Sample the stacks of one process of the tree, and wait for it.

        Args:
            seconds: how long.
            pid: which; the busiest Python process if it is not said.

        Returns:
            What was sampled, which is part of the recording already; None where that failed (a note says why).
        """
        chosen = pid if pid is not None else self.busiest()
        if chosen is None:
            self.note("No stacks were sampled: no Python process was left.")
            return None
        with self._lock:
            self._reader.follow(chosen)
            self._read()
        self._stop_sampling.clear()
        self._sampled = chosen
        try:
            return self._run_sampler(chosen, seconds)
        except HotloopError as error:
            self.note(str(error))
            return None
        finally:
            with self._lock:
                self._read()
                self._sampled = None
                self._reader.follow(None)

    def stop_sampling(self) -> None:
        """End the sampling that another thread waits for; what was sampled is kept."""
        self._stop_sampling.set()

    def finish(self) -> Recording:
        """End the recording and give it. The block may be left before or after."""
        end = self._read(fresh=True)
        self._ending.set()
        with self._lock:
            self._end_phase(end)
            sources = Sources(self.target, self._proc).look_up(self._stacks, self._snapshots, self._censuses)
            return Recording(
                target=self.target,
                machine=this_machine(),
                settings=self.settings,
                started=self._started,
                seconds=end,
                phases=tuple(self._phases),
                activity=tuple(self._activity),
                stacks=tuple(self._stacks),
                censuses=tuple(self._censuses),
                sources=sources,
                snapshots=tuple(self._snapshots),
                connections=tuple(self._connections),
                traffic=tuple(self._traffic),
                notes=(
                    *self._notes,
                    *sorted(self._reader.notes | self._traffic_reader.notes | self._connection_reader.notes),
                ),
            )

    def _watch(self) -> None:
        """Take readings at their times until the end; a time that was missed is left out."""
        interval = self.settings.activity_interval
        while True:
            passed = self.elapsed
            if self._ending.wait((math.floor(passed / interval) + 1) * interval - passed):
                return
            self._read()

    def _read(self, *, fresh: bool = False) -> float:
        """Take one reading, and give its time."""
        with self._lock:
            at = round(self.elapsed, 6)
            reading = self._reader.read(at, sampled=self._sampled, fresh=fresh)
            self._activity += reading
            if self._alive and all(activity.pid != self.target.pid for activity in reading):
                self._alive = False
                self.note(f"Process {self.target.pid} ended {at:.1f} s after the recording's start.")
            return at

    def _end_phase(self, at: float) -> None:
        if self._phase is not None:
            name, start = self._phase
            self._phases.append(Phase(name=name, start=start, end=at))
            self._phase = None

    def _pythons(self) -> list[int]:
        """List the Python processes of the tree; what is known to be one is not looked at again."""
        alive = {activity.pid for activity in self.latest()}
        self._known_pythons &= alive
        self._known_pythons |= {pid for pid in alive - self._known_pythons if is_python(pid, proc=self._proc)}
        return sorted(self._known_pythons)

    def busiest(self) -> int | None:
        """Find the Python process of the tree that used the most CPU lately; None where none is left."""
        self._read()
        since = self.elapsed - BUSIEST_WINDOW
        first: dict[int, float] = {}
        last: dict[int, float] = {}
        with self._lock:
            for reading in self._activity:
                if reading.at >= since:
                    used = reading.cpu_user + reading.cpu_system
                    first.setdefault(reading.pid, used)
                    last[reading.pid] = used
        return max(self._pythons(), key=lambda pid: last.get(pid, 0.0) - first.get(pid, 0.0), default=None)

    def _run_sampler(self, pid: int, seconds: float) -> Stacks:
        """Run py-spy, and keep what it saw even where the wait is interrupted."""
        rate, pausing = self.settings.stack_rate, self.settings.pausing
        with PySpy(pid, rate=rate, seconds=seconds, pausing=pausing) as sampler:
            start = self.elapsed
            try:
                self._await(sampler, start + seconds)
            finally:
                end = self.elapsed
                self._read()
                found = stacks.build(
                    sampler.output(),
                    pid=pid,
                    rate=rate,
                    pausing=pausing,
                    origin=self._started,
                    start=round(start, 6),
                    end=round(end, 6),
                    busy=self._busy if self._reader.schedstat_kept else None,
                )
                self._stacks.append(found)
        return found

    def _await(self, sampler: PySpy, until: float) -> None:
        """Wait for the end of the time, of the process, or of the wish to sample."""
        while (left := until - self.elapsed) > 0:
            if self._stop_sampling.is_set() or sampler.wait(min(left, 0.1)):
                return

    def _busy(self, thread: int, at: float) -> float:
        """Give the share of the time between two readings that a thread was on or waiting for a core."""
        history = self._reader.runnable.get(thread, [])
        after = bisect.bisect_left(history, at, key=lambda entry: entry[0])
        if not 0 < after < len(history):
            return 0.0
        (begin, used), (end, used_after) = history[after - 1], history[after]
        return (used_after - used) / (end - begin) if end > begin else 0.0


def record(
    pid: int,
    seconds: float = 10.0,
    *,
    rate: int = 100,
    pausing: bool = False,
    activity_interval: float = 0.25,
) -> Recording:
    """Record a process: activity all the time, undisturbed at first; stacks later; a census at either end.

    Raises:
        HotloopError: it cannot be observed; the text says what to do.
    """
    with Recorder(pid, activity_interval=activity_interval, stack_rate=rate, pausing=pausing) as recorder:
        conduct(recorder, seconds)
        return recorder.finish()


def conduct(recorder: Recorder, seconds: float, *, pause: Callable[[float], object] = time.sleep) -> None:
    """Take a running recorder through the phases "undisturbed" and "sampled"."""
    recorder.phase("undisturbed")
    recorder.take_census()
    while recorder.alive and (left := seconds * (1 - STACK_SHARE) - recorder.elapsed) > 0:
        pause(min(left, 0.25))
    recorder.phase("sampled")
    if recorder.alive:
        recorder.sample_stacks(seconds * STACK_SHARE)
    recorder.take_census()
