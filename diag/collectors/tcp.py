"""The TCP connections of processes: state, bytes and segments moved, and what waits to be read.

Bytes come from sock_diag. Where that is closed to us, as for a process in a network namespace that may not be entered,
/proc/PID/net/tcp tells the rest.
"""

import socket
import struct
import time
from collections.abc import Callable, Container, Iterator, Sequence
from typing import NamedTuple

from diag.collectors import sockdiag
from diag.collectors.descriptors import DescriptorReader
from diag.collectors.proc import Proc
from diag.recording import Connection

STATES = {
    1: "ESTAB",
    2: "SYN-SENT",
    3: "SYN-RECV",
    4: "FIN-WAIT-1",
    5: "FIN-WAIT-2",
    6: "TIME-WAIT",
    7: "UNCONN",
    8: "CLOSE-WAIT",
    9: "LAST-ACK",
    10: "LISTEN",
    11: "CLOSING",
    12: "SYN-RECV",
}
"""The kernel's tcp_states.h, in the words of `ss`."""

_END_RECEIVED = frozenset({"CLOSE-WAIT", "LAST-ACK", "CLOSING", "TIME-WAIT"})
"""States that begin when the peer ends its stream: the end itself takes a number in the sequence of bytes, so the
kernel counts it as one more byte received, and as one to read until the process has read it."""

DEAR = 0.01
"""Seconds of CPU that a reading may take at any rate: 500 connections take less."""

SHARE = 0.03
"""Share of the time that dearer readings may take: 5,000 connections cost 65 ms, so the readings get rarer."""

NO_BYTES = (
    "The bytes of some TCP connections are not known: {reason}. It takes a kernel with sock_diag, and CAP_SYS_ADMIN for a "
    "process in a network namespace of its own."
)
NO_CONNECTIONS = "The connections of some processes may not be looked at, so they are missing."


class Facts(NamedTuple):
    """What `Connection` tells of a socket, whoever holds it."""

    local: str
    remote: str
    state: str
    unread: int
    received: int | None = None
    sent: int | None = None
    segments_in: int | None = None
    segments_out: int | None = None


_COUNTERS = struct.Struct("=Q16xII40xQQ")
"""Of struct tcp_info (linux/tcp.h): bytes received, data segments in and out, bytes sent, bytes of these sent again.

The kernel adds fields at the end: the last two came with Linux 4.19."""
_COUNTERS_AT = 128


class ConnectionReader:
    """Reads the TCP connections of processes; a connection between two of them has two rows, one an end.

    A reading that would come too early after a dear one is left out.
    """

    def __init__(
        self,
        proc: Proc,
        *,
        descriptors: DescriptorReader | None = None,
        connect: Callable[[Proc, int], socket.socket] = sockdiag.connect,
        clock: Callable[[], float] = time.thread_time,
    ) -> None:
        """Prepare.

        Args:
            proc: where processes are read.
            descriptors: shared with other readers, so that no descriptor is read twice at a moment.
            connect: opens a way to ask about the network namespace of a process.
            clock: seconds of CPU, by which the cost of a reading is told.
        """
        self._proc = proc
        self._descriptors = descriptors or DescriptorReader(proc)
        self._connect = connect
        self._clock = clock
        self._not_before = float("-inf")
        self._refused: set[str] = set()
        self._addresses: dict[bytes, tuple[str, str]] = {}
        self.notes: set[str] = set()
        """What could not be read, in sentences."""

    def read(self, at: float, pids: Sequence[int]) -> list[Connection]:
        """Read the connections of processes; who has gone has none. Nothing is read where that would be too dear by now.

        Args:
            at: the reading's time, seconds since the recording's start.
            pids: the processes. A socket that several hold, as workers their listening one, counts for each.
        """
        if at < self._not_before:
            return []
        begin = self._clock()
        found = []
        for namespace, owners in self._owners(at, pids).items():
            for inode, facts in self._facts(namespace, owners):
                found += [_connection(at, pid, inode, facts) for pid in owners[inode]]
        if (cost := self._clock() - begin) > DEAR:
            self._not_before = at + cost / SHARE
        return found

    def _owners(self, at: float, pids: Sequence[int]) -> dict[str, dict[int, list[int]]]:
        """Give for each network namespace the sockets that are held in it, and by which processes."""
        found: dict[str, dict[int, list[int]]] = {}
        for pid in pids:
            try:
                owners = found.setdefault(self._proc.link(pid, "ns/net"), {})
                for inode in self._descriptors.read(at, pid).sockets:
                    owners.setdefault(inode, []).append(pid)
            except PermissionError:
                self.notes.add(NO_CONNECTIONS)
            except OSError:
                continue  # gone meanwhile
        return found

    def _facts(self, namespace: str, owners: dict[int, list[int]]) -> Iterator[tuple[int, Facts]]:
        """Read the sockets of a network namespace that have an owner, each once."""
        if not owners:
            return
        pid = next(iter(owners.values()))[0]
        rows = self._asked(namespace, pid, owners)
        if rows is None:
            try:
                rows = list(_from_tables(self._proc, pid, owners))
            except OSError:
                return  # gone meanwhile
        # The kernel goes on from where it was if sockets come and go meanwhile, and may tell one twice.
        yield from dict(rows).items()

    def _asked(self, namespace: str, pid: int, wanted: Container[int]) -> list[tuple[int, Facts]] | None:
        """Ask the kernel; None where it gives no answer."""
        if namespace in self._refused:
            return None
        try:
            with self._connect(self._proc, pid) as way:
                return list(self._from_kernel(way, wanted))
        except FileNotFoundError:
            return None  # the process has gone before its namespace was entered
        except OSError as error:
            self._refused.add(namespace)
            self.notes.add(NO_BYTES.format(reason=error.strerror or error))
            return None

    def _from_kernel(self, way: socket.socket, wanted: Container[int]) -> Iterator[tuple[int, Facts]]:
        known, self._addresses = self._addresses, {}
        for family in (socket.AF_INET, socket.AF_INET6):
            for row in sockdiag.sockets(way, family, wanted):
                ends = known.get(row.address) or _ends(row)
                self._addresses[row.address] = ends
                yield row.inode, _facts_of(row, ends)


