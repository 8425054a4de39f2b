"""Small pieces of another process's memory: one object at a time, or many places in a single call.

Like `diag.collectors.memory` nothing stops the process or writes to it. What is read here is a handful of objects a
look, for which one system call each is cheaper than arrays.
"""

import contextlib
import ctypes
import errno
import os
import struct
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Protocol, Self

from diag.errors import HotloopError

WORD = 8
LOWEST, HIGHEST = 1 << 12, 1 << 56
"""Between them lie the addresses of user space, on x86-64 and aarch64 alike."""


_LARGEST = 1 << 26
"""Bytes of a piece above which its size is not believed."""

_IOV_MAX = 1024
"""Pieces that the kernel takes in one call (UIO_MAXIOV)."""


class Torn(Exception):  # noqa: N818 - no failure: what was read changed meanwhile, and is read again
    """What was read makes no sense: it was freed or changed while it was being read."""


class Missing(Torn):
    """A place that is not part of a copy."""

    def __init__(self, address: int, size: int) -> None:
        super().__init__(address, size)
        self.place = (address, size)


class Unreadable(Torn):
    """A place to be copied that is not there."""

    def __init__(self, place: tuple[int, int]) -> None:
        super().__init__(*place)
        self.place = place


class Source(Protocol):
    """Whoever can read bytes at an address."""

    def read(self, address: int, size: int) -> bytes:
        """Read exactly so many bytes.

        Raises:
            Torn: they are not there.
        """
        ...


@lru_cache(maxsize=512)
def words_format(count: int) -> struct.Struct:
    """Give the format of so many words."""
    return struct.Struct(f"<{count}Q")


def words(source: Source, address: int, count: int) -> tuple[int, ...]:
    """Read words at an address."""
    return words_format(count).unpack(source.read(address, count * WORD))


def word(source: Source, address: int) -> int:
    """Read a word at an address."""
    return int.from_bytes(source.read(address, WORD), "little")


class Plan:
    """Places to be copied together: address and size of each; they may not overlap."""

    def __init__(self, places: Iterable[tuple[int, int]]) -> None:
        self.places = sorted(places)
        self.starts = [start for start, _ in self.places]
        self.ends = [start + size for start, size in self.places]
        self.offsets = [0, *accumulate(size for _, size in self.places)]
        self.total = self.offsets.pop()
        self.buffer = ctypes.create_string_buffer(2 * self.total)
        self.calls = self._calls()

    def _calls(self) -> list[tuple[bytes, bytes, int]]:
        """Give the arguments of the calls that copy all, and then all again: local and remote pieces, their number."""
        local = ctypes.addressof(self.buffer)
        twice = self.places + self.places
        calls = []
        for first in range(0, len(twice), _IOV_MAX):
            some = twice[first : first + _IOV_MAX]
            size = sum(length for _, length in some)
            remote = struct.pack(f"<{2 * len(some)}Q", *[part for place in some for part in place])
            calls.append((struct.pack("<2Q", local, size), remote, len(some)))
            local += size
        return calls

    def place(self, offset: int) -> tuple[int, int]:
        """Give the place at an offset of what was copied; the first for the second copy."""
        return self.places[bisect_right(self.offsets, offset) - 1] if offset < self.total else self.places[0]


class Copy:
    """Places copied together, within microseconds."""

    def __init__(self, plan: Plan, data: bytes, base: int) -> None:
        self._data = data
        self._starts = plan.starts
        self._ends = plan.ends
        self._offsets = plan.offsets
        self._base = base

    def read(self, address: int, size: int) -> bytes:
        """Give bytes out of the copy."""
        index = bisect_right(self._starts, address) - 1
        if index < 0 or address + size > self._ends[index]:
            raise Missing(address, size)
        offset = self._base + self._offsets[index] + address - self._starts[index]
        return self._data[offset : offset + size]


