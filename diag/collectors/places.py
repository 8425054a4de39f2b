"""Linked objects of a running process, read as they were at one moment: copied together, twice, until both agree.

Where the objects lie is found by following the links in a copy: what is missing in it is copied as well the next
time. A process that loops uses the same places again and again, so that a look later on finds them at once.
"""

from collections.abc import Callable
from typing import TypeVar

from diag.collectors.peek import HIGHEST, LOWEST, WORD, Copy, Missing, Peek, Plan, Torn, Unreadable

_ATTEMPTS = 6
"""Copies that did not agree, or made no sense, after which it is given up."""

_FRESH = 400
"""Places found missing, one after the other, after which it is given up."""

_MOST = 500
"""Places copied together (the kernel takes 1024 pieces in a call, and each place is two)."""

_AT_ONCE = 256
"""Bytes copied where some are missing: most objects lie in them as a whole."""

_PAGE = 4096
"""What is mapped ends at a multiple of it at the earliest."""

Result = TypeVar("Result")


class Places:
    """The places that belong to one thing, from a root on."""

    def __init__(self, peek: Peek, root: int, size: int, attempts: int = _ATTEMPTS) -> None:
        self._peek = peek
        self._attempts = attempts
        self._root = _rounded(root, size)
        self._sizes = dict([self._root])
        self._plan: Plan | None = None

    def settle(self, attempt: Callable[[Copy, Copy], Result | None]) -> Result | None:
        """Copy and try again until an attempt gives a result; None if none does.

        Args:
            attempt: makes sense of two copies; None, or `Torn`, if they do not agree.
        """
        attempts = fresh = 0
        while attempts < self._attempts and fresh < _FRESH:
            if self._plan is None:
                self._plan = Plan(self._sizes.items())
            try:
                result = attempt(*self._peek.copy(self._plan))
            except Missing as missing:
                fresh += 1
                attempts += not self._add(*missing.place)
                continue
            except Unreadable as unreadable:
                if unreadable.place[0] <= self._root[0] < sum(unreadable.place):
                    return None
                del self._sizes[unreadable.place[0]]
                self._plan = None
            except Torn:
                if attempts == self._attempts // 2:
                    self._forget()
            else:
                if result is not None:
                    return result
            attempts += 1
        return None

    def _forget(self) -> None:
        self._sizes = dict([self._root])
        self._plan = None

    def _add(self, start: int, size: int) -> bool:
        """Add a place, joined with those that it touches; refuse what is no address of an object."""
        if start % WORD or not LOWEST <= start < HIGHEST:
            return False
        if len(self._sizes) >= _MOST:
            self._forget()
        start, size = _rounded(start, size)
        end = start + size
        for other, length in list(self._sizes.items()):
            if other <= end and start <= other + length:
                start, end = min(start, other), max(end, other + length)
                del self._sizes[other]
        self._sizes[start] = end - start
        self._plan = None
        return True


def _rounded(start: int, size: int) -> tuple[int, int]:
    """Make a place larger as far as it does not begin another page."""
    end = max(start + size, min(start + _AT_ONCE, (start // _PAGE + 1) * _PAGE))
    return start, (end - start + WORD - 1) // WORD * WORD
