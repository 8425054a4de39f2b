"""Tests for line tables: against the interpreter's own reading of them, and on tables made by hand."""

import json
import subprocess
from itertools import pairwise

import pytest
from live.interpreters import found

from diag.collectors.linetable import Span, line_of, spans

_TELL = """
import dis, json, asyncio, textwrap
codes = []
def walk(code):
    codes.append(code)
    for inner in code.co_consts:
        if hasattr(inner, "co_code"):
            walk(inner)
for module in (asyncio.tasks, textwrap):
    with open(module.__file__, encoding="utf-8") as file:
        walk(compile(file.read(), module.__file__, "exec"))
def lines(code):
    if hasattr(code, "co_lines"):
        return [[start, end, line] for start, end, line in code.co_lines()]
    return [[start, None, line] for start, line in dis.findlinestarts(code)]
print(json.dumps([
    [(code.co_linetable if hasattr(code, "co_linetable") else code.co_lnotab).hex(), code.co_firstlineno,
     len(code.co_code), lines(code)]
    for code in codes
]))
"""
"""Tells of many code objects what the interpreter itself makes of their tables."""


@pytest.mark.parametrize("version", found())
def test_the_interpreters_own_reading(version: str) -> None:
    """The ends of every line of two modules have the line that its interpreter gives it."""
    answer = subprocess.run(
        [found()[version], "-W", "ignore", "-c", _TELL], capture_output=True, check=True, timeout=60
    )
    minor = int(version.partition(".")[2])
    for table, first, size, lines in json.loads(answer.stdout):
        ends = [start for start, _, _ in lines[1:]] + [size]
        for (start, end, number), following in zip(lines, ends, strict=True):
            for offset in {start, (end or following) - 2} if start < (end or following) else ():
                assert number is None or line_of(minor, bytes.fromhex(table), first, offset) == number


@pytest.mark.parametrize("minor", [8, 10, 11, 15])
def test_before_the_first_instruction(minor: int) -> None:
    """What has not begun is on the first line, whatever the table says."""
    assert line_of(minor, b"", 41, -2) == 41


def test_lines_that_go_back() -> None:
    """Differences may be negative, and longer than a byte takes."""
    assert list(spans(bytes([4, 100, 6, 127, 0, 3, 2, 256 - 5]), 10, 8)) == [
        Span(0, 4, 10),
        Span(4, 10, 110),
        Span(10, 12, 240),
        Span(12, 1 << 62, 235),
    ]


def test_instructions_without_a_line() -> None:
    """Those that the compiler adds have none, before and since 3.11."""
    table = bytes([2, 1, 4, 128, 2, 1])
    assert [span.line for span in spans(table, 5, 10)] == [6, None, 7]
    assert line_of(10, table, 5, 4) == 6
    assert [span.line for span in spans(bytes([0x80 | 15 << 3, 0x80 | 11 << 3, 1, 2]), 5, 11)] == [None, 6]


def test_a_long_entry() -> None:
    """A difference of more than six bits is read from several bytes."""
    entry = bytes([0x80 | 13 << 3 | 7, 0x40 | (500 << 1 & 0x3F), 500 << 1 >> 6])
    assert list(spans(entry, 1, 12)) == [Span(0, 16, 501)]
    back = bytes([0x80 | 13 << 3, 3 << 1 | 1])
    assert line_of(12, entry + back, 1, 16) == 498


@pytest.mark.parametrize("minor", [10, 11])
@pytest.mark.parametrize("table", [b"", b"\x00", b"\xff", b"\xf0" * 9, bytes(range(256))])
def test_broken_tables(table: bytes, minor: int) -> None:
    """What makes no sense ends, in order."""
    found = list(spans(table, 1, minor))
    assert all(before.end == after.start for before, after in pairwise(found))
    assert line_of(minor, table, 1, 1 << 40) == next((span.line for span in reversed(found) if span.line), 1)
