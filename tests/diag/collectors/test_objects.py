"""Tests for reading names and places, on objects made by hand."""

import pytest
from made_memory import MadeHeap

from diag.collectors import layout
from diag.collectors.objects import LONGEST, Objects, Place


@pytest.fixture
def heap() -> MadeHeap:
    """Give an empty heap."""
    return MadeHeap()


@pytest.fixture
def objects(heap: MadeHeap) -> Objects:
    """Give the reader of that heap."""
    return Objects(heap.memory, heap.offsets)


@pytest.mark.parametrize("text", ["main", "Klasse.größe", "待機.中", "\U0001f600()", "a" * LONGEST])
def test_strings_of_every_width(heap: MadeHeap, objects: Objects, text: str) -> None:
    """ASCII, Latin-1, two and four bytes a character are read."""
    address = heap.string(text)
    assert objects.strings([address]) == {address: text}


def test_a_long_string_is_cut(heap: MadeHeap, objects: Objects) -> None:
    """Of a huge name only the start is read."""
    address = heap.string("x" * (LONGEST * 100))
    assert objects.strings([address])[address] == "x" * LONGEST


def test_what_is_no_string(heap: MadeHeap, objects: Objects) -> None:
    """Another object, a str that is not compact, an absurd length, and no object at all give None."""
    loose, endless = heap.string("loose"), heap.string("endless")
    heap.memory.set_word(loose + 32, 0)
    heap.memory.set_word(endless + 16, 1 << 40)
    addresses = [heap.loop, loose, endless, 0xDEAD000, 0]
    assert objects.strings(addresses) == dict.fromkeys(addresses)


def test_type_names(heap: MadeHeap, objects: Objects) -> None:
    """A type is named; an instance is not taken for a type."""
    assert objects.type_names([heap.task_type, heap.loop, 0]) == {
        heap.task_type: "_asyncio.Task",
        heap.loop: None,
        0: None,
    }


def test_a_type_name_at_the_end_of_memory(heap: MadeHeap, objects: Objects) -> None:
    """A name is read also where little memory follows it."""
    kind = heap.type("long")
    heap.memory.set_word(kind + layout.TP_NAME, heap.memory.put(heap.place(), b"short\0" + bytes(10)))
    assert objects.type_names([kind]) == {kind: "short"}


def test_a_garbled_type_name(heap: MadeHeap, objects: Objects) -> None:
    """What steers a terminal is no name."""
    kind = heap.type("\x1b[31m")
    assert objects.type_names([kind]) == {kind: None}


def test_places(heap: MadeHeap, objects: Objects) -> None:
    """A code object gives file and line; anything else None."""
    code = heap.code("/srv/app.py", 41)
    assert objects.places([code, heap.loop]) == {code: Place("/srv/app.py", 41), heap.loop: None}
