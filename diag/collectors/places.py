"""Linked objects of a running process, read as they were at one moment: copied together, twice, until both agree.

Where the objects lie is found by following the links in a copy: what is missing in it is copied as well the next
time. A process that loops uses the same places again and again, so that a look later on finds them at once.
"""

from collections.abc import Callable
from typing import TypeVar

from diag.collectors.peek import HIGHEST, LOWEST, WORD, Copy, Missing, Peek, Torn, Unreadable

_ATTEMPTS = 6
"""Copies that did not agree, or made no sense, after which it is given up."""

_FRESH = 400
"""Places found missing, one after the other, after which it is given up."""

_MOST = 1000
"""Places kept from look to look (the kernel takes 1024 pieces in a call, and each place is two)."""

Result = TypeVar("Result")


class Places:
    """The places that belong to one thing, from a root on."""

    def __init__(self, peek: Peek, root: int, size: int) -> None:
        self._peek = peek
        self._root = (root, (size + WORD - 1) // WORD * WORD)
        self._sizes = dict([self._root])

    def settle(self, attempt: Callable[[Copy, Copy], Result | None]) -> Result | None:
        """Copy and try again until an attempt gives a result; None if none does.

        Args:
            attempt: makes sense of two copies; None, or `Torn`, if they do not agree.
        """
        attempts = fresh = 0
        if len(self._sizes) > _MOST // 2:
            self._forget()
        while attempts < _ATTEMPTS and fresh < _FRESH:
            try:
                result = attempt(*self._peek.copy(self._sizes.items()))
            except Missing as missing:
                fresh += 1
                attempts += not self._add(*missing.place)
                continue
            except Unreadable as unreadable:
                if self._root[0] in range(unreadable.place[0], sum(unreadable.place)):
                    return None
                del self._sizes[unreadable.place[0]]
            except Torn:
                if attempts == _ATTEMPTS // 2:
                    self._forget()
            else:
                if result is not None:
                    return result
            attempts += 1
        return None

    def _forget(self) -> None:
        self._sizes = dict([self._root])

    def _add(self, start: int, size: int) -> bool:
        """Add a place, joined with those that it touches; refuse what is no address of an object."""
        if start % WORD or not LOWEST <= start < HIGHEST or len(self._sizes) >= _MOST // 2:
            return False
        end = start + size
        for other, length in list(self._sizes.items()):
            if other <= end and start <= other + length:
                start, end = min(start, other), max(end, other + length)
                del self._sizes[other]
        self._sizes[start] = end - start
        return True
