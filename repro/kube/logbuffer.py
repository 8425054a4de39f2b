"""What one run of a container wrote: kept once, however many read it, and bounded.

As in the file that a container runtime writes, an entry is a line or a piece of at most 16 KiB of a longer one,
with its time and stream. A last line without a newline is a piece, too.
"""

import asyncio
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator

PIECE = 16 * 1024
"""Bytes of a line per entry, as containerd's `max_container_log_line_size`."""

LIMIT = 64 << 20
"""Bytes kept, counted with what Python spends on an entry. A kubelet rotates a log at 10 MiB and then serves
the newer file only; here the older half goes."""

ENTRY_COST = 64
"""Bytes that Python spends on an entry beside its text: the bytes object, its place in the list, the time."""

STDOUT = 1
STDERR = 2


class LogBuffer:
    """The log of one container run. Entries are numbered from 0; the oldest may be gone."""

    def __init__(self, *, limit: int = LIMIT, clock: Callable[[], int] = time.time_ns) -> None:
        self.first = 0
        self.closed = False
        self.epitaph = b""
        """What a follower is given after the last entry, once the runtime has forgotten the container."""
        self._limit = limit
        self._clock = clock
        self._texts: list[bytes] = []
        self._times = array("q")
        self._streams = bytearray()
        self._size = 0
        self._waiters: set[asyncio.Future[None]] = set()

    @property
    def end(self) -> int:
        """The number of the entry that comes next."""
        return self.first + len(self._texts)

    def write(self, data: bytes, stream: int = STDOUT) -> None:
        """Add what the container wrote at once: lines, the last perhaps unfinished."""
        now = self._clock()
        texts = list(_entries(data))
        self._texts += texts
        self._times.extend([now] * len(texts))
        self._streams += bytes([stream]) * len(texts)
        self._size += len(data) + ENTRY_COST * len(texts)
        if self._size > self._limit:
            self._drop_older_half()
        self._wake()

    def close(self, epitaph: bytes = b"") -> None:
        """Say that the container has ended and nothing more will come."""
        self.closed = True
        self.epitaph = epitaph
        self._wake()

    def texts(self, start: int, stop: int) -> list[bytes]:
        """Give the texts of entries `start` to `stop`; those that are gone are left out."""
        return self._texts[max(start - self.first, 0) : max(stop - self.first, 0)]

    def times(self, start: int, stop: int) -> "array[int]":
        """Give the times (ns since 1970) of the same entries."""
        return self._times[max(start - self.first, 0) : max(stop - self.first, 0)]

    def streams(self, start: int, stop: int) -> bytearray:
        """Give the streams (STDOUT or STDERR) of the same entries."""
        return self._streams[max(start - self.first, 0) : max(stop - self.first, 0)]

    def since(self, moment: int) -> int:
        """Give the number of the first entry written at or after a moment (ns since 1970)."""
        return self.first + bisect_left(self._times, moment)

    async def more(self, position: int) -> None:
        """Wait until there is an entry at `position`, or the container has ended."""
        while self.end <= position and not self.closed:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.add(waiter)
            try:
                await waiter
            finally:
                self._waiters.discard(waiter)

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, set()
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    def _drop_older_half(self) -> None:
        """Forget the oldest entries until half the limit is kept."""
        gone = 0
        while self._size > self._limit // 2 and gone < len(self._texts) - 1:
            self._size -= len(self._texts[gone]) + ENTRY_COST
            gone += 1
        del self._texts[:gone], self._times[:gone], self._streams[:gone]
        self.first += gone


def _entries(data: bytes) -> Iterator[bytes]:
    """Cut what was written into lines, and long lines into pieces; only a line's last piece has the newline."""
    lines = data.split(b"\n")
    last = lines.pop()
    for line in lines:
        if len(line) <= PIECE:
            yield line + b"\n"
        else:
            yield from _pieces(line + b"\n", len(line))
    if last:
        yield from _pieces(last, len(last))


def _pieces(text: bytes, length: int) -> Iterator[bytes]:
    """Cut one line; `length` is without the newline, which may make the last piece one longer."""
    starts = range(0, length, PIECE)
    for start in starts[:-1]:
        yield text[start : start + PIECE]
    yield text[starts[-1] :]
