"""Tests for reads of single objects, and of many places at once."""

import ctypes
import os
import subprocess
import sys

import pytest
from own_process import Own

from diag.collectors.peek import Ahead, Missing, Peek, Plan, Torn, Unreadable, word, words
from diag.errors import HotloopError

NOWHERE = 0x10_0000


@pytest.fixture
def numbers() -> "ctypes.Array[ctypes.c_uint64]":
    """Give eight words in memory."""
    return (ctypes.c_uint64 * 8)(*range(10, 18))


def test_words(own: Own, numbers: "ctypes.Array[ctypes.c_uint64]") -> None:
    """Words come as numbers."""
    assert words(own.peek, ctypes.addressof(numbers), 3) == (10, 11, 12)
    assert word(own.peek, ctypes.addressof(numbers) + 8) == 11


@pytest.mark.parametrize("address", [0, 8, NOWHERE, 1 << 60, (1 << 64) - 8])
def test_what_is_not_there(own: Own, address: int) -> None:
    """An address that nothing lies at is torn, and no error."""
    with pytest.raises(Torn):
        own.peek.read(address, 8)


def test_both_copies(own: Own, numbers: "ctypes.Array[ctypes.c_uint64]") -> None:
    """Both copies have all places; what is between two places is missing."""
    at = ctypes.addressof(numbers)
    plan = Plan([(at + 40, 16), (at, 16)])
    for copy in own.peek.copy(plan):
        assert words(copy, at, 2) == (10, 11)
        assert words(copy, at + 48, 1) == (16,)
        with pytest.raises(Missing) as missing:
            copy.read(at + 8, 16)
        assert missing.value.place == (at + 8, 16)


def test_more_places_than_a_call_takes(own: Own) -> None:
    """Thousands of places are copied in several calls."""
    many = (ctypes.c_uint64 * 6000)(*range(6000))
    at = ctypes.addressof(many)
    plan = Plan([(at + 24 * number, 8) for number in range(2000)])
    for copy in own.peek.copy(plan):
        assert [word(copy, at + 24 * number) for number in (0, 1023, 1999)] == [0, 3069, 5997]


def test_a_place_that_is_not_there(own: Own, numbers: "ctypes.Array[ctypes.c_uint64]") -> None:
    """It is named, so that it can be left out."""
    at = ctypes.addressof(numbers)
    with pytest.raises(Unreadable) as unreadable:
        own.peek.copy(Plan([(NOWHERE, 8), (at, 16)]))
    assert unreadable.value.place == (NOWHERE, 8)


def test_reading_ahead(own: Own, numbers: "ctypes.Array[ctypes.c_uint64]") -> None:
    """A look keeps what was read first; the next one reads the same places anew, and what has gone is left out."""
    at = ctypes.addressof(numbers)
    ahead = Ahead(own.peek)
    assert word(ahead, at) == 10
    numbers[0] = 20
    assert word(ahead, at) == 10
    ahead.begin()
    numbers[0] = 30
    assert word(ahead, at) == 20
    ahead.end()
    assert word(ahead, at) == 30
    assert own.peek.many([(NOWHERE, 8)]) == {}


def test_a_process_that_ended() -> None:
    """It is refused in a sentence, at first and later."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        peek = Peek(process.pid)
        process.kill()
        process.wait()
        with pytest.raises(HotloopError, match="ended while"):
            peek.copy(Plan([(NOWHERE, 8)]))
        with pytest.raises(Torn):
            peek.read(NOWHERE, 8)
        peek.close()
        peek.close()
        with pytest.raises(HotloopError, match="no process"):
            Peek(process.pid)


def test_no_permission(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may not be read is refused with the way out."""

    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(HotloopError, match="CAP_SYS_PTRACE"):
        Peek(1)
