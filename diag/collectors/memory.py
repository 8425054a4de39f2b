"""Another process's memory, read in chunks and in batches, never one read per pointer.

The process is not stopped, written to or injected into: `process_vm_readv` copies, with the permission that a
debugger needs. Memory that vanishes while it is read is reported as not read, and is no error.
"""

import ctypes
import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from diag.errors import HotloopError

Words = npt.NDArray[np.uint64]
Octets = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

WORD = 8
"""Bytes in a word of a 64-bit process."""

_BATCH = 1 << 14
"""Addresses gathered at once: bounds the buffer of a gather."""

_MERGE_GAP = 1024
"""Bytes between two addresses up to which one longer read is cheaper than two (about half a microsecond each)."""

_USER_SPACE = 1 << 56
"""Addresses above belong to the kernel, on x86-64 and aarch64 alike."""

_IOV_MAX = 1024
"""Pieces that the kernel takes in one call (UIO_MAXIOV)."""

_PAGEMAP_CHUNK = 1 << 18
"""Entries of /proc/PID/pagemap read at once: 2 MiB."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """A line of /proc/PID/maps."""

    start: int
    end: int
    permissions: str
    path: str

    @property
    def size(self) -> int:
        """Bytes of address space."""
        return self.end - self.start

    @property
    def readable(self) -> bool:
        """Whether the process itself may read it."""
        return "r" in self.permissions

    @property
    def writable(self) -> bool:
        """Whether the process may write it now."""
        return "w" in self.permissions

    @property
    def is_file(self) -> bool:
        """Whether a file lies behind it."""
        return self.path.startswith("/")

    @property
    def is_heap(self) -> bool:
        """Whether a memory allocator may have taken objects from it: writable, private, no file."""
        anonymous = not self.path or self.path == "[heap]" or self.path.startswith("[anon")
        return anonymous and self.readable and self.writable and "p" in self.permissions


def parse_maps(text: str) -> tuple[Mapping, ...]:
    """Read the text of /proc/PID/maps."""
    mappings = []
    for line in text.splitlines():
        area, permissions, _offset, _device, _inode, *path = line.split(maxsplit=5)
        start, end = area.split("-")
        mappings.append(Mapping(int(start, 16), int(end, 16), permissions, path[0] if path else ""))
    return tuple(mappings)


class Reader(Protocol):
    """Whoever can copy pieces of a memory."""

    def read_runs(self, starts: Words, sizes: Words, into: Octets) -> Flags:
        """Copy the runs one behind the other to `into`; tell which were read whole (the rest is undefined)."""
        ...


class ProcessMemory:
    """The memory of a running process.

    Raises:
        HotloopError: the process is gone, or may not be read.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.process_vm_readv.restype = ctypes.c_ssize_t
        self._libc.process_vm_readv.argtypes = [
            *(ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)
        ]

    def mappings(self) -> tuple[Mapping, ...]:
        """Give the address space as it is now, in the order of addresses."""
        try:
            return parse_maps(Path(f"/proc/{self.pid}/maps").read_text(errors="surrogateescape"))
        except (FileNotFoundError, ProcessLookupError):
            raise HotloopError(f"there is no process {self.pid} (any more)") from None
        except PermissionError:
            raise self._denied() from None

    def resident(self, mapping: Mapping) -> list[tuple[int, int]]:
        """Give the (start, end) areas of a mapping that were ever touched: the rest holds nothing.

        Reading a page that was never touched would make the kernel map one for the process. Swapped pages count.
        """
        page = os.sysconf("SC_PAGE_SIZE")
        try:
            descriptor = os.open(f"/proc/{self.pid}/pagemap", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:  # a kernel without it: everything may hold something
            return [(mapping.start, mapping.end)]
        try:
            areas = [
                (mapping.start + first * page, mapping.start + last * page)
                for first, last in _touched(descriptor, mapping.start // page, mapping.size // page)
            ]
        except OSError:
            return [(mapping.start, mapping.end)]
        finally:
            os.close(descriptor)
        return areas

    def read_runs(self, starts: Words, sizes: Words, into: Octets) -> Flags:
        """Copy the runs one behind the other to `into`; tell which were read whole."""
        remote = np.column_stack((starts, sizes)).astype(np.uint64, copy=False)
        ends = np.cumsum(sizes, dtype=np.int64)
        whole = np.ones(len(starts), dtype=np.bool_)
        first = 0
        while first < len(starts):
            last = min(first + _IOV_MAX, len(starts))
            offset = int(ends[first] - int(sizes[first]))
            wanted = int(ends[last - 1]) - offset
            got = self._copy(into.ctypes.data + offset, wanted, remote[first:last])
            if got < wanted:  # it stopped in the first run that could not be read: go on behind it
                last = first + int(np.searchsorted(ends[first:last] - offset, got, side="right")) + 1
                whole[last - 1] = False
            first = last
        return whole

    def _copy(self, local: int, size: int, remote: Words) -> int:
        """Copy pieces to one place; give the bytes copied before the first that could not be read."""
        target = np.array([local, size], dtype=np.uint64)
        pieces = np.ascontiguousarray(remote)
        got: int = self._libc.process_vm_readv(
            self.pid, target.ctypes.data, 1, pieces.ctypes.data, len(pieces), 0
        )
        if got >= 0:
            return got
        code = ctypes.get_errno()
        if code == errno.ESRCH:
            raise HotloopError(f"the process {self.pid} ended while it was being read")
        if code in (errno.EPERM, errno.EACCES, errno.ENOSYS):
            raise self._denied()
        return 0

    def _denied(self) -> HotloopError:
        """Say which permission is missing."""
        return HotloopError(
            f"the memory of process {self.pid} may not be read: run as root or with CAP_SYS_PTRACE (docker run"
            " --cap-add SYS_PTRACE; Kubernetes: securityContext.capabilities.add), or as the same user where"
            " /proc/sys/kernel/yama/ptrace_scope is 0"
        )


def _touched(descriptor: int, first: int, count: int) -> Iterator[tuple[int, int]]:
    """Give runs of present or swapped pages, as (first, last + 1) counted from the mapping's start."""
    open_at = -1
    done = 0
    while done < count:
        raw = os.pread(descriptor, min(_PAGEMAP_CHUNK, count - done) * WORD, (first + done) * WORD)
        if not raw:  # the mapping is gone
            break
        present = (np.frombuffer(raw, dtype=np.uint64) >> np.uint64(62)) != 0
        edges = np.flatnonzero(np.diff(present, prepend=open_at >= 0))
        for edge in edges.tolist():
            if open_at < 0:
                open_at = done + edge
            else:
                yield open_at, done + edge
                open_at = -1
        done += len(present)
    if open_at >= 0:
        yield open_at, done


def distinct(values: Words) -> Words:
    """Give each value once, ascending. Many times faster than `np.unique`, which hashes, on addresses."""
    ordered = np.sort(values, axis=None)
    fresh = np.ones(len(ordered), dtype=np.bool_)
    fresh[1:] = ordered[1:] != ordered[:-1]
    return ordered[fresh]


def read_pieces(reader: Reader, places: Sequence[tuple[int, int]]) -> list[bytes | None]:
    """Read (address, size) places in one batch; None for each that could not be read whole."""
    if not places:
        return []
    starts, sizes = (np.array(column, dtype=np.uint64) for column in zip(*places, strict=True))
    buffer = np.empty(int(sizes.sum()), dtype=np.uint8)
    whole = reader.read_runs(starts, sizes, buffer)
    ends = np.cumsum(sizes, dtype=np.int64).tolist()
    return [
        buffer[end - size : end].tobytes() if good else None
        for (_, size), end, good in zip(places, ends, whole.tolist(), strict=True)
    ]


def gather(reader: Reader, addresses: Words, words: int) -> tuple[Words, Flags]:
    """Read `words` words at each address, in any order and with repeats.

    Returns:
        An array of shape (addresses, words), 0 where nothing could be read, and whether each could be. An
        address that is 0, not aligned or not of user space is not read.
    """
    values = np.zeros((len(addresses), words), dtype=np.uint64)
    whole = (addresses != 0) & (addresses % WORD == 0) & (addresses < _USER_SPACE)
    order = np.flatnonzero(whole)
    order = order[np.argsort(addresses[order], kind="stable")]
    for first in range(0, len(order), _BATCH):
        some = order[first : first + _BATCH]
        values[some], whole[some] = _gather_sorted(reader, addresses[some], words)
    return values, whole


def _gather_sorted(reader: Reader, addresses: Words, words: int) -> tuple[Words, Flags]:
    """Gather at ascending addresses: neighbours are read together."""
    size = np.uint64(words * WORD)
    leads = np.ones(len(addresses), dtype=np.bool_)
    leads[1:] = np.diff(addresses) > size + np.uint64(_MERGE_GAP)
    run = np.cumsum(leads) - 1
    values, whole = _gather_runs(reader, addresses, run, words)
    if not whole.all():  # a run may be broken by one bad address: read its members one by one
        lost = np.flatnonzero(~whole)
        values[lost], whole[lost] = _gather_runs(reader, addresses[lost], np.arange(len(lost)), words)
    return values, whole


def _gather_runs(
    reader: Reader, addresses: Words, run: npt.NDArray[np.intp], words: int
) -> tuple[Words, Flags]:
    """Gather at ascending addresses; `run` numbers the read that each belongs to."""
    last = np.flatnonzero(np.diff(run, append=run[-1] + 1))
    first = np.concatenate(([0], last[:-1] + 1))
    starts = addresses[first]
    sizes = addresses[last] + np.uint64(words * WORD) - starts
    buffer = np.empty(int(sizes.sum()), dtype=np.uint8)
    whole = reader.read_runs(starts, sizes, buffer)[run]
    begins = np.cumsum(sizes, dtype=np.int64) - sizes.astype(np.int64)
    places = (begins[run] + (addresses - starts[run]).astype(np.int64)) // WORD
    values = buffer.view(np.uint64)[places[:, None] + np.arange(words)]
    values[~whole] = 0
    return values, whole
