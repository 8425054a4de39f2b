"""From places that look like tasks to tasks counted by coroutine and state, while the process goes on running."""

from collections import Counter
from dataclasses import dataclass

import numpy as np

from diag.collectors import layout
from diag.collectors.coroutines import Coroutines, Described
from diag.collectors.memory import WORD, Flags, Reader, Words, distinct, gather
from diag.collectors.objects import Objects

BATCH = 1 << 16
"""Tasks looked at together: the time between the first and the second reading of one is some milliseconds."""

_ROUNDS = 4
"""Readings of a task that keeps changing, before the last sensible one is taken."""

_LARGEST_REFCOUNT = 1 << 31

_NAME_TYPES = frozenset({"str", "int"})

Key = tuple[int, int, int, int]
"""State, address of the name, of the code, and of the coroutine's type."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks as they were read, a row each."""

    addresses: Words
    states: Words
    coros: Words
    names: Words

    def take(self, rows: Flags) -> "Tasks":
        """Keep some rows."""
        return Tasks(self.addresses[rows], self.states[rows], self.coros[rows], self.names[rows])


class TaskReader:
    """Reads tasks of one layout; whatever is no live task is left out."""

    def __init__(
        self, reader: Reader, objects: Objects, offsets: layout.Layout, task: layout.TaskLayout, types: Words
    ) -> None:
        self._reader = reader
        self._objects = objects
        self._task = task
        self._types = types
        # The upper 16 bits are flags where the count is short; the bits between are 0 in a mortal object.
        self._count_mask = np.uint64(0xFFFF_FFFF_FFFF if offsets.short_refcount else 0xFFFF_FFFF_FFFF_FFFF)

    def read(self, addresses: Words) -> Tasks:
        """Read the tasks at addresses: those alive, initialised, and with fields that make sense."""
        values, good = gather(self._reader, addresses, self._task.words)
        count = values[:, 0] & self._count_mask
        loops = values[:, layout.LOOP // WORD]
        states = (values[:, self._task.state // WORD] >> np.uint64(self._task.state % WORD * 8)) & np.uint64(
            0xFFFFFFFF
        )
        coros = values[:, self._task.coro // WORD]
        good &= (count > 0) & (count < _LARGEST_REFCOUNT)
        good &= np.isin(values[:, layout.OB_TYPE // WORD], self._types)
        good &= (states < len(layout.STATES)) & (coros % WORD == 0)
        good &= (coros != 0) | (states != layout.PENDING)
        good[good] = self._are_objects(loops[good])
        return Tasks(addresses, states, coros, values[:, self._task.name // WORD]).take(good)

    def are_named(self, tasks: Tasks) -> Flags:
        """Tell which tasks have a name, as every task has: a str, or the number of a default name."""
        types = self._objects.types_of(tasks.names)
        kinds = self._objects.type_names(set(types.tolist()))
        return np.array([kinds[kind] in _NAME_TYPES for kind in types.tolist()], dtype=np.bool_)

    def _are_objects(self, addresses: Words) -> Flags:
        """Tell for each address whether an object of a real type lies there; many are equal."""
        unique = distinct(addresses[addresses != 0])
        types = self._objects.types_of(unique).tolist()
        names = self._objects.type_names(set(types))
        return np.isin(addresses, unique[[names[kind] is not None for kind in types]])


def count(tasks: TaskReader, coroutines: Coroutines, candidates: Words) -> Counter[Key]:
    """Count the live tasks among candidates."""
    totals: Counter[Key] = Counter()
    for first in range(0, len(candidates), BATCH):
        _count_batch(tasks, coroutines, candidates[first : first + BATCH], totals)
    return totals


def _count_batch(tasks: TaskReader, coroutines: Coroutines, candidates: Words, totals: Counter[Key]) -> None:
    """Count a batch: a task is taken when a second reading agrees with the first; the others are read anew.

    What still changes in the last round is taken as it was read, if that made sense: such a place holds one
    short-lived task after the other.
    """
    for attempt in range(_ROUNDS):
        seen = tasks.read(candidates)
        described = coroutines.describe(seen.coros)
        doubtful = described.names == 0  # no name of a coroutine speaks for these
        described.known[doubtful] &= tasks.are_named(seen.take(doubtful))
        steady = _unchanged(seen, tasks.read(seen.addresses))
        last = attempt == _ROUNDS - 1
        sure = described.known if last else described.known & steady
        _tally(seen.take(sure), described.take(sure), totals)
        candidates = seen.addresses[~sure]
        if last or not len(candidates):
            break


def _unchanged(before: Tasks, after: Tasks) -> Flags:
    """Tell which tasks were read the same way twice; `after` may lack some."""
    same = np.zeros(len(before.addresses), dtype=np.bool_)
    rows = np.searchsorted(before.addresses, after.addresses)
    same[rows] = (before.coros[rows] == after.coros) & (before.states[rows] == after.states)
    return same


def _tally(tasks: Tasks, described: Described, totals: Counter[Key]) -> None:
    """Add rows to the totals, equal ones together."""
    columns = (tasks.states, described.names, described.codes, described.types)
    mixed = np.zeros(len(tasks.addresses), dtype=np.uint64)
    for column in columns:  # one 64-bit mix to sort by, instead of four columns; equal rows mix equally
        mixed = (mixed ^ column) * np.uint64(0x9E37_79B9_7F4A_7C15)
        mixed ^= mixed >> np.uint64(29)
    order = np.argsort(mixed, kind="stable")
    first = np.flatnonzero(np.diff(mixed[order], prepend=~mixed[order[:1]]))
    counts = np.diff(first, append=len(order))
    for row, number in zip(order[first].tolist(), counts.tolist(), strict=True):
        state, name, code, kind = (int(column[row]) for column in columns)
        totals[state, name, code, kind] += number
