"""Tests for the full names of types, on types made by hand with dicts as CPython 3.12 lays them out."""

import pytest
from made_memory import MadeHeap

from diag.collectors import layout
from diag.collectors.objects import Objects
from diag.collectors.peek import Torn
from diag.collectors.typenames import full_names

HEAP_TYPE = 1 << 9
FLAGS, DICT = 168, 264


class Made(MadeHeap):
    """A heap of classes."""

    def read(self, address: int, size: int) -> bytes:
        """Read as a source."""
        data = self.memory._within(address, size)  # noqa: SLF001 - a test's own memory
        if data is None:
            raise Torn(address)
        return data

    def made_class(self, name: str, attributes: int, flags: int = HEAP_TYPE) -> int:
        """Place a class with a dict of attributes."""
        words = [0] * (DICT // 8 + 1)
        words[0:2] = 1, self.type_type
        words[layout.TP_NAME // 8] = self.memory.put(self.place(), name.encode().ljust(128, bytes(1)))
        words[FLAGS // 8], words[DICT // 8] = flags, attributes
        return self.memory.words(self.place(), *words)

    def dict_of(self, **items: str) -> int:
        """Place a dict of strings."""
        pairs = [word for name, value in items.items() for word in (self.string(name), self.string(value))]
        head = [1, 3 | 3 << 8 | 1 << 16, 0, len(items), 0]  # 8 places of a byte each, names only
        keys = self.memory.words(self.place(), *head[:4], 0, *pairs)
        return self.memory.words(self.place(), 1, self.type("dict"), len(items), 0, keys, 0)

    def name(self, address: int) -> str:
        """Name a type."""
        return full_names(self, Objects(self.memory, self.offsets), self.offsets, self.minor, [address])[
            address
        ]


@pytest.fixture
def made() -> Made:
    """Give an empty heap."""
    return Made()


def test_a_class(made: Made) -> None:
    """It has its module before its name."""
    assert (
        made.name(made.made_class("Line", made.dict_of(a="b", __module__="app.models"))) == "app.models.Line"
    )


@pytest.mark.parametrize("module", ["builtins", ""])
def test_built_in(made: Made, module: str) -> None:
    """It has its name alone."""
    assert made.name(made.made_class("Line", made.dict_of(__module__=module or "builtins"))) == "Line"


def test_c_types(made: Made) -> None:
    """They have their module in their name, or are the interpreter's."""
    attributes = made.dict_of(__module__="app")
    assert made.name(made.made_class("_asyncio.Task", attributes)) == "_asyncio.Task"
    assert made.name(made.made_class("dict", attributes, flags=0)) == "dict"


def test_attributes_that_cannot_be_read(made: Made) -> None:
    """The name alone is better than none."""
    assert made.name(made.made_class("Line", 0xDEAD0000)) == "Line"
    assert made.name(made.made_class("Line", made.dict_of(a="b"))) == "Line"


def test_what_is_no_type(made: Made) -> None:
    """It is left out."""
    objects = Objects(made.memory, made.offsets)
    assert full_names(made, objects, made.offsets, made.minor, [made.string("text"), 8]) == {}
