"""Established TCP connections of processes, counted by the sockets that they hold."""

from collections.abc import Callable, Sequence

from diag.collectors.proc import Proc

ESTABLISHED = b"01"
"""The state column of /proc/PID/net/tcp, from the kernel's TCP_ESTABLISHED."""

SHARE = 0.02
"""Share of the time that counting may take: 5,000 connections cost some 50 ms a look, so the looks get rarer."""


class ConnectionCounter:
    """Counts a process's connections, and remembers the counts when looking again would be too dear."""

    def __init__(self, proc: Proc, clock: Callable[[], float]) -> None:
        self._proc = proc
        self._clock = clock
        self._not_before = float("-inf")
        self._counts: dict[int, int] = {}

    def count(self, pids: Sequence[int], *, fresh: bool = False) -> dict[int, int]:
        """Count the connections of each process; `fresh` looks again whatever it costs."""
        begin = self._clock()
        if fresh or begin >= self._not_before or any(pid not in self._counts for pid in pids):
            self._counts = self._look(pids)
            end = self._clock()
            self._not_before = end + (end - begin) / SHARE
        return {pid: self._counts[pid] for pid in pids}

    def _look(self, pids: Sequence[int]) -> dict[int, int]:
        """Read the table of each network namespace once, and each process's descriptors."""
        tables: dict[str, frozenset[str]] = {}
        counts = {}
        for pid in pids:
            try:
                namespace = self._proc.link(pid, "ns/net")
                if namespace not in tables:
                    tables[namespace] = self._established(pid)
                counts[pid] = self._held(pid, tables[namespace])
            except OSError:
                counts[pid] = 0
        return counts

    def _established(self, pid: int) -> frozenset[str]:
        """Name the sockets of all established connections in a process's network namespace."""
        sockets = set()
        for table in ("net/tcp", "net/tcp6"):
            try:
                lines = self._proc.read(pid, table).splitlines()[1:]
            except FileNotFoundError:
                continue  # a kernel without IPv6
            for line in lines:
                fields = line.split(None, 10)
                if fields[3] == ESTABLISHED:
                    sockets.add(f"socket:[{fields[9].decode()}]")
        return frozenset(sockets)

    def _held(self, pid: int, sockets: frozenset[str]) -> int:
        """Count the descriptors of a process that are among the sockets; a duplicate counts once."""
        if not sockets:
            return 0
        held = set()
        for descriptor in self._proc.numbers(pid, "fd"):
            try:
                held.add(self._proc.link(pid, f"fd/{descriptor}"))
            except OSError:
                continue  # closed meanwhile
        return len(held & sockets)
