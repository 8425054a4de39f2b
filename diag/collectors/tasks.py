"""From places that look like tasks to tasks counted by coroutine and state, while the process goes on running."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from diag.collectors import layout
from diag.collectors.coroutines import Coroutines, read_heads
from diag.collectors.memory import WORD, Flags, Reader, Words, distinct, gather
from diag.collectors.objects import Objects
from diag.collectors.waiting import WaitReader, Waits

BATCH = 1 << 14
"""Tasks looked at together: some milliseconds lie between the reading of a task and of its coroutine."""

_ROUNDS = 4
"""Looks at a batch in which short-lived tasks come and go."""

LARGEST_REFCOUNT = 1 << 31

_NAME_TYPES = frozenset({"str", "int"})


class Key(NamedTuple):
    """What is counted together; addresses, 0 where there is nothing."""

    state: int
    name: int
    """Of the coroutine, as are the code and the type."""
    code: int
    kind: int
    at_state: int = 0
    """As in `suspended`, as far as it is known where the task waits."""
    at_name: int = 0
    at_code: int = 0
    at_offset: int = 0
    """As in `waiting.Waits`."""
    waits_for: int = 0
    """The type of what is awaited."""


PASSING = Key(layout.PENDING, 0, 0, 0)
"""Tasks that were live, and whose coroutine was gone before it could be read."""


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks as they were read, a row each."""

    addresses: Words
    states: Words
    loops: Words
    names: Words
    coros: Words
    bodies: Words
    """What was in the coroutines, read right behind the tasks."""

    def take(self, rows: Flags) -> "Tasks":
        """Keep some rows."""
        return Tasks(
            self.addresses[rows],
            self.states[rows],
            self.loops[rows],
            self.names[rows],
            self.coros[rows],
            self.bodies[rows],
        )


def count_mask(offsets: layout.Layout) -> np.uint64:
    """Give the bits of an object's first word that count references; those above a short count are flags."""
    return np.uint64(0xFFFF_FFFF_FFFF if offsets.short_refcount else 0xFFFF_FFFF_FFFF_FFFF)


class TaskSource(Protocol):
    """Whoever can read the tasks at addresses that are live, initialised and make sense."""

    def read(self, addresses: Words) -> Tasks:
        """Read them; the others are left out."""
        ...

    def read_together(self, addresses: Words) -> Tasks:
        """Read each task and its coroutine within microseconds; those that change even so are left out."""
        ...

    def unchanged(self, tasks: Tasks) -> Flags:
        """Read them again, and tell which still are what they were."""
        ...

    def are_named(self, tasks: Tasks) -> Flags:
        """Tell which tasks have a name, as every task has."""
        ...


