"""How many objects of every type a process holds, counted by reading its memory: no agent, no pause.

An object begins, at an address that allocators align to 16 bytes, with a reference count and the address of its
type. A freed one has lost the first: its count is 0, or the allocator keeps the address of the next free block
there. A type is known by its own type, which is `type` or a type derived from it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from diag.collectors import layout
from diag.collectors.chunks import CHUNK, chunks
from diag.collectors.cpython import identify
from diag.collectors.memory import WORD, Flags, ProcessMemory, Reader, Words, distinct, gather
from diag.collectors.memory import Mapping as Area
from diag.collectors.objects import Objects
from diag.collectors.peek import Peek
from diag.collectors.tasks import count_mask
from diag.collectors.typenames import full_names
from diag.errors import HotloopError
from diag.recording import TypeCount

_HEAD = 2
"""Words of an object's head, and of the distance between two places where one may begin."""

_SMALLEST_POINTER = 1 << 16
_LARGEST_POINTER = 1 << 56

_MOST_REFERENCES = 1 << 22
"""A higher count is not believed, unless it is that of an immortal object: programs at fixed addresses, and the heap
behind them, begin here, so a higher number may be the address of a free block."""

_OLDEST_IMMORTAL = 12
"""Minor version since which objects that live for ever have the highest bit of a count of 32 bits set."""

_LARGEST_TYPE = 1 << 16
"""Bytes of an instance above which a type is not believed."""

_TYPE_WORDS = layout.TP_FLAGS // WORD + 1


def count(pid: int) -> tuple[TypeCount, ...]:
    """Count the objects on the heap of a process by type, the most first.

    Types are named with their module, built-in ones without. Objects that are part of the interpreter or of a library
    (small numbers, static types) are not on the heap.

    Args:
        pid: the process. It is not stopped; what comes and goes meanwhile is counted or not.

    Raises:
        HotloopError: the process is gone, may not be read, or is no release build of CPython 3.8 or later with
            a GIL.
    """
    memory = ProcessMemory(pid)
    mappings = memory.mappings()
    interpreter = identify(memory, mappings, pid)
    types = Types(memory, mappings)
    heap = Heap(memory, types, interpreter.minor)
    areas = [area for mapping in mappings if mapping.is_heap for area in memory.resident(mapping)]
    buffer = np.empty(CHUNK, dtype=np.uint8)
    for chunk in chunks(areas):
        heap.look(chunk.read(memory, buffer))
    if interpreter.image.mappings[0] not in memory.mappings():
        raise HotloopError(f"the process {pid} ended while it was being read")
    offsets = layout.layout(interpreter.minor)
    with Peek(pid) as peek:
        names = full_names(peek, Objects(memory, offsets), offsets, interpreter.minor, heap.totals)
    return named(heap.totals, names)


def named(totals: Counter[int], names: Mapping[int, str]) -> tuple[TypeCount, ...]:
    """Add up by name, the most first; what has no name is no type.

    Args:
        totals: objects by the address of their type.
        names: of the types.
    """
    merged: Counter[str] = Counter()
    for address, number in totals.items():
        if address in names:
            merged[names[address]] += number
    ordered = sorted(merged.items(), key=lambda item: (-item[1], item[0]))
    return tuple(TypeCount(type=name, count=number) for name, number in ordered)


