"""Tests for dicts and attributes, on objects of the test's own process."""

import enum
from typing import NamedTuple

import pytest
from own_process import Own

from diag.collectors.dicts import Dicts
from diag.collectors.peek import Torn


class Plain:
    """As many attributes as asked for."""

    def __init__(self, count: int) -> None:
        for number in range(count):
            setattr(self, f"name{number}", number)


class Slotted:
    """Slots, one of them without a value."""

    __slots__ = ("first", "second")

    def __init__(self) -> None:
        self.second = 2


class Both(Slotted):
    """Slots and a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.third = 3


class Pair(NamedTuple):
    """A named tuple."""

    left: int
    right: int


class Number(enum.IntEnum):
    """An enum of numbers."""

    ONE = 1


class Listed(list[int]):
    """A list with attributes."""


@pytest.fixture
def dicts(own: Own) -> Dicts:
    """Give the reader of dicts, at the beginning of a look."""
    own.contents.begin()
    return own.contents.dicts


def attributes(own: Own, value: object, most: int = 24) -> dict[str, int]:
    """Read the attributes of an object, anew."""
    own.contents.begin()
    kind = own.contents.kind_of(id(value))
    return dict(own.contents.dicts.attributes(id(value), kind, most))


@pytest.mark.parametrize("count", [0, 1, 5, 300, 70_000])
def test_a_dict(dicts: Dicts, count: int) -> None:
    """Keys and values come in the dict's order, up to the number asked for."""
    table = {f"key{number}": object() for number in range(count)}
    pairs = dicts.pairs(id(table), 400)
    assert pairs == [(id(key), id(value)) for key, value in list(table.items())[:400]]


def test_other_keys(dicts: Dicts) -> None:
    """Keys need not be str, and removed ones are left out."""
    table: dict[object, int] = {1: 2, "three": 4, (5,): 6}
    del table["three"]
    assert [value for _, value in dicts.pairs(id(table), 9)] == [id(2), id(6)]


def test_names_in_a_dict(dicts: Dicts) -> None:
    """Names that are wanted are found at once, and found again after the dict has changed."""
    table: dict[str, object] = {f"key{number}": number for number in range(50)}
    wanted = frozenset({"key7", "late", "absent"})
    assert [value for _, value in dicts.find(id(table), wanted)] == [id(7)]
    table["late"] = table
    table["key7"] = None
    found = {dicts.name(key): value for key, value in dicts.find(id(table), wanted)}
    assert found == {"key7": id(None), "late": id(table)}
    del table["key7"]
    assert [value for _, value in dicts.find(id(table), wanted)] == [id(table)]


@pytest.mark.parametrize("count", [0, 3, 29])
def test_attributes(own: Own, count: int) -> None:
    """Attributes are found wherever the version keeps them, also after the dict was asked for."""
    value = Plain(count)
    expected = {f"name{number}": id(number) for number in range(count)}
    assert attributes(own, value, most=100) == expected
    assert len(vars(value)) == count
    assert attributes(own, value, most=100) == expected


def test_many_attributes(own: Own) -> None:
    """Of an object with a dict of its own, as many as asked for are read."""
    assert list(attributes(own, Plain(200), most=10)) == [f"name{number}" for number in range(10)]


def test_slots(own: Own) -> None:
    """Slots that have a value count, beside a dict or without one."""
    assert attributes(own, Slotted()) == {"second": id(2)}
    assert attributes(own, Both()) == {"second": id(2), "third": id(3)}


def test_fields(own: Own) -> None:
    """A named tuple has its fields by name."""
    assert attributes(own, Pair(4, 5)) == {"left": id(4), "right": id(5)}


def test_attributes_of_derived_types(own: Own) -> None:
    """Attributes of what is derived from a number or a container are found."""
    assert attributes(own, Number.ONE)["_name_"] == id(Number.ONE.name)
    listed = Listed([1, 2])
    listed.extra = 5  # type: ignore[attr-defined] # what it shows
    assert attributes(own, listed) == {"extra": id(5)}


def test_what_is_no_dict(dicts: Dicts) -> None:
    """Words that make no dict are torn."""
    with pytest.raises(Torn):
        dicts.pairs(id("a text that is long enough to be read as if it were a dict, all of it"), 5)
