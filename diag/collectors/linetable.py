"""The line tables of CPython's code objects: from a position in the bytecode to a line of the source.

Formats: Objects/lnotab_notes.txt of 3.8-3.10, Objects/locations.md (InternalDocs/code_objects.md) since 3.11.
"""

from collections.abc import Iterator
from typing import NamedTuple

_RANGES = 10
_LOCATIONS = 11
"""Minor versions since which the table holds ranges (`co_linetable`), and locations with columns."""

_UNIT = 2
"""Bytes of a code unit: an opcode and its argument."""

_NO_LINE = -128
"""Line difference of a range without a line, in 3.10."""

_ONE_LINE, _NO_COLUMNS, _LONG, _NONE = 10, 13, 14, 15
"""Kinds of location entries: 0-9 and 10-12 stay on or near the line, the others are written out."""


class Span(NamedTuple):
    """A stretch of bytecode of one line."""

    start: int
    end: int
    """Bytes from the start of the code; the end is the first that does not belong to it."""
    line: int | None


def line_of(minor: int, table: bytes, first: int, offset: int) -> int:
    """Give the line of the instruction at an offset.

    Args:
        minor: of CPython 3.
        table: `co_lnotab` (3.8, 3.9) or `co_linetable`.
        first: `co_firstlineno`.
        offset: bytes from the start of the bytecode; below 0 for what has not begun.

    Returns:
        The line. Where an instruction has none, or the table is broken or ends before it, that of the last one
        before that has, or else the first.
    """
    number = first
    for span in spans(table, first, minor):
        if span.start > offset:
            break
        number = number if span.line is None else span.line
    return number


def spans(table: bytes, first: int, minor: int) -> Iterator[Span]:
    """Give the stretches of a code object in the order of its bytecode; of a broken table those before the flaw."""
    if minor >= _LOCATIONS:
        return _locations(table, first)
    return _ranges(table, first) if minor >= _RANGES else _increments(table, first)


def _increments(table: bytes, first: int) -> Iterator[Span]:
    """Read pairs of differences: so many bytes on, so many lines on. The last line lasts to the end of the code."""
    start, end, number = 0, 0, first
    for step, change in zip(table[::2], table[1::2], strict=False):
        end += step
        if end > start:
            yield Span(start, end, number)
            start = end
        number += _signed(change)
    yield Span(start, 1 << 62, number)


def _ranges(table: bytes, first: int) -> Iterator[Span]:
    """Read pairs: bytes of a range, and its line's difference to that of the range before."""
    start, number = 0, first
    for size, change in zip(table[::2], table[1::2], strict=False):
        has_line = _signed(change) != _NO_LINE
        number += _signed(change) if has_line else 0
        yield Span(start, start + size, number if has_line else None)
        start += size


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte  # noqa: PLR2004 - two's complement of a byte


def _locations(table: bytes, first: int) -> Iterator[Span]:
    """Read entries of a kind, a length and what the kind needs; only each first byte has its highest bit set."""
    start, number, at = 0, first, 0
    while at < len(table):
        kind, size = table[at] >> 3 & 15, ((table[at] & 7) + 1) * _UNIT
        if kind in {_NO_COLUMNS, _LONG}:
            number += _signed_varint(table, at + 1)
        elif _ONE_LINE <= kind < _NO_COLUMNS:
            number += kind - _ONE_LINE
        yield Span(start, start + size, None if kind == _NONE else number)
        start += size
        at = _next_entry(table, at)


def _next_entry(table: bytes, at: int) -> int:
    """Give the place of the next byte with its highest bit set."""
    at += 1
    while at < len(table) and not table[at] & 0x80:
        at += 1
    return at


def _signed_varint(table: bytes, at: int) -> int:
    """Read a number in pieces of six bits, the lowest first; the lowest bit of all is its sign."""
    value = shift = 0
    for byte in table[at:]:
        value |= (byte & 0x3F) << shift
        shift += 6
        if not byte & 0x40:
            break
    return -(value >> 1) if value & 1 else value >> 1
