"""Tests for cutting and packing areas of memory."""

import os

import numpy as np
from made_memory import MadeMemory

from diag.collectors.chunks import chunks


def test_chunks_cut_and_pack() -> None:
    """Large areas are cut and small ones packed, and every word keeps its address."""
    memory = MadeMemory()
    memory.words(0x10000, *range(8))
    memory.words(0x20000, *range(8, 10))
    plan = chunks([(0x10000, 0x10040), (0x20000, 0x20010)], size=48)
    buffer = np.empty(48, dtype=np.uint8)
    seen: dict[int, int] = {}
    for chunk in plan:
        table = chunk.read(memory, buffer)
        places = chunk.addresses(np.arange(len(table)))
        seen.update(zip(places.tolist(), table.tolist(), strict=True))
    assert [int(chunk.sizes.sum()) for chunk in plan] == [48, 32]
    assert seen == {0x10000 + n * 8: n for n in range(8)} | {0x20000: 8, 0x20008: 9}


def test_chunk_with_a_hole() -> None:
    """Pages that vanished are zeros; the others of the same area are read."""
    page = os.sysconf("SC_PAGE_SIZE")
    memory = MadeMemory()
    memory.put(0x100000, b"\1" * page)
    memory.put(0x100000 + 2 * page, b"\3" * page)
    (chunk,) = chunks([(0x100000, 0x100000 + 3 * page)])
    table = chunk.read(memory, np.empty(3 * page, dtype=np.uint8)).view(np.uint8)
    assert table[::page].tolist() == [1, 0, 3]
