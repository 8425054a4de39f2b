"""Areas of memory cut and packed into chunks, which are read one after the other into the same buffer."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from diag.collectors.memory import WORD, Flags, Octets, Reader, Words, read_pieces

CHUNK = 1 << 21
"""Bytes read and searched at once: small enough for the processor's cache, large enough to hide the call."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Areas of memory that are read and searched together."""

    starts: Words
    sizes: Words

    def read(self, reader: Reader, buffer: Octets) -> Words:
        """Read the areas one behind the other; what cannot be read is zero. The words live in `buffer`."""
        total = int(self.sizes.sum())
        whole = reader.read_runs(self.starts, self.sizes, buffer)
        if not whole.all():
            self._read_again(reader, buffer, whole)
        return buffer[:total].view(np.uint64)

    def _read_again(self, reader: Reader, buffer: Octets, whole: Flags) -> None:
        """Read areas with a hole page by page."""
        page = os.sysconf("SC_PAGE_SIZE")
        ends = np.cumsum(self.sizes, dtype=np.int64)
        for index in np.flatnonzero(~whole).tolist():
            start, size = int(self.starts[index]), int(self.sizes[index])
            places = [(start + offset, min(page, size - offset)) for offset in range(0, size, page)]
            pieces = [
                piece or bytes(length)
                for piece, (_, length) in zip(read_pieces(reader, places), places, strict=True)
            ]
            buffer[int(ends[index]) - size : int(ends[index])] = np.frombuffer(b"".join(pieces), np.uint8)

    def addresses(self, indices: npt.NDArray[np.intp]) -> Words:
        """Give the addresses of words by their place in what `read` gave."""
        ends = np.cumsum(self.sizes, dtype=np.int64) // WORD
        area = np.searchsorted(ends, indices, side="right")
        within = indices - (ends - (self.sizes // WORD).astype(np.int64))[area]
        return self.starts[area] + (within * WORD).astype(np.uint64)


def chunks(areas: Sequence[tuple[int, int]], size: int = CHUNK) -> list[Chunk]:
    """Cut and pack (start, end) areas into chunks of at most `size` bytes, in the order given."""
    packed: list[Chunk] = []
    some: list[tuple[int, int]] = []
    room = size
    for start, end in areas:
        at = start
        while at < end:
            take = min(room, end - at)
            some.append((at, take))
            at, room = at + take, room - take
            if room < WORD:
                packed.append(_chunk(some))
                some, room = [], size
    if some:
        packed.append(_chunk(some))
    return packed


def _chunk(areas: Sequence[tuple[int, int]]) -> Chunk:
    starts, sizes = zip(*areas, strict=True)
    return Chunk(np.array(starts, dtype=np.uint64), np.array(sizes, dtype=np.uint64))
