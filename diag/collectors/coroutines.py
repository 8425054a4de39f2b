"""What a task runs: the name and the code of coroutines and of whatever else behaves like one."""

from dataclasses import dataclass, field

import numpy as np

from diag.collectors import layout
from diag.collectors.memory import WORD, Flags, Reader, Words, distinct, gather
from diag.collectors.objects import Objects, Place

RELEASED = "<released>"
"""Stands for the coroutine of a task that let go of it: one that finished without ever being suspended."""

GONE = "<gone>"
"""Stands for the coroutine of a live task that ended before it could be read."""

NATIVE = frozenset({"coroutine", "generator", "async_generator"})
"""Types of the interpreter with a name, a code and a frame."""

_STEPS = frozenset({"async_generator_asend", "async_generator_athrow"})
INTERPRETER_TYPES = NATIVE | _STEPS
"""Types of the interpreter: those above, and those that step an asynchronous generator."""

_SAMPLE = 32
"""Objects of a foreign type (such as Cython's coroutine) that are looked at for the place of its name."""

_FEW = 16
"""Coroutines of one name up to which each is looked at twice: a wrong name among many would not be seen."""

_SMALLEST = 3
"""Words of the smallest object that passes on to another: head and one field."""

_FOREIGN_WORDS = 24
"""Words of such an object in which the name is looked for."""


def read_heads(reader: Reader, offsets: layout.Layout, addresses: Words) -> Words:
    """Read the first words (`Layout.coro_head`) of what may be coroutines, 0 for what cannot be read."""
    heads, whole = gather(reader, addresses, offsets.coro_head)
    for words in (offsets.coro_words, _SMALLEST):  # a smaller object, behind which nothing is mapped
        short = np.flatnonzero(~whole & (addresses != 0))
        if len(short):
            heads[short, :words], whole[short] = gather(reader, addresses[short], words)
    return heads


@dataclass(frozen=True, slots=True)
class Described:
    """What coroutine-like objects are, a row each; 0 where there is nothing."""

    names: Words
    """Address of the str object with the qualified name."""
    codes: Words
    types: Words
    known: Flags
    """Whether the row makes sense: a live object of a real type, its name readable if it has one."""

    def take(self, rows: Flags) -> "Described":
        """Keep some rows."""
        return Described(self.names[rows], self.codes[rows], self.types[rows], self.known[rows])


@dataclass(slots=True)
class Coroutines:
    """Names coroutines in bulk, and keeps every name and place that it has read."""

    reader: Reader
    objects: Objects
    offsets: layout.Layout
    texts: dict[int, str | None] = field(default_factory=dict)
    places: dict[int, Place | None] = field(default_factory=dict)
    _foreign: dict[int, int] = field(default_factory=dict)
    """Word of the qualified name by type, 0 for a type that has none."""

    def describe(self, addresses: Words, values: Words) -> Described:
        """Tell what the objects at addresses are, of which `values` are the first words.

        An address of 0 is a row of zeros, and known.
        """
        types = values[:, layout.OB_TYPE // WORD]
        kinds = self.objects.type_names(distinct(types).tolist())
        names, codes = np.zeros_like(types), np.zeros_like(types)
        known = (addresses == 0) | (
            (values[:, 0] & np.uint64(0xFFFFFFFF)) != 0
        )  # a freed object has no references
        for address, kind in kinds.items():
            rows = types == np.uint64(address)
            if kind in NATIVE:
                names[rows] = values[rows, self.offsets.coro_name // WORD + 1]
                codes[rows] = values[rows, self.offsets.coro_code // WORD] & ~np.uint64(7)
            elif kind in _STEPS:  # the generator is their first field
                inner = self.describe(values[rows, 2], self.read(values[rows, 2]))
                names[rows], codes[rows] = inner.names, inner.codes
                known[rows] &= inner.known
            elif kind is not None:
                names[rows] = self._foreign_names(address, addresses[rows])
            elif address:
                known[rows] = False
        self.learn(names, codes)
        readable = np.array([name for name, text in self.texts.items() if text is not None], dtype=np.uint64)
        known &= (names == 0) | np.isin(names, readable)
        return Described(names, codes, types, known)

    def common(self, values: Words) -> Flags:
        """Tell which of the objects with these first words have a name that many have."""
        names = values[:, self.offsets.coro_name // WORD + 1]
        order = np.argsort(names, kind="stable")
        starts = np.flatnonzero(np.diff(names[order], prepend=~names[order[:1]]))
        counts = np.diff(starts, append=len(order))
        many = np.zeros(len(names), dtype=np.bool_)
        many[order] = np.repeat(counts > _FEW, counts)
        return many

    def read(self, addresses: Words) -> Words:
        """Read the first words of the objects at addresses, 0 for what cannot be read."""
        return read_heads(self.reader, self.offsets, addresses)

    def learn(self, names: Words, codes: Words) -> None:
        """Read the names and places that are not known yet, while they are there."""
        fresh = [name for name in distinct(names).tolist() if name and self.texts.get(name) is None]
        if fresh:
            self.texts.update(self.objects.strings(fresh))
        unknown = [code for code in distinct(codes).tolist() if code and self.places.get(code) is None]
        if unknown:
            self.places.update(self.objects.places(unknown))

    def _foreign_names(self, kind: int, addresses: Words) -> Words:
        """Find the names in objects of a type not of the interpreter: two str side by side, the second qualified."""
        if kind not in self._foreign:
            self._foreign[kind] = self._find_names(addresses[:_SAMPLE])
        word = self._foreign[kind]
        if not word:
            return np.zeros_like(addresses)
        return gather(self.reader, addresses, word + 1)[0][:, word]

    def _find_names(self, sample: Words) -> int:
        """Give the word that holds the qualified name in each of a sample, 0 if there is none."""
        values, _ = gather(self.reader, sample, _FOREIGN_WORDS)
        texts = self.objects.strings(distinct(values).tolist())
        for word in range(3, _FOREIGN_WORDS):
            pair = values[:, word - 1 : word + 1].ravel().tolist()
            if all(texts[address] is not None for address in pair):
                return word
        return 0

    def name(self, state: str, text: int, kind: int) -> str:
        """Say what a row is: the qualified name, or else the type."""
        type_name = self.objects.type_names([kind])[kind] if kind else None
        qualified = self.texts.get(text) if text else None
        if type_name is None:
            return RELEASED if state == "done" else GONE
        if type_name in _STEPS:
            return f"{qualified} ({type_name})"
        return qualified or f"<{type_name} object>"
