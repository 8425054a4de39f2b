"""Tests for counting objects by type, on a heap made by hand."""

from collections import Counter

import numpy as np
import pytest
from made_memory import MadeHeap

from diag.collectors import layout
from diag.collectors.memory import Mapping, Words
from diag.collectors.types import Heap, Types, apart, named
from diag.recording import TypeCount

EVERYWHERE = (Mapping(1 << 16, 1 << 47, "rw-p", ""),)
FREED = 0x7F12_3456_7890
"""The address of the next free block, in the place of a reference count."""


class Made(MadeHeap):
    """A heap whose types are known; what is counted lies in an array."""

    def __init__(self, minor: int = 12) -> None:
        super().__init__()
        self.dict_type = self.type("dict", size=48)
        self.tuple_type = self.type("tuple", size=24)
        self.plain_type = self.type("object", size=16)
        self.heap = Heap(self.memory, Types(self.memory, EVERYWHERE), minor)

    def count(self, *words: int) -> dict[int, int]:
        """Count what is in words that follow each other."""
        self.heap.look(np.array(words, dtype=np.uint64))
        return dict(self.heap.totals)


@pytest.fixture
def made() -> Made:
    """Give an empty heap."""
    return Made()


def test_objects_count_by_type(made: Made) -> None:
    """An object is a reference count and a type; pieces of the heap add up."""
    words = [2, made.dict_type, 0, 0, 0, 0, 1, made.plain_type, 1, made.plain_type]
    assert made.count(*words) == {made.dict_type: 1, made.plain_type: 2}
    assert made.count(*words)[made.plain_type] == 4


@pytest.mark.parametrize("count", [0, FREED, 0x0920_A780, 1 << 40])
def test_freed_objects(made: Made, count: int) -> None:
    """Neither a count of 0 nor the address of the next free block, also of a heap at low addresses, is alive."""
    assert made.count(count, made.dict_type) == {}


def test_objects_begin_at_every_second_word(made: Made) -> None:
    """What is not aligned as allocators align is none."""
    assert made.count(0, 1, made.dict_type, 0) == {}


def test_a_tuple_of_types_holds_none_of_their_instances(made: Made) -> None:
    """Its size and its first item look like an object; what follows it counts all the same."""
    words = [1, made.tuple_type, 2, made.dict_type, made.plain_type, 0, 1, made.dict_type]
    assert made.count(*words) == {made.tuple_type: 1, made.dict_type: 1}


def test_what_is_no_type(made: Made) -> None:
    """A number before the address of an object, or of nothing, is no object."""
    text = made.string("text")
    assert made.count(1, text, 1, FREED, 1, 8, 1, 3) == {}


def test_metaclasses(made: Made) -> None:
    """A class with a metaclass, and one whose metaclass has a metaclass, are types."""
    flags = layout.TPFLAGS_TYPE_SUBCLASS
    outer = made.object(made.type_type, *[0] * 19, flags)
    inner = made.object(outer, *[0] * 19, flags)
    sized = [0, 0, 32, *[0] * 16, 0]
    first, second = made.object(outer, *sized), made.object(inner, *sized)
    assert made.count(1, second, 0, 0, 1, first) == {first: 1, second: 1}


@pytest.mark.parametrize(
    ("minor", "count", "counts"),
    [
        (11, 0xFFFF_FFFF, False),
        (12, 0xFFFF_FFFF, True),
        (13, 0xC000_0000, True),
        (13, 0x0001_0000_0000_0001, False),
        (14, 0x0001_0000_0000_0001, True),
        (14, 0x0005_0000_C000_0001, True),
        (14, 0x7F12_3456_7890, False),
    ],
)
def test_immortal_objects_and_flags(minor: int, count: int, counts: bool) -> None:  # noqa: FBT001 - a case
    """Objects that live for ever have the highest bit of a short count since 3.12; flags stand above it since 3.14."""
    made = Made(minor)
    assert bool(made.count(count, made.dict_type)) == counts


def words(*values: int) -> Words:
    """Make an array."""
    return np.array(values, dtype=np.uint64)


def test_apart() -> None:
    """Only a stretch that counts itself can hide another: the third begins in the second, which is none."""
    assert apart(words(0, 16, 48, 80), words(32, 4096, 64, 96)).tolist() == [True, False, True, True]
    assert apart(words(0, 16, 32, 48), words(48, 20, 36, 52)).tolist() == [True, False, False, True]
    assert apart(words(0, 64, 80), words(64, 80, 96)).tolist() == [True, True, True]
    assert apart(words(), words()).tolist() == []


def test_names_add_up() -> None:
    """Types of one name are one row, the most first; what has no name is left out."""
    found = named(Counter({1: 3, 2: 4, 3: 9, 4: 7}), {1: "app.Leak", 2: "dict", 4: "app.Leak"})
    assert found == (TypeCount(type="app.Leak", count=10), TypeCount(type="dict", count=4))
