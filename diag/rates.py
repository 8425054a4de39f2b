"""Figures derived from a Recording's readings: cores, demand, switches, memory, tasks created.

A counter is taken to grow evenly between two readings. A process that appears counts from 0 at the reading
before, for it was started since; one that ends keeps what it had. So the sum over the tree never jumps.
"""

import bisect
import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from diag.recording import Activity, Recording


class Window(NamedTuple):
    """A stretch of a recording, in seconds since its start."""

    start: float
    end: float


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """How much a second, on the average over a window."""

    cores: float
    """CPU seconds a second."""
    demand: float
    """Seconds on or waiting for a core, a second."""
    system_share: float
    """The kernel's part of the CPU time; 0 where there was none."""
    voluntary: float
    involuntary: float
    """Context switches a second."""
    seconds: float
    """The time that the averages are over."""


def phase_window(recording: Recording, name: str) -> Window:
    """Give the stretch of the phase of that name; the last one where there are several.

    Raises:
        KeyError: there is none.
    """
    for phase in reversed(recording.phases):
        if phase.name == name:
            return Window(phase.start, phase.end)
    raise KeyError(name)


def rates(
    recording: Recording,
    window: Window | str | None = None,
    *,
    pid: int | None = None,
    undisturbed: bool = False,
) -> Rates | None:
    """Average over a window.

    Args:
        recording: the recording.
        window: a stretch, or a phase's name; the whole recording if it is not said.
        pid: one process; the whole tree if it is not said.
        undisturbed: leave out the time in which stacks were sampled.

    Returns:
        None where the window holds no time that was measured: no two readings, or all of it disturbed.

    Raises:
        KeyError: there is no phase of that name.
    """
    start, end = _window(recording, window)
    readings = [reading for reading in recording.activity if pid is None or reading.pid == pid]
    grid = sorted({reading.at for reading in recording.activity})
    if not readings or len(grid) < 2:  # noqa: PLR2004 - one reading alone gives no difference
        return None
    stretches = _stretches(grid, readings, start, end, undisturbed=undisturbed)
    seconds = sum(stretch.end - stretch.start for stretch in stretches)
    if seconds <= 0:
        return None

    def growth(counter: Callable[[Activity], float]) -> float:
        curve = _Curve(readings, grid, counter)
        return sum(curve.at(stretch.end) - curve.at(stretch.start) for stretch in stretches)

    user, system = growth(lambda reading: reading.cpu_user), growth(lambda reading: reading.cpu_system)
    waited = growth(lambda reading: reading.run_wait)
    return Rates(
        cores=(user + system) / seconds,
        demand=(user + system + waited) / seconds,
        system_share=system / (user + system) if user + system > 0 else 0.0,
        voluntary=growth(lambda reading: reading.voluntary) / seconds,
        involuntary=growth(lambda reading: reading.involuntary) / seconds,
        seconds=seconds,
    )


def peak_rss(
    recording: Recording, window: Window | str | None = None, *, pid: int | None = None
) -> int | None:
    """Give the most resident memory at one reading, in bytes, summed over the tree; None without a reading."""
    return max((sum(r.rss_bytes for r in group) for group in _readings(recording, window, pid)), default=None)


def connections_at_end(
    recording: Recording, window: Window | str | None = None, *, pid: int | None = None
) -> int | None:
    """Give the established connections at a window's last reading; None without a reading."""
    groups = _readings(recording, window, pid)
    return sum(reading.connections for reading in groups[-1]) if groups else None


def tasks_live(
    recording: Recording, window: Window | str | None = None, *, pid: int | None = None
) -> int | None:
    """Give the live tasks at a window's last census, summed over the tree; None without a census."""
    start, end = _window(recording, window)
    latest = {
        census.pid: census.live
        for census in sorted(recording.censuses, key=lambda census: census.at)
        if start <= census.at <= end and pid in {None, census.pid}
    }
    return sum(latest.values()) if latest else None


def tasks_created(
    recording: Recording, window: Window | str | None = None, *, pid: int | None = None
) -> float | None:
    """Give the tasks created a second, from the first and the last census in a window, summed over the tree.

    Where a process was looked at only once in the window, its last look before counts as the first. Tasks with
    names of their own do not count. None without two censuses of a process.
    """
    start, end = _window(recording, window)
    by_process: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for census in sorted(recording.censuses, key=lambda census: census.at):
        if census.at <= end and census.created is not None and pid in {None, census.pid}:
            looks = by_process[census.pid]
            # A number below an earlier one is a look that saw no recent task, where the counter itself was not found.
            if not looks or census.created >= looks[-1][1]:
                looks.append((census.at, census.created))
    found = [growth for looks in by_process.values() if (growth := _growth(looks, start)) is not None]
    return sum(found) if found else None


def _growth(looks: Sequence[tuple[float, int]], start: float) -> float | None:
    """Give the growth a second of a count from its first look since `start`, or the one before, to its last."""
    within = sum(at >= start for at, _ in looks)
    if within == 0 or len(looks) < 2:  # noqa: PLR2004 - a difference takes two
        return None
    (before, low), (after, high) = looks[-max(within, 2)], looks[-1]
    return max(0, high - low) / (after - before) if after > before else None


class _Curve:
    """A counter summed over processes, as a function of time."""

    def __init__(
        self, readings: Sequence[Activity], grid: Sequence[float], counter: Callable[[Activity], float]
    ) -> None:
        increments: dict[float, float] = defaultdict(float)
        before: dict[int, float] = {}
        for reading in sorted(readings, key=lambda reading: reading.at):
            value = counter(reading)
            known = before.get(reading.pid)
            if known is None:
                # What was there at the first reading had counted before; who came later started from 0.
                known = value if reading.at == grid[0] else 0.0
            # A counter that fell belongs to a new process with an old number.
            increments[reading.at] += value - known if value >= known else value
            before[reading.pid] = value
        self._times = grid
        self._sums = list(itertools.accumulate(increments.get(at, 0.0) for at in grid))

    def at(self, time: float) -> float:
        """Give the sum at a time, from the readings around it."""
        after = bisect.bisect_left(self._times, time)
        if after == 0:
            return self._sums[0]
        if after == len(self._times):
            return self._sums[-1]
        begin, end = self._times[after - 1], self._times[after]
        share = (time - begin) / (end - begin)
        return self._sums[after - 1] + share * (self._sums[after] - self._sums[after - 1])


def _window(recording: Recording, window: Window | str | None) -> Window:
    if window is None:
        return Window(0.0, recording.seconds)
    return phase_window(recording, window) if isinstance(window, str) else window


def _stretches(
    grid: Sequence[float], readings: Sequence[Activity], start: float, end: float, *, undisturbed: bool
) -> list[Window]:
    """Give the measured parts of a window, those with sampling left out if that is asked for."""
    disturbed = {reading.at for reading in readings if reading.sampled} if undisturbed else set()
    found = []
    for begin, stop in itertools.pairwise(grid):
        part = Window(max(begin, start), min(stop, end))
        if part.end > part.start and stop not in disturbed:
            found.append(part)
    return found


def _by_time(readings: Sequence[Activity]) -> dict[float, list[Activity]]:
    groups: dict[float, list[Activity]] = defaultdict(list)
    for reading in readings:
        groups[reading.at].append(reading)
    return groups


def _readings(recording: Recording, window: Window | str | None, pid: int | None) -> list[list[Activity]]:
    """Give the readings within a window, a group a time, in the order of time."""
    start, end = _window(recording, window)
    groups = _by_time([reading for reading in recording.activity if pid in {None, reading.pid}])
    return [groups[at] for at in sorted(groups) if start <= at <= end]
