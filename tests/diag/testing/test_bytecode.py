"""Tests of whether a loop awaits, told by its instructions."""

import dis
from collections.abc import Callable
from types import CodeType
from typing import Any

import pytest

from diag.testing.bytecode import awaits


async def waits(stream: Any) -> None:  # noqa: ANN401 - never run
    """Await on each turn."""
    while not stream.done():
        data = await stream.read()
        for line in data:
            print(line)  # noqa: T201 - the inner loop's line


async def gathers(stream: Any) -> None:  # noqa: ANN401 - never run
    """Iterate over what comes."""
    async for item in stream:
        print(item)  # noqa: T201 - a line of the loop


async def computes(stream: Any) -> None:  # noqa: ANN401 - never run
    """Compute, and await afterwards."""
    count = 0
    while count < 1000:
        count += 1
    await stream.read()


def offsets(code: CodeType, *lines: int) -> set[int]:
    """Give the instructions of some lines, counted from the `def`."""
    wanted = {code.co_firstlineno + line for line in lines}
    spans = [(start, end) for start, end, line in code.co_lines() if line in wanted]
    return {
        one.offset
        for one in dis.get_instructions(code)
        if any(start <= one.offset < end for start, end in spans) and not one.opname.startswith("RETURN")
    }


@pytest.mark.parametrize(
    ("function", "lines", "answer"),
    [
        (waits, (4,), True),
        (waits, (5,), False),
        (gathers, (3,), True),
        (computes, (4,), False),
        (computes, (5,), False),
    ],
)
def test_the_smallest_loop_around_what_was_seen_decides(
    function: Callable[..., Any], lines: tuple[int, ...], *, answer: bool
) -> None:
    """An inner loop that computes is none that waits, and neither is code after a loop."""
    assert awaits(function.__code__, offsets(function.__code__, *lines)) is answer
