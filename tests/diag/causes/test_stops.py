"""Conditions by which somebody else says that all is over."""

import ast

import pytest

from diag.causes.shape import Guard
from diag.causes.stops import is_foreign, stop_in


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("stop.is_set()", "stop"),
        ("self._stopping.done()", "self._stopping"),
        ("self.shutdown_requested", "self.shutdown_requested"),
        ("self._shutdown", "self._shutdown"),
        ("stop_event.is_set() or x", "stop_event"),
        ("cancelled or x", "cancelled"),
        ("ready.is_set()", ""),
        ("not stopped", ""),
        ("x", ""),
        ("stopping.wait()", ""),
        ("x or stop", "stop"),
    ],
)
def test_a_stop_that_is_asked_for(text: str, name: str) -> None:
    """A flag, event or future whose name says so."""
    assert stop_in(ast.parse(text, mode="eval").body) == name


@pytest.mark.parametrize(
    ("text", "holds", "foreign"),
    [
        ("future is stopping", True, True),
        ("stopping in done", True, True),
        ("future is read", True, False),
        ("stopping.done()", True, True),
        ("not stopping.done()", False, True),
        ("stopping.done()", False, False),
        ("self.running", False, True),
        ("not self.running", True, True),
        ("self.running", True, False),
        ("line == 'quit'", True, False),
        ("count > 3", True, False),
        ("read.stopped", True, False),
        ("debug and self._quit", True, True),
        ("self.ready", False, False),
    ],
)
def test_what_depends_on_somebody_else(text: str, holds: bool, foreign: bool) -> None:  # noqa: FBT001 - columns of a table
    """Not on what the loop itself sets, or on what it works at."""
    guard = Guard(ast.parse(text, mode="eval").body, holds)
    assert is_foreign(guard, {"read", "future", "done", "line", "count"}) is foreign
