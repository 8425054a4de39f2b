"""Activity of a process and its descendants: CPU, run-queue wait, switches, threads, memory, descriptors.

Everything comes from /proc. Run-queue wait and switches are kept by the kernel a thread, so they are summed as
differences: a thread that ends takes nothing away from the sum (what it did since the last reading is missed).
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, field

from diag.collectors.connections import ConnectionCounter
from diag.collectors.proc import Proc, Stat
from diag.recording import Activity

NANOSECOND = 1e-9

NO_SCHEDSTAT = (
    "Run-queue wait is not kept by this kernel (CONFIG_SCHED_INFO), so demand is no more than the CPU used."
)
NO_DESCRIPTORS = (
    "The descriptors of some processes may not be looked at, so they and their connections count as 0."
)


@dataclass(slots=True)
class _Thread:
    """A thread's counters at the last reading."""

    waiting: int = 0
    slices: int = -1
    voluntary: int = 0
    involuntary: int = 0


@dataclass(slots=True)
class _Process:
    """A process that is watched, and what its threads summed up to."""

    start_ticks: int
    threads: dict[int, _Thread] = field(default_factory=dict)
    waiting: int = 0
    voluntary: int = 0
    involuntary: int = 0


class ActivityReader:
    """Reads a process and its descendants, those included that come and go or lose their parent."""

    def __init__(self, pid: int, *, proc: Proc, clock: Callable[[], float]) -> None:
        self._pid = pid
        self._proc = proc
        self._connections = ConnectionCounter(proc, clock)
        self._watched: dict[int, _Process] = {}
        self._begun = False
        self._tick = os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._children_kept = True
        self._schedstat_kept = True
        self.notes: set[str] = set()
        """What could not be read, in sentences."""
        self._followed: int | None = None
        self.runnable: dict[int, list[tuple[float, float]]] = {}
        """For each thread of the followed process, its seconds on or waiting for a core at each reading, as
        (at, seconds)."""

    @property
    def schedstat_kept(self) -> bool:
        """Whether the kernel keeps the time of threads on and waiting for a core; true until it is known."""
        return self._schedstat_kept

    def follow(self, pid: int | None) -> None:
        """Keep the time of a process's threads in `runnable` from the next reading on, and of no other one's."""
        self._followed = pid
        self.runnable = {}

    def read(self, at: float, *, sampled: int | None = None, fresh: bool = False) -> list[Activity]:
        """Take one reading of every process of the tree; none where all have ended.

        Args:
            at: the reading's time, seconds since the recording's start.
            sampled: the process whose stacks are being sampled.
            fresh: count connections anew, even if that is dear.
        """
        stats: dict[int, Stat] = {}
        queue = [self._pid, *self._watched]
        while queue:
            pid = queue.pop(0)
            if pid in stats:
                continue
            try:
                stat = self._proc.stat(pid)
                if stat.ended or not self._same(pid, stat):
                    continue
                threads = self._proc.numbers(pid, "task")
                queue += self._children(pid, threads)
                self._sum_threads(pid, stat, threads, at if pid == self._followed else None)
                stats[pid] = stat
            except (OSError, IndexError, ValueError):
                continue  # gone while it was read: a file cut short, or none
        self._begun = True
        self._watched = {pid: watched for pid, watched in self._watched.items() if pid in stats}
        counts = self._connections.count(list(stats), fresh=fresh)
        return [self._activity(at, pid, stats[pid], counts[pid], sampled=pid == sampled) for pid in stats]

    def _same(self, pid: int, stat: Stat) -> bool:
        """Whether a known pid still names the same process; one that does not is forgotten.

        Where the number has passed to a new child of the tree, that is found once more among the children.
        """
        known = self._watched.get(pid)
        if known is not None and known.start_ticks != stat.start_ticks:
            del self._watched[pid]
            return False
        return pid != self._pid or known is not None or not self._begun

    def _children(self, pid: int, threads: list[int]) -> list[int]:
        """List a process's children, from the kernel's own list or else from everybody's parent."""
        if self._children_kept:
            try:
                return self._proc.children(pid, threads)
            except FileNotFoundError:
                # Either a thread has just ended, or this kernel has no CONFIG_PROC_CHILDREN.
                self._children_kept = os.path.exists(self._proc.path(pid, f"task/{pid}/children"))  # noqa: PTH110 - a string
        return [child for child, parent in self._proc.parents().items() if parent == pid]

    def _sum_threads(self, pid: int, stat: Stat, threads: list[int], followed_at: float | None) -> None:
        """Add what a process's threads did since the last reading."""
        watched = self._watched.get(pid)
        # What a process did before observation began is no part of the sums; a later child's whole life is.
        baseline = watched is None and not self._begun
        if watched is None:
            watched = self._watched[pid] = _Process(stat.start_ticks)
        now: dict[int, _Thread] = {}
        for thread in threads:
            try:
                before = watched.threads.get(thread) or _Thread()
                now[thread] = after = self._thread(pid, thread, before, followed_at)
            except (OSError, IndexError, ValueError):
                continue  # the thread has ended
            if baseline:
                continue
            watched.waiting += _increase(before.waiting, after.waiting)
            watched.voluntary += _increase(before.voluntary, after.voluntary)
            watched.involuntary += _increase(before.involuntary, after.involuntary)
        watched.threads = now

    def _thread(self, pid: int, thread: int, before: _Thread, followed_at: float | None) -> _Thread:
        """Read a thread's counters; its switches only if it has got a core since."""
        running = waiting = 0
        slices = -1
        if self._schedstat_kept:
            try:
                running, waiting, slices = self._proc.schedstat(pid, thread)
            except FileNotFoundError:
                if os.path.exists(self._proc.path(pid, f"task/{thread}/status")):  # noqa: PTH110 - a string
                    self._schedstat_kept = False
                    self.notes.add(NO_SCHEDSTAT)
        if followed_at is not None:
            history = self.runnable.setdefault(thread, [])
            history.append((followed_at, (running + waiting) * NANOSECOND))
        if slices == before.slices and slices >= 0:
            return _Thread(waiting, slices, before.voluntary, before.involuntary)
        return _Thread(waiting, slices, *self._proc.switches(pid, thread))

    def _activity(self, at: float, pid: int, stat: Stat, connections: int, *, sampled: bool) -> Activity:
        """Put a process's figures together."""
        watched = self._watched[pid]
        return Activity(
            at=at,
            pid=pid,
            cpu_user=stat.user_ticks / self._tick,
            cpu_system=stat.system_ticks / self._tick,
            run_wait=round(watched.waiting * NANOSECOND, 6),
            voluntary=watched.voluntary,
            involuntary=watched.involuntary,
            threads=stat.threads,
            rss_bytes=stat.rss_pages * self._page,
            descriptors=self._descriptors(pid),
            connections=connections,
            sampled=sampled,
        )

    def _descriptors(self, pid: int) -> int:
        """Count a process's open descriptors."""
        try:
            return self._proc.descriptors(pid)
        except PermissionError:
            self.notes.add(NO_DESCRIPTORS)
        except OSError:
            pass  # gone meanwhile
        return 0


def _increase(before: int, after: int) -> int:
    """Give the growth of a counter; one that fell belongs to a new thread with an old number."""
    return after - before if after >= before else after