class Peek:
    """The memory of a running process, which is kept open until `close`.

    Raises:
        HotloopError: the process is gone, or may not be read.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        try:
            self._file = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
        except (FileNotFoundError, ProcessLookupError):
            raise HotloopError(f"there is no process {pid} (any more)") from None
        except PermissionError:
            raise denied(pid) from None
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.process_vm_readv.restype = ctypes.c_ssize_t
        self._libc.process_vm_readv.argtypes = [
            *(ctypes.c_int, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_ulong, ctypes.c_ulong)
        ]

    def read(self, address: int, size: int) -> bytes:
        """Read exactly so many bytes."""
        if not LOWEST <= address < HIGHEST or size > _LARGEST:
            raise Torn(address)
        try:
            data = os.pread(self._file, size, address)
        except OSError:
            raise Torn(address) from None
        if len(data) != size:
            raise Torn(address)
        return data

    def copy(self, plan: Plan) -> tuple[Copy, Copy]:
        """Copy places twice, in the order of addresses, in a single call if they are less than 512.

        Whatever is equal in both copies held for the time between.

        Raises:
            Unreadable: one of them is not there.
            HotloopError: the process is gone, or may not be read any more.
        """
        done = 0
        for local, remote, count in plan.calls:
            got = self._libc.process_vm_readv(self.pid, local, 1, remote, count, 0)
            done += max(got, 0)
            if got != int.from_bytes(local[WORD:], "little"):
                self._check(ctypes.get_errno() if got < 0 else 0)
                raise Unreadable(plan.place(done))
        data = plan.buffer.raw
        return Copy(plan, data, 0), Copy(plan, data, plan.total)

    def many(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Read many places in a few calls; those that are not there, and those behind them, may be left out."""
        found = {}
        for first in range(0, len(places), _IOV_MAX):
            some = places[first : first + _IOV_MAX]
            ends = list(accumulate(size for _, size in some))
            buffer = ctypes.create_string_buffer(ends[-1])
            local = struct.pack("<2Q", ctypes.addressof(buffer), ends[-1])
            remote = struct.pack(f"<{2 * len(some)}Q", *[part for place in some for part in place])
            got = self._libc.process_vm_readv(self.pid, local, 1, remote, len(some), 0)
            data = buffer.raw
            for place, end in zip(some, ends, strict=True):
                if end > got:
                    break
                found[place] = data[end - place[1] : end]
        return found

    def _check(self, code: int) -> None:
        if code == errno.ESRCH:
            raise HotloopError(f"the process {self.pid} ended while it was being read")
        if code in (errno.EPERM, errno.EACCES, errno.ENOSYS):
            raise denied(self.pid)

    def close(self) -> None:
        """Let go of the process."""
        if self._file >= 0:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Ahead:
    """Reads of a process's memory, those that were made in the last look ahead of all others and together.

    What a look reads is so read in less time, and closer together.
    """

    def __init__(self, peek: Peek) -> None:
        self._peek = peek
        self._held: dict[tuple[int, int], bytes] = {}
        self._used: dict[tuple[int, int], None] = {}

    def begin(self) -> None:
        """Begin a look."""
        self._held = self._peek.many(list(self._used))
        self._used = {}

    def end(self) -> None:
        """End a look: what is read from now on is not taken from it."""
        self._held = {}

    def read(self, address: int, size: int) -> bytes:
        """Read exactly so many bytes."""
        place = (address, size)
        data = self._held.get(place)
        if data is None:
            self._held[place] = data = self._peek.read(address, size)
        self._used[place] = None
        return data


def denied(pid: int) -> HotloopError:
    """Say which permission is missing."""
    return HotloopError(
        f"the memory of process {pid} may not be read: run as root or with CAP_SYS_PTRACE (docker run"
        " --cap-add SYS_PTRACE; Kubernetes: securityContext.capabilities.add), or as the same user where"
        " /proc/sys/kernel/yama/ptrace_scope is 0"
    )