def _connection(at: float, pid: int, inode: int, facts: Facts) -> Connection:
    local, remote, state, unread, received, sent, segments_in, segments_out = facts
    return Connection(
        at=at,
        pid=pid,
        identity=inode,
        local=local,
        remote=remote,
        state=state,
        unread=unread,
        received=received,
        sent=sent,
        segments_in=segments_in,
        segments_out=segments_out,
    )


def _facts_of(row: sockdiag.Socket, ends: tuple[str, str]) -> Facts:
    """Read what the kernel tells about a socket."""
    state = STATES.get(row.state, "UNKNOWN")
    ended = state in _END_RECEIVED
    unread = _without_end(row.queue, ended=ended)
    if state == "LISTEN" or len(row.info) < _COUNTERS_AT + _COUNTERS.size:
        return Facts(*ends, state, unread)
    received, segments_in, segments_out, total, again = _COUNTERS.unpack_from(row.info, _COUNTERS_AT)
    received = _without_end(received, ended=ended)
    return Facts(*ends, state, unread, received, total - again, segments_in, segments_out)


def _without_end(count: int, *, ended: bool) -> int:
    return count - 1 if ended and count else count


def _ends(row: sockdiag.Socket) -> tuple[str, str]:
    """Write a socket's two addresses."""
    length = 4 if row.family == socket.AF_INET else 16
    local_port, remote_port = struct.unpack_from(">HH", row.address)
    return (
        _address(row.family, row.address[4 : 4 + length], local_port),
        _address(row.family, row.address[20 : 20 + length], remote_port),
    )


def _address(family: int, packed: bytes, port: int) -> str:
    host = socket.inet_ntop(family, packed)
    return f"{host}:{port}" if family == socket.AF_INET else f"[{host}]:{port}"


def _from_tables(proc: Proc, pid: int, wanted: Container[int]) -> Iterator[tuple[int, Facts]]:
    """Read /proc/PID/net/tcp and tcp6 (man 5 proc), which tell no bytes."""
    for family, table in ((socket.AF_INET, "net/tcp"), (socket.AF_INET6, "net/tcp6")):
        try:
            lines = proc.read(pid, table).splitlines()[1:]
        except FileNotFoundError:
            continue  # a kernel without IPv6
        for line in lines:
            fields = line.split(None, 10)
            inode = int(fields[9])
            if inode in wanted:
                state = STATES.get(int(fields[3], 16), "UNKNOWN")
                queue = int(fields[4].partition(b":")[2], 16)
                unread = _without_end(queue, ended=state in _END_RECEIVED)
                yield inode, Facts(_written(family, fields[1]), _written(family, fields[2]), state, unread)


def _written(family: int, field: bytes) -> str:
    """Turn "0100007F:1F90" into "127.0.0.1:8080": the words of the address are in the machine's order of bytes."""
    words, _, port = field.decode().partition(":")
    packed = b"".join(struct.pack("=I", int(words[i : i + 8], 16)) for i in range(0, len(words), 8))
    return _address(family, packed, int(port, 16))
