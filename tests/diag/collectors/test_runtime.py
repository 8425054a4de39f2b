"""Tests for the interpreters and threads of a process."""

import os
import threading
from pathlib import Path

import pytest
from own_process import MINOR, Held, Own

from diag.collectors import framelayout
from diag.collectors.cpython import Image, Interpreter
from diag.collectors.peek import Torn
from diag.collectors.runtime import Runtime, inner_threads
from diag.errors import HotloopError


def test_the_own_threads(own: Own) -> None:
    """Every thread is found with its number in the system."""
    ending = threading.Event()
    thread = threading.Thread(target=ending.wait)
    thread.start()
    own.runtime.begin()
    found = {state.thread for state in own.runtime.threads()}
    ending.set()
    thread.join()
    assert {os.getpid(), thread.native_id} <= found


def test_numbers_of_threads() -> None:
    """Without a PID namespace of its own a process sees its threads as they are seen from here."""
    numbers = inner_threads(os.getpid())
    assert numbers[os.getpid()] == os.getpid()
    assert set(numbers) == set(numbers.values())


def test_numbers_of_threads_in_a_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The innermost number is the one that the process knows."""
    monkeypatch.setattr("diag.collectors.runtime._numbers", lambda path: [int(path.split("/")[-2]), 1])
    assert inner_threads(os.getpid())[1] in {int(entry.name) for entry in Path("/proc/self/task").iterdir()}


def test_an_interpreter_that_hides(own: Own) -> None:
    """Where neither the symbol nor the mark is found a sentence says so."""
    with pytest.raises(HotloopError, match="stripped static build"):
        Runtime(own.peek, Interpreter(f"3.{MINOR}.0", MINOR, Image("/python", ())), ())


def test_a_version_that_is_not_known() -> None:
    """A newer version is refused in a sentence."""
    with pytest.raises(HotloopError, match=r"3\.77"):
        framelayout.layouts(Held({}), 77, 0x10_0000)


@pytest.mark.parametrize("free_threaded", [0, 1])
def test_the_table_of_offsets(free_threaded: int) -> None:
    """The offsets of 3.13 and later come from the table that the runtime begins with."""
    table = [framelayout.COOKIE, 0, free_threaded, *range(3, 40)]
    held = Held({0x10_0000: b"".join(word.to_bytes(8, "little") for word in table)})
    if free_threaded:
        with pytest.raises(Torn):
            framelayout.layouts(held, 14, 0x10_0000)
    else:
        roots = framelayout.layouts(held, 14, 0x10_0000).roots
        assert (roots.interpreters, roots.threads, roots.native_id, roots.frame) == (5, 9, 28, 26)


def test_no_table_of_offsets() -> None:
    """Without its mark it is not believed."""
    with pytest.raises(Torn):
        framelayout.layouts(Held({0x10_0000: bytes(400)}), 13, 0x10_0000)
