"""Strings and tuples of one process, read one at a time."""

from diag.collectors import layout
from diag.collectors.peek import WORD, Source, Torn, word, words

_COMPACT, _ASCII = 1 << 5, 1 << 6
_KINDS = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}
_LONGEST = 1 << 40
_MOST_ITEMS = 1 << 16

TUPLE_WITH_HASH = 14
"""Minor version since which a tuple keeps its hash before its items."""

OB_SIZE = 16


def text_of(source: Source, offsets: layout.Layout, address: int, most: int) -> tuple[int, str]:
    """Read a str object: its length, and at most so many of its first characters.

    Raises:
        Torn: it is no str.
    """
    header = words(source, address, 5)
    length, state = header[2], header[4] & 0xFFFFFFFF
    kind = state >> 2 & 7
    if kind not in _KINDS or length > _LONGEST:
        raise Torn(address)
    if not length:
        return 0, ""
    if state & _COMPACT:
        start = address + (offsets.str_ascii if state & _ASCII else offsets.str_other)
    else:  # of a derived type: the characters lie elsewhere
        start = word(source, address + offsets.str_other)
    data = source.read(start, min(length, most) * kind)
    return length, data.decode(_KINDS[kind], "replace")


def items_of(source: Source, minor: int, address: int, most: int = _MOST_ITEMS) -> tuple[int, ...]:
    """Read the items of a tuple object, at most so many.

    Raises:
        Torn: it is no tuple.
    """
    count = words(source, address, 3)[2]
    if count > _LONGEST:
        raise Torn(address)
    start = address + (32 if minor >= TUPLE_WITH_HASH else 24)
    return words(source, start, min(count, most)) if count else ()


def bytes_of(source: Source, address: int, most: int) -> tuple[int, bytes]:
    """Read a bytes object: its length, and at most so many of its first bytes.

    Raises:
        Torn: it is none.
    """
    size = words(source, address, 3)[2]
    if size > _LONGEST:
        raise Torn(address)
    return size, source.read(address + 4 * WORD, min(size, most)) if size else b""