class TaskReader:
    """Reads tasks of one layout; whatever is no live task is left out."""

    def __init__(
        self, reader: Reader, objects: Objects, offsets: layout.Layout, task: layout.TaskLayout, types: Words
    ) -> None:
        self._reader = reader
        self._objects = objects
        self._offsets = offsets
        self._task = task
        self._types = types

    def read(self, addresses: Words) -> Tasks:
        """Read the tasks at addresses: those alive, initialised, and with fields that make sense."""
        values, good = gather(self._reader, addresses, self._task.words)
        coros = values[:, self._task.coro // WORD]
        bodies = read_heads(self._reader, self._offsets, coros)  # at once, for they may soon be gone
        return self._sensible(addresses, values, bodies, good)

    def read_together(self, addresses: Words) -> Tasks:
        """Read task, coroutine and task again in one call, for each that still has the coroutine it had before."""
        words, body_words = self._task.words, self._offsets.coro_words
        before, _ = gather(self._reader, addresses, words)
        coros = before[:, self._task.coro // WORD]
        runs = (coros != 0) & (coros % WORD == 0)
        middle = np.where(runs, coros, addresses)
        starts = np.column_stack((addresses, middle, addresses)).ravel()
        sizes = np.array([words, body_words, words] * len(addresses), dtype=np.uint64) * np.uint64(WORD)
        buffer = np.zeros(int(sizes.sum()), dtype=np.uint8)
        whole = self._reader.read_runs(starts, sizes, buffer).reshape(-1, 3).all(axis=1)
        rows = buffer.view(np.uint64).reshape(len(addresses), 2 * words + body_words)
        first, bodies, second = np.split(rows, [words, words + body_words], axis=1)
        bodies[~runs] = 0
        # What a task waits for, and who waits for it, may change meanwhile: it is the same task all the same.
        fixed = [field // WORD for field in (layout.OB_TYPE, layout.LOOP, self._task.coro, self._task.name)]
        same = (first[:, fixed] == second[:, fixed]).all(axis=1) & (
            first[:, self._task.coro // WORD] == coros
        )
        same &= self._states(first) == self._states(second)
        return self._sensible(addresses, first, bodies, whole & same)

    def unchanged(self, tasks: Tasks) -> Flags:
        """Read tasks again, and tell which are alive with the same coroutine, in the same state."""
        values, good = gather(self._reader, tasks.addresses, self._task.words)
        good &= values[:, 0] & count_mask(self._offsets) != 0
        good &= np.isin(values[:, layout.OB_TYPE // WORD], self._types)
        good &= values[:, self._task.coro // WORD] == tasks.coros
        same: Flags = good & (self._states(values) == tasks.states)
        return same

    def _states(self, values: Words) -> Words:
        """Take the states, 32 bits each, out of the words of tasks."""
        states = values[:, self._task.state // WORD] >> np.uint64(self._task.state % WORD * 8)
        return states & np.uint64(0xFFFFFFFF)

    def _sensible(self, addresses: Words, values: Words, bodies: Words, good: Flags) -> Tasks:
        """Keep what is a live task as far as its own fields tell."""
        coros = values[:, self._task.coro // WORD]
        count = values[:, 0] & count_mask(self._offsets)
        loops = values[:, layout.LOOP // WORD]
        states = self._states(values)
        good &= (count > 0) & (count < LARGEST_REFCOUNT)
        good &= np.isin(values[:, layout.OB_TYPE // WORD], self._types)
        good &= (states < len(layout.STATES)) & (coros % WORD == 0)
        good &= (coros != 0) | (states != layout.PENDING)
        good[good] = self._are_objects(loops[good])
        names = values[:, self._task.name // WORD]
        return Tasks(addresses, states, loops, names, coros, bodies).take(good)

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


@dataclass(frozen=True, slots=True)
class Counting:
    """How tasks are counted."""

    tasks: TaskSource
    coroutines: Coroutines
    waiting: WaitReader | None = None
    """Tells tasks apart by where they wait as well."""


def count(counting: Counting, candidates: Words) -> Counter[Key]:
    """Count the live tasks among candidates."""
    totals: Counter[Key] = Counter()
    for first in range(0, len(candidates), BATCH):
        totals += _count_batch(counting, candidates[first : first + BATCH])
    return totals


def _count_batch(counting: Counting, candidates: Words) -> Counter[Key]:
    """Count a batch by one look at all its places: several looks put together could count a short-lived task twice.

    The look is repeated where coroutines were gone before they could be read, and the best one counts.
    """
    best = Counter[Key]()
    for attempt in range(_ROUNDS):
        found = _look(counting, candidates)
        if not attempt or found[PASSING] < best[PASSING]:
            best = found
        if not best[PASSING]:
            break
    return +best


def _look(counting: Counting, candidates: Words) -> Counter[Key]:
    """Count what is live now, by two readings.

    Where both agree, the coroutine that was read between them is the task's. The others come and go, or are few of a
    kind, so that a mistake would show: they are named by what is found in their place in a tighter reading.
    """
    tasks = counting.tasks
    seen = tasks.read(candidates)
    steady = tasks.unchanged(seen) & counting.coroutines.common(seen.bodies)
    calm, restless = seen.take(steady), seen.take(~steady)
    totals = _count_known(counting, calm)
    if len(restless.addresses):
        settled = tasks.read_together(restless.addresses)
        totals += _count_known(counting, settled)
        rest = restless.take(~np.isin(restless.addresses, settled.addresses))
        loops = distinct(np.concatenate((calm.loops, settled.loops)))
        totals[PASSING] += int(((rest.states == layout.PENDING) & np.isin(rest.loops, loops)).sum())
    return totals


def _count_known(counting: Counting, seen: Tasks) -> Counter[Key]:
    """Count tasks by what they run and where they wait; what makes no sense is no task."""
    described = counting.coroutines.describe(seen.coros, seen.bodies)
    doubtful = described.names == 0  # no name of a coroutine speaks for these
    described.known[doubtful] &= counting.tasks.are_named(seen.take(doubtful))
    seen, described = seen.take(described.known), described.take(described.known)
    columns = [seen.states, described.names, described.codes, described.types]
    if counting.waiting:
        columns += _waits(counting.waiting, seen).columns
    return _tally(columns)


def _waits(reader: WaitReader, tasks: Tasks) -> Waits:
    """Tell where tasks wait; those that are done do not."""
    pending = tasks.states == layout.PENDING
    found = reader.follow(tasks.coros[pending], tasks.bodies[pending])
    everywhere = Waits(*np.zeros((len(found.columns), len(pending)), dtype=np.uint64))
    for column, values in zip(everywhere.columns, found.columns, strict=True):
        column[pending] = values
    return everywhere


def _tally(columns: Sequence[Words]) -> Counter[Key]:
    """Count rows, equal ones together."""
    totals: Counter[Key] = Counter()
    mixed = np.zeros(len(columns[0]), dtype=np.uint64)
    for column in columns:  # one 64-bit mix to sort by, instead of many columns; equal rows mix equally
        mixed = (mixed ^ column) * np.uint64(0x9E37_79B9_7F4A_7C15)
        mixed ^= mixed >> np.uint64(29)
    order = np.argsort(mixed, kind="stable")
    first = np.flatnonzero(np.diff(mixed[order], prepend=~mixed[order[:1]]))
    counts = np.diff(first, append=len(order))
    for row, number in zip(order[first].tolist(), counts.tolist(), strict=True):
        totals[Key(*(int(column[row]) for column in columns))] += number
    return totals
