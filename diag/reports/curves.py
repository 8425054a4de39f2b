"""A Recording's course over time: cores, demand, memory and tasks, summed over its processes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from diag.recording import Activity, Census, Recording

Series: TypeAlias = NDArray[np.float64]

_SHORTEST = 0.5
"""Part of the usual time between two readings that a rate needs at the least."""

_Look = TypeVar("_Look", Activity, Census)


@dataclass(frozen=True)
class Curve:
    """A figure over time; both arrays have the same length, 0 where nothing was measured."""

    times: Series
    """Seconds since the recording's start."""
    values: Series


def cores(recording: Recording) -> Curve:
    """CPU seconds a second, between one reading and the next."""
    return _rate(recording.activity, lambda reading: reading.cpu_user + reading.cpu_system)


def demand(recording: Recording) -> Curve:
    """CPU plus run-queue wait, seconds a second: the cores that were asked for."""
    return _rate(recording.activity, lambda reading: reading.cpu_user + reading.cpu_system + reading.run_wait)


def memory(recording: Recording) -> Curve:
    """Resident memory in MiB."""
    return _sum(recording.activity, lambda reading: reading.rss_bytes / 2**20)


def tasks(recording: Recording) -> Curve:
    """Asyncio tasks that are not done."""
    return _sum(recording.censuses, lambda census: census.live)


def _sum(looks: Sequence[_Look], value: Callable[[_Look], float]) -> Curve:
    """Add a figure up over the processes, at the times of the one that was looked at most often.

    The processes are read one after the other, so their times differ by milliseconds; between two looks a
    process's figure is taken to change evenly, and before its first and after its last to stay as it was.
    """
    processes: dict[int, list[_Look]] = {}
    for look in looks:
        processes.setdefault(look.pid, []).append(look)
    if not processes:
        return Curve(np.empty(0), np.empty(0))
    times = np.array([look.at for look in max(processes.values(), key=len)])
    total = np.zeros(len(times))
    for its in processes.values():
        total += np.interp(times, [look.at for look in its], [value(look) for look in its])
    return Curve(times, total)


def _rate(looks: Sequence[Activity], value: Callable[[Activity], float]) -> Curve:
    """Give a counter's growth a second.

    A counter that was read twice within a small part of the usual interval gives no rate there: the kernel's own
    steps would show as spikes.
    """
    counter = _sum(looks, value)
    if len(counter.times) < 2:  # noqa: PLR2004 - a difference takes two
        return Curve(np.empty(0), np.empty(0))
    shortest = _SHORTEST * float(np.median(np.diff(counter.times)))
    kept = [0]
    for index, time in enumerate(counter.times):
        if time - counter.times[kept[-1]] > shortest:
            kept.append(index)
    times, values = counter.times[kept], counter.values[kept]
    return Curve(times[1:], np.maximum(np.diff(values) / np.diff(times), 0))
