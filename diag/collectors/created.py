"""How many tasks a process has made so far, by the numbers that asyncio gives them."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from diag.collectors import layout
from diag.collectors.cpython import contents
from diag.collectors.memory import WORD, Mapping, Reader, Words, distinct, gather
from diag.collectors.objects import Objects

_STATE = ("_asyncio.FutureIter", "TaskStepMethWrapper", "_asyncio.Future", "_asyncio.Task")
"""Types at the head of the state of the module `_asyncio`, in this order since 3.12."""

_HIGHEST = 1 << 48
"""A counter above is none: a task a microsecond would need nine years for it."""

_PREFIX = b"Task-"
_NAME_BYTES = 24
"""Characters of a name that are looked at: the prefix and more digits than any number has."""

_DIGIT_BITS = 30
"""Bits in a digit of an int (`PyLong_SHIFT`)."""

_LOOKS = 3
_MANY = 1 << 14
"""Readings of the names: a short-lived task may just be absent in one. Of more names than this, one is enough."""

_NEAR = 24
"""Words around the set of all tasks: the module has 21 variables that start as zero."""


def from_state(reader: Reader, objects: Objects, slots: Iterable[int], distance: int) -> int | None:
    """Read the counter in the module's state, added up over the interpreters of the process.

    Args:
        reader: the process's memory.
        objects: its types.
        slots: places that hold a task type, one of them the field of the state.
        distance: bytes from that field to the counter.

    Returns:
        The number of tasks made, exactly, or None if no slot belongs to a state.
    """
    places = np.array(sorted(set(slots)), dtype=np.uint64)
    lead = len(_STATE) - 1
    words, _ = gather(reader, places - np.uint64(lead * WORD), lead + distance // WORD + 1)
    heads = words[:, : len(_STATE)]
    names = objects.type_names(distinct(heads).tolist())
    states = [
        count
        for head, count in zip(heads.tolist(), words[:, -1].tolist(), strict=True)
        if count < _HIGHEST and all(_is(names[at], name) for at, name in zip(head, _STATE, strict=True))
    ]
    return sum(states) if states else None


def _is(full: str | None, name: str) -> bool:
    """Compare type names; the step's has carried its module's name in some versions only."""
    return full is not None and full.rpartition(".")[2] == name.rpartition(".")[2]


def from_statics(reader: Reader, objects: Objects, mappings: Iterable[Mapping], least: int = 0) -> int | None:
    """Read the counter among the static variables of `_asyncio`, up to 3.11.

    It has no name in memory. It is declared beside `all_tasks` (a WeakSet) and `current_tasks` (a dict), and
    compilers keep the order of such variables or reverse it: dict, WeakSet, counter. Where they were put in another
    order, it is the only number near the WeakSet that is large enough.

    Args:
        reader: the process's memory.
        objects: its types.
        mappings: where the variables lie.
        least: a number that the counter has reached, or 0 to look only where it is declared.

    Returns:
        The number of tasks made, exactly, or None if it is not found, or more than one could be it.
    """
    for _, data in contents(reader, mappings):
        words = np.frombuffer(data, dtype=np.uint64, count=len(data) // WORD)
        types = objects.types_of(words)
        kinds = objects.type_names(distinct(types).tolist())
        sets = [kind for kind, name in kinds.items() if name == "WeakSet"]
        dicts = [kind for kind, name in kinds.items() if name == "dict"]
        for index in np.flatnonzero(np.isin(types, sets)).tolist():
            near = slice(max(0, index - _NEAR), index + _NEAR + 1)
            number = (types[near] == 0) & (words[near] < _HIGHEST)
            if least:
                found = words[near][number & (words[near] >= least)].tolist()
                return found[0] if len(found) == 1 else None
            for step in (1, -1):
                before, after = index - step - near.start, index + step - near.start
                if min(before, after) >= 0 and max(before, after) < len(number):
                    declared = types[near][before] in dicts and number[after]
                    if declared:
                        return int(words[near][after])
    return None


def from_names(
    reader: Reader, objects: Objects, offsets: layout.Layout, names: Callable[[], Words]
) -> int | None:
    """Give the highest number among default names ("Task-7"): a count from below.

    Args:
        reader: the process's memory.
        objects: its types.
        offsets: its layout.
        names: reads the addresses of the names of all tasks, anew at each call.
    """
    numbers: list[int] = []
    for _ in range(_LOOKS):
        addresses = distinct(names())
        types = objects.types_of(addresses)
        for kind, name in objects.type_names(distinct(types).tolist()).items():
            some = addresses[types == np.uint64(kind)]
            if name == "str":
                numbers.append(_highest_text(reader, some + np.uint64(offsets.str_ascii)))
            elif name == "int":
                numbers.append(_highest_int(reader, some))
        if len(addresses) > _MANY:
            break
    return max(numbers, default=0) or None


def _highest_text(reader: Reader, addresses: Words) -> int:
    """Give the highest N of the texts "Task-N" at addresses, 0 if there is none."""
    words, _ = gather(reader, addresses, _NAME_BYTES // WORD)
    texts = words.view(np.uint8)
    fits = (texts[:, : len(_PREFIX)] == np.frombuffer(_PREFIX, dtype=np.uint8)).all(axis=1)
    open_ended, values = fits.copy(), np.zeros(len(texts), dtype=np.uint64)
    for column in texts[:, len(_PREFIX) :].T:
        digit = (column >= ord("0")) & (column <= ord("9"))
        fits &= digit | (column == 0) | ~open_ended
        open_ended &= digit
        values = np.where(open_ended, values * np.uint64(10) + column - np.uint64(ord("0")), values)
    return int(values[fits & ~open_ended & (values < _HIGHEST)].max(initial=np.uint64(0)))


def _highest_int(reader: Reader, addresses: Words) -> int:
    """Give the highest of the int objects at addresses (since 3.12: a tag, then digits of 30 bits)."""
    words, _ = gather(reader, addresses, 4)
    digits = words[:, 2] >> np.uint64(3)
    low = words[:, 3] & np.uint64(0xFFFFFFFF)
    high = np.where(digits > 1, words[:, 3] >> np.uint64(32), np.uint64(0))
    values = low | high << np.uint64(_DIGIT_BITS)
    return int(values.max(initial=np.uint64(0)))


def created(  # noqa: PLR0913 - two ways to find it, each with its own sources
    reader: Reader,
    objects: Objects,
    offsets: layout.Layout,
    *,
    slots: Sequence[int],
    statics: Iterable[Mapping],
    names: Callable[[], Words],
) -> int | None:
    """Count the tasks made so far: by the counter itself, or else from below by names; None if none is numbered."""
    if offsets.counter is not None:
        exact = from_state(reader, objects, slots, offsets.counter)
        return from_names(reader, objects, offsets, names) if exact is None else exact
    places = list(statics)
    exact = from_statics(reader, objects, places)
    if exact is None:
        least = from_names(reader, objects, offsets, names)
        exact = (from_statics(reader, objects, places, least) if least else None) or least
    return exact
