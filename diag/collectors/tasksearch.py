"""The search for task types, and for every place in memory that looks like one of their instances."""

from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np

from diag.collectors import layout
from diag.collectors.cpython import Image, Interpreter, contents, images
from diag.collectors.heap import Hits, Needle
from diag.collectors.memory import WORD, Mapping, Reader, Words, distinct, gather
from diag.collectors.objects import Objects

C_TASK = "_asyncio.Task"

_DOC = b"A coroutine wrapped in a Future."
"""Documentation of `asyncio.tasks._PyTask`. Its name alone, "Task", would be found in many places."""

_LARGEST_TYPE = 1 << 16
"""Bytes of an instance above which a type is not believed."""

_SMALLEST_POINTER = 1 << 16
"""The kernel maps nothing below (vm.mmap_min_addr)."""

_SPEC_WORDS = 128
"""Words of a type's slots that are read: 64 slots, of which a task type fills about ten."""


class Family:
    """A task type, the types derived from it, and the places that look like their instances."""

    def __init__(self) -> None:
        self.types: dict[int, int] = {}
        """Address of each type, and the bytes of an instance."""
        self.instances: list[Words] = []

    def candidates(self) -> Words:
        """Give the addresses of all that looked like a task at any time of the search, ascending."""
        return distinct(np.concatenate(self.instances)) if self.instances else np.empty(0, dtype=np.uint64)


class TaskSearch:
    """Collects task types, their subclasses, and the places that hold (or held) an instance.

    The C type is found from the constants of its module: static up to 3.11, made from a specification since. The one
    written in Python is found from its documentation. Types derived from them refer to them as their base, so they
    are found on the way, as are their instances.
    """

    def __init__(self, reader: Reader, objects: Objects) -> None:
        self._reader = reader
        self._objects = objects
        self.native = Family()
        self.python = Family()
        self.home: Image | None = None
        """The program or library that holds the module `_asyncio`."""
        self.slots: list[int] = []
        """Places that hold a task type behind another pointer: among them the module's state."""

    def needles(self, interpreter: Interpreter, mappings: Sequence[Mapping]) -> list[Needle]:
        """Give what to look for in memory."""
        loaded = [image for image in images(mappings) if image.name.startswith("_asyncio.")]
        needles = [Needle(int.from_bytes(_DOC[:WORD], "little"), self._found_doc)]
        for image in loaded or [interpreter.image]:
            for place in self._named(image):
                self.home = image
                if self._is_task_type(place - layout.TP_NAME):
                    needles += self._add(self.native, place - layout.TP_NAME)
                else:
                    needles += [Needle(methods, self._found_methods) for methods in self._methods(place)]
        return needles

    def _named(self, image: Image) -> Iterator[int]:
        """Give the places in a program or library that point to the task type's name."""
        data = list(contents(self._reader, image.mappings))
        sought = C_TASK.encode() + b"\0"
        for start, piece in data:
            at = piece.find(sought)
            while at >= 0:
                for other, words in data:
                    table = np.frombuffer(words, dtype=np.uint64, count=len(words) // WORD)
                    for index in np.flatnonzero(table == np.uint64(start + at)).tolist():
                        yield other + index * WORD
                at = piece.find(sought, at + 1)

    def _methods(self, spec: int) -> Iterator[int]:
        """Give the address of the method table that a PyType_Spec at `spec` names."""
        head, _ = gather(self._reader, np.array([spec], dtype=np.uint64), layout.SPEC_SLOTS // WORD + 1)
        slots, _ = gather(self._reader, head[:, -1], _SPEC_WORDS)
        for number, value in slots[0].reshape(-1, 2).tolist():
            if number == 0:
                return
            if number == layout.PY_TP_METHODS:
                yield value

    def _found_methods(self, hits: Hits) -> list[Needle]:
        """Look at what refers to the method table: the types made from the specification."""
        types = (hits.addresses - np.uint64(layout.TP_METHODS)).tolist()
        return [
            needle
            for address in types
            if self._is_task_type(address)
            for needle in self._add(self.native, address)
        ]

    def _is_task_type(self, address: int) -> bool:
        return self._objects.type_names([address])[address] == C_TASK

    def _found_doc(self, hits: Hits) -> list[Needle]:
        """Look at texts that start like the documentation of the task type written in Python."""
        texts, _ = gather(self._reader, hits.addresses, -(-len(_DOC) // WORD))
        return [
            Needle(address, self._found_documented)
            for address, text in zip(hits.addresses.tolist(), texts, strict=True)
            if text.tobytes().startswith(_DOC)
        ]

    def _found_documented(self, hits: Hits) -> list[Needle]:
        """Look at what refers to that documentation: the type."""
        types = (hits.addresses - np.uint64(layout.TP_DOC)).tolist()
        names = self._objects.type_names(types)
        return [
            needle
            for address in types
            if names[address] == "Task"
            for needle in self._add(self.python, address)
        ]

    def _add(self, family: Family, address: int) -> list[Needle]:
        """Take a type, once, and look for what refers to it."""
        if address in family.types:
            return []
        words, _ = gather(self._reader, np.array([address], dtype=np.uint64), layout.TP_BASICSIZE // WORD + 1)
        family.types[address] = int(words[0, -1])
        return [Needle(address, partial(self._found_type, family))]

    def _found_type(self, family: Family, hits: Hits) -> list[Needle]:
        """Look at what refers to a type: instances, derived types, tables."""
        before = hits.before(1)
        family.instances.append((hits.addresses - np.uint64(layout.OB_TYPE))[before < _SMALLEST_POINTER])
        if family is self.native:
            table = (before >= _SMALLEST_POINTER) | (hits.indices == 0)
            self.slots += hits.addresses[table].tolist()
        return [needle for address in self._derived(family, hits) for needle in self._add(family, address)]

    def _derived(self, family: Family, hits: Hits) -> list[int]:
        """Give the types whose base is the type that was found."""
        back = layout.TP_BASE // WORD
        size = hits.before(back - layout.TP_BASICSIZE // WORD)
        items = hits.before(back - layout.TP_ITEMSIZE // WORD)
        likely = (size >= min(family.types.values())) & (size < _LARGEST_TYPE) & (items == 0)
        likely |= hits.indices < back
        types = (hits.addresses[likely] - np.uint64(layout.TP_BASE)).tolist()
        names = self._objects.type_names(types)
        return [address for address in types if names[address] is not None]
