"""What processes read, write and open: /proc/PID/io, descriptors by kind, and sockets that come and go."""

from collections.abc import Sequence

from diag.collectors.descriptors import DescriptorReader, Descriptors
from diag.collectors.proc import Proc
from diag.recording import Traffic

NO_IO = "What some processes read and write may not be looked at, so it counts as 0."
NO_DESCRIPTORS = "The descriptors of some processes may not be looked at, so they count as 0."

_NONE = Descriptors(frozenset(), 0, 0, 0)


class TrafficReader:
    """Reads the traffic of processes, and remembers the sockets that each had."""

    def __init__(self, proc: Proc, *, descriptors: DescriptorReader | None = None) -> None:
        """Prepare.

        Args:
            proc: where processes are read.
            descriptors: shared with other readers, so that no descriptor is read twice at a moment.
        """
        self._proc = proc
        self._descriptors = descriptors or DescriptorReader(proc)
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
        found = [self._traffic(at, pid) for pid in pids]
        self._begun = True
        return [traffic for traffic in found if traffic is not None]

    def _traffic(self, at: float, pid: int) -> Traffic | None:
        try:
            read, written = self._bytes(pid)
            held = self._held(at, pid)
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

    def _held(self, at: float, pid: int) -> Descriptors:
        try:
            return self._descriptors.read(at, pid)
        except PermissionError:
            self.notes.add(NO_DESCRIPTORS)
            return _NONE

    def _count_new(self, pid: int, sockets: frozenset[int]) -> int:
        """Count the sockets that a process has got since the first reading, as far as a reading met them."""
        if pid not in self._seen:
            self._seen[pid] = set() if self._begun else set(sockets)
        fresh = sockets - self._seen[pid]
        self._seen[pid] |= fresh
        self._new[pid] = self._new.get(pid, 0) + len(fresh)
        return self._new[pid]
