"""Tests of the options' words: what is read, and what is refused."""

import pytest

from diag.errors import HotloopError
from diag.testing.options import Settings, settings


def test_options_are_read_in_their_units() -> None:
    """Durations in seconds, counts with underscores, patterns added up."""
    base = Settings(ignore=("a",))
    found = settings(
        {"max_block": "100ms", "max_empty_turns": "1_000", "settle": 2, "ignore": "b"}, base, "here"
    )
    assert (found.max_block, found.max_empty_turns, found.settle, found.ignore) == (
        0.1,
        1000,
        2.0,
        ("a", "b"),
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"setle": 1}, r"here: there is no option 'setle': did you mean settle\?"),
        ({"x": 1}, r"there is no option 'x': there are mode, leaks"),
        ({"max_block": "1 h"}, "max_block is a duration"),
        ({"max_empty_turns": 1.5}, "max_empty_turns is a count"),
        ({"max_turns_per_second": 0}, "a number above 0"),
        ({"spins": "no"}, "spins is True or False"),
        ({"ignore": [1]}, "ignore is a pattern or a list of them"),
        ({"mode": "of"}, r"mode is no 'of': did you mean 'off'\?"),
    ],
)
def test_what_is_not_understood_is_refused(given: dict[str, object], words: str) -> None:
    """In a sentence that says where it stands and what is meant."""
    with pytest.raises(HotloopError, match=words):
        settings(given, Settings(), "here")
