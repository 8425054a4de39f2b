"""Tests for linked objects that are read as they were at one moment."""

from collections.abc import Iterable

import pytest
from own_process import Held

from diag.collectors.peek import WORD, Copy, Plan, Source, Torn, Unreadable, word
from diag.collectors.places import Places

ROOT, FIRST, SECOND = 0x10_0000, 0x20_0000, 0x30_0000


class Changing:
    """A memory whose contents follow a list, an entry a reading of it."""

    def __init__(self, moments: Iterable[dict[int, int]]) -> None:
        self._moments = iter(moments)
        self._now = next(self._moments)
        self.copies = 0

    def read(self, address: int, size: int) -> bytes:
        """Read what is there now."""
        return self._held().read(address, size)

    def copy(self, plan: Plan) -> tuple[Copy, Copy]:
        """Copy what is there now, and what is there a moment later."""
        self.copies += 1
        copies = []
        for _ in range(2):
            held = self._held()
            try:
                data = b"".join(held.read(start, size) for start, size in plan.places)
            except Torn as torn:
                raise Unreadable(next(place for place in plan.places if place[0] == torn.args[0])) from None
            copies.append(Copy(plan, data, 0))
            self._now = next(self._moments, self._now)
        return copies[0], copies[1]

    def _held(self) -> Held:
        return Held({at: value.to_bytes(WORD, "little").ljust(256, b"\0") for at, value in self._now.items()})


def follow(source: Source) -> list[int]:
    """Follow the links from the root."""
    found, at = [ROOT], ROOT
    while at := word(source, at):
        found.append(at)
    return found


def agreed(first: Source, second: Source) -> list[int] | None:
    """Give the links if both copies have the same."""
    found = follow(first)
    return found if follow(second) == found else None


def settle(memory: Changing, rounds: int = 1) -> list[int] | None:
    """Read the links, several times from what is known."""
    places = Places(memory, ROOT, WORD)  # type: ignore[arg-type] # a memory made by hand
    result = None
    for _ in range(rounds):
        result = places.settle(agreed)
    return result


SHORT, LONG = {ROOT: 0, FIRST: 0}, {ROOT: FIRST, FIRST: 0}


def test_links() -> None:
    """They are followed, and known in the next reading."""
    memory = Changing([{ROOT: FIRST, FIRST: SECOND, SECOND: 0}])
    assert settle(memory) == [ROOT, FIRST, SECOND]
    copies = memory.copies
    assert settle(memory, rounds=3) == [ROOT, FIRST, SECOND]
    assert memory.copies == copies * 2 + 2


def test_what_changes() -> None:
    """Copies that differ are taken again, until they agree."""
    assert settle(Changing([LONG, LONG, SHORT, LONG, LONG, LONG])) == [ROOT, FIRST]


def test_what_always_changes() -> None:
    """It is given up in the end."""
    assert settle(Changing([SHORT, LONG] * 50)) is None


def test_what_vanishes() -> None:
    """A place that is not there any more is left out."""
    memory = Changing([{ROOT: FIRST, FIRST: 0}] * 8 + [{ROOT: SECOND, SECOND: 0}])
    assert settle(memory, rounds=6) == [ROOT, SECOND]


def test_no_root() -> None:
    """Without its root there is nothing."""
    assert settle(Changing([{FIRST: 0}])) is None


@pytest.mark.parametrize("odd", [FIRST + 1, 8, 1 << 60])
def test_odd_addresses(odd: int) -> None:
    """A link to what is no address is given up."""
    assert settle(Changing([{ROOT: odd}])) is None
