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
"""Readings of the names: a short-lived task may just be absent in one."""


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


def from_statics(reader: Reader, objects: Objects, mappings: Iterable[Mapping]) -> int | None:
    """Read the counter among the static variables of `_asyncio`, up to 3.11.

    It has no name in memory. It is declared beside `all_tasks` (a WeakSet) and `current_tasks` (a dict), and
    compilers keep the order of such variables or reverse it: dict, WeakSet, counter.

    Returns:
        The number of tasks made, exactly, or None if these do not stand together.
    """
    for _, data in contents(reader, mappings):
        words = np.frombuffer(data, dtype=np.uint64, count=len(data) // WORD)
        types = objects.types_of(words)
        kinds = objects.type_names(distinct(types).tolist())
        for index in np.flatnonzero(
            np.isin(types, [kind for kind, name in kinds.items() if name == "WeakSet"])
        ):
            for step in (1, -1):
                before, after = int(index) - step, int(index) + step
                if min(before, after) >= 0 and max(before, after) < len(words):
                    count = int(words[after])
                    if kinds[int(types[before])] == "dict" and count < _HIGHEST and not types[after]:
                        return count
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
    return max(numbers, default=0) or None


def _highest_text(reader: Reader, addresses: Words) -> int:
    """Give the highest N of the texts "Task-N" at addresses, 0 if there is none."""
    words, _ = gather(reader, addresses, _NAME_BYTES // WORD)
    texts = [row.tobytes().partition(b"\0")[0] for row in words]
    return max(
        (int(text[len(_PREFIX) :]) for text in texts if text.startswith(_PREFIX) and text[5:].isdigit()),
        default=0,
    )


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
    if offsets.counter is None:
        exact = from_statics(reader, objects, statics)
    else:
        exact = from_state(reader, objects, slots, offsets.counter)
    return from_names(reader, objects, offsets, names) if exact is None else exact
