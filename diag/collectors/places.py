"""Linked objects of a running process, read as they were at one moment: copied together, twice, until both agree.

Where the objects lie is found by following the links; what is missing in a copy is copied as well the next time. A
process that loops uses the same places again and again, so that a look later on finds them at once.
"""

import contextlib
from collections.abc import Callable, Iterable
from typing import TypeVar

from diag.collectors.peek import HIGHEST, LOWEST, WORD, Missing, Peek, Plan, Source, Torn, Unreadable

_ATTEMPTS = 6
"""Copies that did not agree, or made no sense, after which it is given up."""

_SCOUTS = 24
"""Copies in which something was missing, after which it is given up."""

_MOST = 4000
"""Places copied together, above which all but the root are forgotten."""

_AT_ONCE = 256
"""Bytes copied where some are missing: most objects lie in them as a whole."""

_PAGE = 4096
"""What is mapped ends at a multiple of it at the earliest."""

Result = TypeVar("Result")


class Places:
    """The places that belong to one thing, from a root on."""

    def __init__(self, peek: Peek, root: int, size: int, attempts: int = _ATTEMPTS) -> None:
        self._peek = peek
        self._root = _rounded(root, size)
        self._attempts = attempts
        self._sizes = dict([self._root])
        self._plan: Plan | None = None

    def settle(self, attempt: Callable[[Source, Source], Result | None]) -> Result | None:
        """Copy and try again until an attempt gives a result; None if none does.

        Args:
            attempt: makes sense of two copies; None, or `Torn`, if they do not agree.
        """
        attempts = scouts = 0
        while attempts < self._attempts and scouts < _SCOUTS:
            try:
                result = attempt(*self._peek.copy(self._planned()))
            except Missing:
                scouts += 1
                attempts += not self._scout(attempt)
                continue
            except Unreadable as unreadable:
                if unreadable.place[0] <= self._root[0] < sum(unreadable.place):
                    return None
                self._keep(place for place in self._sizes.items() if place != unreadable.place)
            except Torn:
                if attempts == self._attempts // 2:
                    self._keep(())
            else:
                if result is not None:
                    return result
            attempts += 1
        return None

    def _planned(self) -> Plan:
        if self._plan is None:
            self._plan = Plan(self._sizes.items())
        return self._plan

    def _scout(self, attempt: Callable[[Source, Source], object]) -> bool:
        """Follow the links as they are now, and take in the places; tell whether there are new ones."""
        scout = _Scout(self._peek)
        with contextlib.suppress(Torn):
            attempt(scout, scout)
        before = self._sizes
        self._keep([*before.items(), *scout.places])
        return self._sizes != before

    def _keep(self, places: Iterable[tuple[int, int]]) -> None:
        """Copy these places from now on, and the root; those that touch are joined."""
        ordered = sorted([self._root, *places])
        if len(ordered) > _MOST:
            ordered = [self._root]
        starts, ends = [ordered[0][0]], [sum(ordered[0])]
        for start, size in ordered[1:]:
            if start <= ends[-1]:
                ends[-1] = max(ends[-1], start + size)
            else:
                starts.append(start)
                ends.append(start + size)
        self._sizes = {start: end - start for start, end in zip(starts, ends, strict=True)}
        self._plan = None


class _Scout:
    """Reads of a process's memory, with a list of the places."""

    def __init__(self, peek: Peek) -> None:
        self._peek = peek
        self.places: list[tuple[int, int]] = []

    def read(self, address: int, size: int) -> bytes:
        data = self._peek.read(address, size)
        if address % WORD or not LOWEST <= address < HIGHEST:
            raise Torn(address)
        self.places.append(_rounded(address, size))
        return data


def _rounded(start: int, size: int) -> tuple[int, int]:
    """Make a place larger as far as it does not begin another page."""
    end = max(start + size, min(start + _AT_ONCE, (start // _PAGE + 1) * _PAGE))
    return start, (end - start + WORD - 1) // WORD * WORD
