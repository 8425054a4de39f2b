"""Tests for reading another process's memory; the own one serves as another."""

import ctypes
import mmap
import os

import numpy as np
import pytest
from made_memory import MadeMemory

from diag.collectors.memory import (
    Mapping,
    ProcessMemory,
    Words,
    distinct,
    gather,
    parse_maps,
    read_pieces,
)
from diag.errors import HotloopError

MAPS = """\
55d0c0000000-55d0c0021000 rw-p 00000000 00:00 0                          [heap]
7f1200000000-7f1200100000 r--p 00001000 08:01 123                        /opt/my app/lib.so (deleted)
7f1200100000-7f1200200000 rw-p 00000000 00:00 0                          [anon:cpython:pymalloc]
7f1200200000-7f1200300000 rw-s 00000000 00:01 9                          /dev/zero (deleted)
7f1200300000-7f1200400000 ---p 00000000 00:00 0
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
"""


def words(*values: int) -> Words:
    """Give an array of words."""
    return np.array(values, dtype=np.uint64)


def test_maps_with_spaces_in_paths() -> None:
    """A path is kept whole, and only memory of an allocator counts as heap."""
    mappings = parse_maps(MAPS)
    assert mappings[1] == Mapping(0x7F1200000000, 0x7F1200100000, "r--p", "/opt/my app/lib.so (deleted)")
    assert [mapping.is_heap for mapping in mappings] == [True, False, True, False, False, False]


def test_gather_keeps_order_and_repeats() -> None:
    """Rows come in the order asked for, also where an address is asked for twice."""
    memory = MadeMemory()
    for number in range(4):
        memory.words(0x10000 + number * 0x10000, number, number + 100)
    values, whole = gather(memory, words(0x30000, 0x10000, 0x30000, 0x40000), 2)
    assert values.tolist() == [[2, 102], [0, 100], [2, 102], [3, 103]]
    assert whole.all()


def test_gather_reads_neighbours_together() -> None:
    """A thousand objects side by side are one read, not a thousand."""
    memory = MadeMemory()
    memory.words(0x10000, *range(4000))
    values, _ = gather(memory, np.arange(0x10000, 0x10000 + 4000 * 8, 32, dtype=np.uint64), 2)
    assert values[:, 0].tolist() == list(range(0, 4000, 4))
    assert memory.runs == 1


@pytest.mark.parametrize("bad", [0, 0x10001, 1 << 60, 0xDEAD0000])
def test_gather_leaves_out_what_is_no_address(bad: int) -> None:
    """Null, crooked, kernel and unmapped addresses give zeros, and spoil nothing else."""
    memory = MadeMemory()
    memory.words(0x10000, 1, 2)
    values, whole = gather(memory, words(bad, 0x10000), 2)
    assert values.tolist() == [[0, 0], [1, 2]]
    assert whole.tolist() == [False, True]


def test_gather_survives_a_hole_between_neighbours() -> None:
    """Where a joint read fails, its members are read one by one."""
    memory = MadeMemory()
    memory.words(0x10000, 1)
    memory.words(0x10100, 2)
    values, whole = gather(memory, words(0x10000, 0x10080, 0x10100), 1)
    assert values[:, 0].tolist() == [1, 0, 2]
    assert whole.tolist() == [True, False, True]


def test_gather_in_many_batches() -> None:
    """More addresses than one batch takes are all read."""
    memory = MadeMemory()
    memory.words(0x10000, *range(40_000))
    values, whole = gather(memory, np.arange(40_000, dtype=np.uint64) * np.uint64(8) + np.uint64(0x10000), 1)
    assert (values[:, 0] == np.arange(40_000)).all()
    assert whole.all()


def test_pieces_of_any_size() -> None:
    """Pieces come back as bytes, and what is not there as None."""
    memory = MadeMemory()
    memory.put(0x10000, b"abcdefg")
    assert read_pieces(memory, [(0x10001, 3), (0x10005, 3), (0x10006, 1)]) == [b"bcd", None, b"g"]
    assert read_pieces(memory, []) == []


def test_distinct() -> None:
    """Each value comes once, ascending."""
    assert distinct(words(5, 1, 5, 1 << 63)).tolist() == [1, 5, 1 << 63]
    assert distinct(words()).tolist() == []


def test_own_memory_with_a_hole() -> None:
    """Runs behind one that cannot be read are read all the same."""
    buffer = ctypes.create_string_buffer(b"live bytes")
    at = ctypes.addressof(buffer)
    pieces = read_pieces(ProcessMemory(os.getpid()), [(at, 4), (8, 4), (at + 5, 5)])
    assert pieces == [b"live", None, b"bytes"]


def test_more_runs_than_a_call_takes() -> None:
    """The kernel takes 1024 pieces a call; more are read in several."""
    buffer = ctypes.create_string_buffer(bytes(range(250)) * 10)
    at = ctypes.addressof(buffer)
    pieces = read_pieces(ProcessMemory(os.getpid()), [(at + offset, 1) for offset in range(2500)])
    assert b"".join(piece or b"?" for piece in pieces) == bytes(range(250)) * 10


def test_only_touched_pages_are_resident() -> None:
    """Of a large reserved area only the page that was written counts."""
    page = os.sysconf("SC_PAGE_SIZE")
    with mmap.mmap(-1, 64 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as area:
        area.madvise(mmap.MADV_NOHUGEPAGE)
        area[10 * page] = 1
        view = (ctypes.c_char * 1).from_buffer(area)
        start = ctypes.addressof(view)
        del view
        memory = ProcessMemory(os.getpid())
        areas = memory.resident(Mapping(start, start + len(area), "rw-p", ""))
    assert areas == [(start + 10 * page, start + 11 * page)]


def test_a_pid_that_is_not_there() -> None:
    """The failure is a sentence."""
    with pytest.raises(HotloopError, match="there is no process"):
        ProcessMemory((1 << 22) + 1).mappings()
