"""Tests for reading attribute values, laid out by hand as each minor version does."""

import numpy as np
import pytest
from made_memory import MadeHeap

from diag.collectors import attributes, layout

BASIC_SIZE, DICT_OFFSET = 32, 16
VALUES = [0xA0, 0xB0, 0xC0]
PREFIX = 8
"""Bytes before an array of values in 3.11 and 3.12, of which two are no room for values."""
ROOM = PREFIX - 2


class Made(MadeHeap):
    """A heap with one object that has three attributes."""

    def __init__(self) -> None:
        super().__init__()
        words = [0] * 40
        words[0:2] = 1, self.type_type
        words[layout.TP_BASICSIZE // 8] = BASIC_SIZE
        words[layout.TP_DICTOFFSET // 8] = DICT_OFFSET
        self.kind = self.memory.words(self.place(), *words)

    def prefixed(self) -> int:
        """Place an array of values behind its prefix; give the array."""
        return self.memory.words(self.place(), PREFIX << 56 | len(VALUES) << 48, *VALUES, *[0] * 30) + 8

    def own_keys(self, minor: int) -> int:
        """Place the keys of a dict that shares them with nobody: eight indices, and an entry a value."""
        if minor < layout.MANAGED_DICT:
            head = [1, 8, 0, 2, len(VALUES), 0]
            entries = [word for value in VALUES for word in (0, 0, value)]
        else:
            head = [1, 3 | 3 << 8 | 1 << 16, 2, len(VALUES), 0]
            entries = [word for value in VALUES for word in (0, value)]
        return self.memory.words(self.place(), *head, *entries, *[0] * 90)

    def dict(self, *, keys: int = 0, shared: int = 0) -> int:
        """Place a dict of three."""
        return self.memory.words(self.place(), 1, 0, len(VALUES), 0, keys, shared)

    def whole(self, before: list[int], behind: list[int]) -> int:
        """Place the object between what stands before and behind it; give its address."""
        return self.memory.words(self.place(), *before, 1, self.kind, *behind) + 8 * len(before)

    def object_of(self, minor: int, kept: str) -> int:
        """Place the object as a version lays it out."""
        padding = [0] * 30
        if minor >= layout.INLINE_VALUES:
            valid = int(kept == "beside")
            table = self.dict(keys=self.own_keys(minor)) if kept == "dict" else 0
            inline = [30 | len(VALUES) << 8 | valid << 24, *VALUES, *padding]
            return self.whole([table, 0, 0], [0, 0, *inline])
        if minor == 12:
            field = self.prefixed() - 1 if kept == "beside" else self.dict(keys=self.own_keys(minor))
            return self.whole([0, field, 0, 0], padding)
        if minor == layout.MANAGED_DICT:
            values = self.prefixed() if kept == "beside" else 0
            return self.whole([values, self.dict(keys=self.own_keys(minor)), 0, 0], padding)
        if kept == "shared":
            return self.whole([], [self.dict(shared=self.memory.words(self.place(), *VALUES, *padding)), 0])
        return self.whole([], [self.dict(keys=self.own_keys(minor)), 0])


@pytest.mark.parametrize(
    ("minor", "kept"),
    [
        (8, "shared"),
        (8, "dict"),
        (11, "beside"),
        (11, "dict"),
        (12, "beside"),
        (12, "dict"),
        (13, "beside"),
        (13, "dict"),
        (15, "beside"),
    ],
)
def test_values(minor: int, kept: str) -> None:
    """The values are found wherever the version keeps them."""
    heap = Made()
    address = np.array([heap.object_of(minor, kept)], dtype=np.uint64)
    (row,) = attributes.values(heap.memory, minor, address, heap.kind).tolist()
    assert row[: len(VALUES)] == VALUES
    assert not any(row[len(VALUES) :])


@pytest.mark.parametrize("minor", [8, 11, 12, 13])
def test_nothing_there(minor: int) -> None:
    """What is no object has no values, and is no error."""
    heap = Made()
    address = np.array([0xDEAD000], dtype=np.uint64)
    assert not attributes.values(heap.memory, minor, address, heap.kind).any()
