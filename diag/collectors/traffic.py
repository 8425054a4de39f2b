"""What processes read, write and open: /proc/PID/io, descriptors by kind, and sockets that come and go."""

import time
from collections.abc import Callable, Sequence

from diag.collectors.descriptors import DescriptorReader, Descriptors
from diag.collectors.proc import Proc
from diag.recording import Traffic

NO_IO = "What some processes read and write may not be looked at, so it counts as 0."
NO_DESCRIPTORS = "The descriptors of some processes may not be looked at, so they count as 0."

SHARE = 0.03
"""Share of the time that reading descriptors may take: 5,000 of them cost 25 ms a look, so the looks get rarer."""

_NONE = Descriptors(frozenset(), 0, 0, 0)


class TrafficReader:
    """Reads the traffic of processes, and remembers the sockets that each had."""

    def __init__(
        self,
        proc: Proc,
        *,
        descriptors: DescriptorReader | None = None,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        """Prepare.

        Args:
            proc: where processes are read.
            descriptors: shared with other readers, so that no descriptor is read twice at a moment.
            clock: seconds of CPU, by which the cost of a look is told.
        """
        self._proc = proc
        self._descriptors = descriptors or DescriptorReader(proc)
        self._clock = clock
        self._not_before = float("-inf")
        self._held: dict[int, Descriptors] = {}
        self._begun = False
        self._seen: dict[int, set[int]] = {}
        self._new: dict[int, int] = {}
        self.notes: set[str] = set()
        """What could not be read, in sentences."""

    def read(self, at: float, pids: Sequence[int]) -> list[Traffic]:
        """Read the traffic of processes; who has gone has none.

        Args:
            at: the reading's time, seconds since the recording's start.
            pids: the processes. All sockets of one that appears after the first reading are new.
        """
        self._look(at, pids)
        found = [self._traffic(at, pid) for pid in pids]
        self._begun = True
        return [traffic for traffic in found if traffic is not None]

    def _look(self, at: float, pids: Sequence[int]) -> None:
        """Read the descriptors, if that is not too dear by now; those of a new process in any case."""
        begin = self._clock()
        known = {} if at >= self._not_before else self._held
        self._held = {}
        for pid in pids:
            try:
                self._held[pid] = known[pid] if pid in known else self._descriptors.read(at, pid)
            except PermissionError:
                self.notes.add(NO_DESCRIPTORS)
                self._held[pid] = _NONE
            except OSError:
                continue  # gone meanwhile
        if not known:
            self._not_before = at + (self._clock() - begin) / SHARE

    def _traffic(self, at: float, pid: int) -> Traffic | None:
        try:
            read, written = self._bytes(pid)
            held = self._held[pid]
        except (OSError, KeyError, ValueError):
            return None  # gone meanwhile
        return Traffic(
            at=at,
            pid=pid,
            read_bytes=read,
            written_bytes=written,
            sockets=held.socket_count,
            pipes=held.pipes,
            files=held.files,
            new_sockets=self._count_new(pid, held.sockets),
        )

    def _bytes(self, pid: int) -> tuple[int, int]:
        """Give the bytes that a process has read and written (`rchar`, `wchar`)."""
        try:
            content = self._proc.read(pid, "io")
        except PermissionError:
            self.notes.add(NO_IO)
            return 0, 0
        except FileNotFoundError:
            self._proc.stat(pid)  # a kernel without CONFIG_TASK_IO_ACCOUNTING, if the process lives
            return 0, 0
        fields = dict(line.split(b": ") for line in content.splitlines())
        return int(fields[b"rchar"]), int(fields[b"wchar"])

    def _count_new(self, pid: int, sockets: frozenset[int]) -> int:
        """Count the sockets that a process has got since the first reading, as far as a reading met them."""
        if pid not in self._seen:
            self._seen[pid] = set() if self._begun else set(sockets)
        fresh = sockets - self._seen[pid]
        self._seen[pid] |= fresh
        self._new[pid] = self._new.get(pid, 0) + len(fresh)
        return self._new[pid]
