"""The attribute values of Python objects in another process's memory, for objects that keep them in `__dict__`.

Every minor version keeps them in another place: in a dict with shared or own keys, in an array beside the object,
or, since 3.13, behind the object itself.
"""

from dataclasses import dataclass

import numpy as np

from diag.collectors import layout
from diag.collectors.memory import WORD, Reader, Words, gather

MOST = 30
"""Attributes read of an object: shared keys have no more."""

_BYTE = np.uint64(0xFF)
_PREFIX = np.uint64(2)


@dataclass(frozen=True, slots=True)
class Tables:
    """Where the values of objects stand, a row an object: `counts` of them, `strides` bytes apart."""

    places: Words
    strides: Words
    counts: Words


def values(reader: Reader, minor: int, addresses: Words, kind: int) -> Words:
    """Read the attribute values of objects of the type at `kind`, in the order that their class has them.

    Returns:
        An array of shape (addresses, 30), 0 where there is no value. Up to 3.12 a few words that follow an array of
        values may stand behind them.
    """
    tables = _tables(reader, minor, addresses, kind)
    span = MOST * 3
    words, _ = gather(reader, tables.places, span)
    lost = ~words.any(axis=1)  # what lies behind the values may not be there to be read
    if lost.any():
        words[lost, : span // 3] = gather(reader, tables.places[lost], span // 3)[0]
    columns = np.arange(MOST, dtype=np.uint64)
    steps = (columns[None, :] * (tables.strides[:, None] // np.uint64(WORD))).astype(np.int64)
    found = np.take_along_axis(words, np.minimum(steps, span - 1), axis=1)
    found[columns[None, :] >= tables.counts[:, None]] = 0
    return found


def _tables(reader: Reader, minor: int, addresses: Words, kind: int) -> Tables:
    """Find the values of each object: beside it, or else in its dict."""
    head, _ = gather(reader, np.array([kind], dtype=np.uint64), layout.TP_DICTOFFSET // WORD + 1)
    size, dict_offset = head[0, layout.TP_BASICSIZE // WORD], head[0, -1]
    if minor >= layout.INLINE_VALUES:
        before, _ = gather(reader, addresses - np.uint64(3 * WORD), 1)
        inline, _ = gather(reader, addresses + size, 1)
        valid = (inline[:, 0] >> np.uint64(24)) & _BYTE
        places = np.where(valid != 0, addresses + size + np.uint64(WORD), np.uint64(0))
        counts, dicts = inline[:, 0] & _BYTE, before[:, 0]
    elif minor >= layout.MANAGED_DICT:
        before, _ = gather(reader, addresses - np.uint64(4 * WORD), 2)
        if minor == layout.MANAGED_DICT:
            places, dicts = before[:, 0], before[:, 1]
        else:  # one field for both: values are marked by an odd address, one too low
            tagged = before[:, 1] & np.uint64(1) == 1
            places = np.where(tagged, before[:, 1] + np.uint64(1), np.uint64(0))
            dicts = np.where(tagged, np.uint64(0), before[:, 1])
        counts = _prefix_counts(reader, places)
    else:
        dicts = gather(reader, addresses + dict_offset, 1)[0][:, 0]
        places = counts = np.zeros_like(addresses)
    tables = Tables(places.copy(), np.full_like(addresses, WORD), counts.copy())
    rows = np.flatnonzero(tables.places == 0)
    if len(rows):
        inner = _dict_tables(reader, minor, dicts[rows])
        tables.places[rows], tables.strides[rows], tables.counts[rows] = (
            inner.places,
            inner.strides,
            inner.counts,
        )
    return tables


def _prefix_counts(reader: Reader, places: Words) -> Words:
    """Tell how many values fit into arrays of 3.11 and 3.12, which may have gaps.

    The byte before an array is the size of what precedes it: two bytes, one a value, rounded up to a word.
    """
    words, _ = gather(reader, places - np.uint64(WORD), 1)
    sizes = words[:, 0] >> np.uint64(56)
    return np.where(sizes > _PREFIX, sizes - _PREFIX, np.uint64(0))


def _dict_tables(reader: Reader, minor: int, dicts: Words) -> Tables:
    """Find the values of dicts: an array of their own where the keys are shared, or else entries of the keys."""
    words, _ = gather(reader, dicts, 6)
    used, keys, split = words[:, 2], words[:, 4], words[:, 5]
    if minor < layout.MANAGED_DICT:
        places, counts = split, used
    elif minor < layout.INLINE_VALUES:
        places, counts = split, _prefix_counts(reader, split)
    else:
        head, _ = gather(reader, split, 1)
        places, counts = split + np.uint64(WORD), head[:, 0] & _BYTE
    own = _key_tables(reader, minor, keys)
    shared = split != 0
    return Tables(
        np.where(shared, places, own.places),
        np.where(shared, np.uint64(WORD), own.strides),
        np.where(shared, counts, own.counts),
    )


def _key_tables(reader: Reader, minor: int, keys: Words) -> Tables:
    """Find the values among the entries of a dict's own keys: (hash, key, value), or (key, value) since 3.11."""
    words, _ = gather(reader, keys, 5)
    if minor < layout.MANAGED_DICT:
        strides = np.full_like(keys, 3 * WORD)
        places = keys + np.uint64(5 * WORD) + words[:, 1]  # an index a byte, up to 128 of them
        counts = words[:, 4]
    else:
        index_bits = np.minimum((words[:, 1] >> np.uint64(8)) & _BYTE, np.uint64(16))
        general = (words[:, 1] >> np.uint64(16)) & _BYTE == 0
        strides = np.where(general, np.uint64(3 * WORD), np.uint64(2 * WORD))
        places = keys + np.uint64(4 * WORD) + (np.uint64(1) << index_bits)
        counts = words[:, 3]
    return Tables(places + strides - np.uint64(WORD), strides, np.minimum(counts, np.uint64(MOST)))
