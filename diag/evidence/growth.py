"""What grows without bound: live tasks by coroutine, threads, connections, descriptors."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from diag import rates, thresholds
from diag.rates import Window
from diag.recording import Census, Recording

AROUND = 5.0
"""Seconds before and after the window in which a census may lie that counts."""


@dataclass(frozen=True)
class Growth:
    """Something whose number grew at every look."""

    kind: str
    """"tasks", "threads", "connections", "descriptors"."""
    name: str
    """The coroutine; "" for the others."""
    file: str
    line: int
    """Where the coroutine is defined."""
    first: int
    last: int
    per_second: float


@dataclass(frozen=True)
class Tasks:
    """The tasks of a process over the window."""

    live: int | None
    by_coroutine: dict[str, int]
    per_second: float | None
    created_per_second: float | None
    growing: tuple[Growth, ...]
    """The most first."""


def tasks(recording: Recording, window: Window, pid: int) -> Tasks:
    """Describe the tasks."""
    censuses = _around(recording, window, pid)
    if not censuses:
        return Tasks(None, {}, None, None, ())
    last = censuses[-1]
    counts: Counter[str] = Counter()
    for group in last.groups:
        if group.state != "done":
            counts[group.coroutine] += group.count
    span = Window(min(window.start, censuses[0].at), max(window.end, last.at))
    created = rates.tasks_created(recording, span, pid=pid)
    return Tasks(
        live=last.live,
        by_coroutine=dict(counts.most_common()),
        per_second=_slope([(census.at, census.live) for census in censuses]),
        created_per_second=created,
        growing=_growing(censuses, created),
    )


def _around(recording: Recording, window: Window, pid: int) -> list[Census]:
    """Give the censuses in a window, and the nearest before and after it: one that is dear is not taken in time."""
    own = sorted((census for census in recording.censuses if census.pid == pid), key=lambda census: census.at)
    before = [census for census in own if window.start - AROUND <= census.at < window.start]
    after = [census for census in own if window.end < census.at <= window.end + AROUND]
    within = [census for census in own if window.start <= census.at <= window.end]
    return [*before[-1:], *within, *after[:1]]


def _growing(censuses: Sequence[Census], created: float | None) -> tuple[Growth, ...]:
    """Find the coroutines whose live tasks grow at every look."""
    series: dict[tuple[str, str, int], list[int]] = {}
    for number, census in enumerate(censuses):
        for group in census.groups:
            if group.state != "done":
                key = group.coroutine, group.file, group.line
                series.setdefault(key, [0] * len(censuses))[number] += group.count
    times = [census.at for census in censuses]
    seconds = times[-1] - times[0]
    found = []
    for (coroutine, file, line), counts in series.items():
        grown = counts[-1] - counts[0]
        if grown < thresholds.LEAKED_TASKS or not is_steady(times, counts):
            continue
        if not _enough_stay(grown / seconds, created, len(censuses)):
            continue
        found.append(Growth("tasks", coroutine, file, line, counts[0], counts[-1], grown / seconds))
    return tuple(sorted(found, key=lambda growth: -growth.per_second))


def _enough_stay(growth: float, created: float | None, looks: int) -> bool:
    """Whether enough of the tasks that are made stay for a leak: the fewer the looks, the more of them must.

    Tasks of other coroutines are among those made; where the number is not known, three looks must do.
    """
    least = thresholds.STAYING[min(looks, max(thresholds.STAYING))]
    return looks >= thresholds.GROWTH_LOOKS if created is None else growth >= least * created


def is_steady(times: Sequence[float], counts: Sequence[int]) -> bool:
    """Whether a number grows from look to look, and about evenly."""
    grown, seconds = counts[-1] - counts[0], times[-1] - times[0]
    if grown <= 0 or seconds <= 0:
        return False
    least = thresholds.EVEN * grown / seconds
    pairs = itertools.pairwise(zip(times, counts, strict=True))
    return all(after - before >= least * (end - begin) for (begin, before), (end, after) in pairs)


def others(recording: Recording, window: Window, pid: int) -> list[Growth]:
    """Find growth of threads, connections and descriptors, in each third of the window."""
    within = [r for r in recording.activity if r.pid == pid and window.start <= r.at <= window.end]
    readings = sorted(within, key=lambda reading: reading.at)
    if len(readings) < 2 * thresholds.GROWTH_LOOKS:
        return []
    picks = [readings[round(number * (len(readings) - 1) / 3)] for number in range(4)]
    seconds = picks[-1].at - picks[0].at
    found = []
    for kind, least in (
        ("threads", thresholds.LEAKED_THREADS),
        ("connections", thresholds.LEAKED_DESCRIPTORS),
        ("descriptors", thresholds.LEAKED_DESCRIPTORS),
    ):
        counts = [int(getattr(reading, kind)) for reading in picks]
        if counts[-1] - counts[0] >= least and is_steady([reading.at for reading in picks], counts):
            found.append(Growth(kind, "", "", 0, counts[0], counts[-1], (counts[-1] - counts[0]) / seconds))
    return found


def _slope(points: Sequence[tuple[float, int]]) -> float | None:
    if len(points) < 2 or points[-1][0] <= points[0][0]:  # noqa: PLR2004 - a difference takes two
        return None
    return (points[-1][1] - points[0][1]) / (points[-1][0] - points[0][0])
