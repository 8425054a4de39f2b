"""verify_none: a check for one place in a test or program."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from diag.testing.finding import find_leaks
from diag.testing.leaks import Leak, headline

SETTLE = 0.5
"""Seconds for which what is left may still go away."""


class LeakError(AssertionError):
    """Something is left. Its text is one line, and a section with a line for each leak."""

    def __init__(self, leaks: list[Leak]) -> None:
        self.leaks = leaks
        super().__init__(f"diag: {headline(leaks)}\n\n" + "\n".join(f"  {leak}" for leak in leaks))


def pauses(settle: float = SETTLE) -> Iterator[float]:
    """Give growing pauses in seconds: none, half a millisecond, twice as long each time, `settle` in all."""
    yield 0.0
    pause, spent = 0.0005, 0.0
    while spent < settle:
        pause = min(pause * 2, 0.1, max(0.001, settle - spent))
        spent += pause
        yield pause


def verify_none(*, settle: float = SETTLE, **options: Any) -> None:
    """Check that nothing is left; what is may go away meanwhile, looked at again after growing pauses.

    From a coroutine use `verify_none_async`: this one would not let the loop turn.

    Args:
        settle: seconds to wait at the most.
        **options: as `find_leaks` takes them.

    Raises:
        LeakError: something is left.
    """
    for pause in pauses(settle):
        if not (leaks := find_leaks(**options)):
            return
        time.sleep(pause)
    raise LeakError(leaks)


async def verify_none_async(*, settle: float = SETTLE, **options: Any) -> None:
    """Check that nothing is left, as `verify_none`, and let the loop turn meanwhile.

    Raises:
        LeakError: something is left.
    """
    for pause in pauses(settle):
        if not (leaks := find_leaks(**options)):
            return
        await asyncio.sleep(pause)
    raise LeakError(leaks)