@dataclass(slots=True)
class Types:
    """The types of a process, known by their own types."""

    reader: Reader
    mappings: Sequence[Area]
    """Where there is memory: reading elsewhere takes far longer than reading."""
    known: Words = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    """Addresses of types, ascending."""
    sizes: Words = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    """Bytes of an instance of each (`tp_basicsize`)."""
    _metas: dict[int, bool] = field(default_factory=dict)
    """Whether the instances of a type are types, for all types that were asked for."""

    def find(self, addresses: Words) -> tuple[Words, Flags]:
        """Tell which of the addresses are types, and the place of each in `known`."""
        self._learn(distinct(addresses))
        places = np.minimum(np.searchsorted(self.known, addresses), max(len(self.known) - 1, 0))
        return places.astype(np.uint64), (
            self.known[places] == addresses if len(self.known) else np.zeros(len(addresses), dtype=np.bool_)
        )

    def _learn(self, addresses: Words) -> None:
        """Look at addresses that are no known types."""
        fresh = addresses[~np.isin(addresses, self.known) & self._mapped(addresses)]
        heads, _ = gather(self.reader, fresh, _HEAD)
        kinds = heads[:, 1]
        self._judge(distinct(kinds))
        metas = [kind for kind, is_meta in self._metas.items() if is_meta]
        fresh = fresh[np.isin(kinds, np.array(metas, dtype=np.uint64))]
        if len(fresh):
            words, whole = gather(self.reader, fresh, _TYPE_WORDS)
            sizes = words[:, layout.TP_BASICSIZE // WORD]
            sane = whole & (sizes >= _HEAD * WORD) & (sizes < _LARGEST_TYPE)
            known = np.concatenate((self.known, fresh[sane]))
            order = np.argsort(known, kind="stable")
            self.known, self.sizes = known[order], np.concatenate((self.sizes, sizes[sane]))[order]

    def _mapped(self, addresses: Words) -> Flags:
        """Tell which addresses lie in memory that can be read."""
        readable = [mapping for mapping in self.mappings if mapping.readable]
        starts = np.array([mapping.start for mapping in readable], dtype=np.uint64)
        ends = np.array([mapping.end for mapping in readable], dtype=np.uint64)
        before = np.searchsorted(starts, addresses, side="right") - 1
        mapped: Flags = (before >= 0) & (addresses < ends[np.maximum(before, 0)])
        return mapped

    def _judge(self, kinds: Words) -> None:
        """Tell whether the instances of what lies at addresses are types: by its flags, if it is a type itself."""
        fresh = np.array([kind for kind in kinds.tolist() if kind not in self._metas], dtype=np.uint64)
        words, _ = gather(self.reader, np.where(self._mapped(fresh), fresh, 0), _TYPE_WORDS)
        derived = words[:, -1] & np.uint64(layout.TPFLAGS_TYPE_SUBCLASS) != 0
        self._metas.update(dict.fromkeys(fresh.tolist(), False))
        owns = dict(zip(fresh[derived].tolist(), words[derived, 1].tolist(), strict=True))
        unknown = set(owns.values()) - self._metas.keys()
        if unknown:
            self._judge(np.array(sorted(unknown), dtype=np.uint64))
        while metas := [kind for kind, own in owns.items() if own == kind or self._metas[own]]:
            for kind in metas:  # and what they are the type of, in the next turn
                self._metas[kind] = True
                del owns[kind]


@dataclass(slots=True)
class Heap:
    """Counts the objects in pieces of a heap."""

    reader: Reader
    types: Types
    minor: int
    totals: Counter[int] = field(default_factory=Counter)
    """Objects by the address of their type."""

    def look(self, words: Words) -> None:
        """Count the objects in a piece, which starts where an object may begin."""
        counts, kinds = words[: len(words) // 2 * 2].reshape(-1, _HEAD).T
        likely = (kinds >= _SMALLEST_POINTER) & (kinds < _LARGEST_POINTER) & (kinds % WORD == 0)
        likely &= self._alive(counts)
        places = np.flatnonzero(likely)
        types, real = self.types.find(kinds[places])
        places, types = places[real], types[real]
        starts = places.astype(np.uint64) * np.uint64(_HEAD * WORD)
        separate = apart(starts, starts + self.types.sizes[types])
        numbers = np.bincount(types[separate].astype(np.int64))
        for index in np.flatnonzero(numbers).tolist():
            self.totals[int(self.types.known[index])] += int(numbers[index])

    def _alive(self, counts: Words) -> Flags:
        """Tell which words are the reference count of a live object."""
        offsets = layout.layout(self.minor)
        counts = counts & count_mask(offsets)
        alive: Flags = (counts > 0) & (counts < _MOST_REFERENCES)
        if self.minor >= _OLDEST_IMMORTAL:
            alive |= counts >> np.uint64(31) == 1
        return alive


def apart(starts: Words, ends: Words) -> Flags:
    """Tell which of the ascending stretches do not begin within one before that counts itself.

    What looks like an object inside of another is none: a tuple of types has a small number, its size, before
    the address of a type.
    """
    kept = np.ones(len(starts), dtype=np.bool_)
    doubtful = np.flatnonzero(starts[1:] < np.maximum.accumulate(ends)[:-1]) + 1
    end, last = 0, 0
    for index in doubtful.tolist():
        # Between two doubtful ones all count, and the last of them reaches farthest.
        if index - 1 > last or kept[index - 1]:
            end = max(end, int(ends[index - 1]))
        kept[index] = int(starts[index]) >= end
        last = index
    return kept
