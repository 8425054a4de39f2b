"""Tests of what is excused, and by which pattern."""

import pytest

from diag.testing.filters import DEFAULT, kept, matching
from diag.testing.leaks import Leak, alike, headline

TASK = Leak(
    kind="task",
    name="Client.read_log",
    created="view (/srv/app/views.py:12)",
    waiting="read (/srv/app/x.py:3)",
)


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("read_log", True),
        ("Client.read_log", True),
        ("Client.*", True),
        ("view", True),
        ("*/app/views.py", True),
        ("task", True),
        ("log", False),
        ("*/other/*", False),
    ],
)
def test_patterns_are_held_against_names_and_creators(pattern: str, *, matches: bool) -> None:
    """As a whole, or by a name's last part."""
    assert matching([pattern])(TASK) is matches


@pytest.mark.parametrize(
    "leak",
    [
        Leak(kind="executor worker", name="asyncio_0"),
        Leak(kind="thread", name="AnyIO worker thread"),
        Leak(kind="task", name="TestRunner._run_tests_and_fixtures"),
        Leak(kind="thread", name="diag-watchdog"),
        Leak(kind="thread", name="waitpid-3"),
    ],
    ids=lambda leak: leak.name,
)
def test_the_machinery_of_tests_is_excused(leak: Leak) -> None:
    """Each by a filter that says why."""
    assert kept([leak, TASK], DEFAULT) == [TASK]
    assert all(one.__doc__ for one in DEFAULT)


def test_leaks_alike_are_counted() -> None:
    """The most numerous first, and the headline counts the rest."""
    other = Leak(kind="thread", name="pool")
    found = alike([other, TASK, TASK])
    assert [(leak.name, leak.count) for leak in found] == [("Client.read_log", 2), ("pool", 1)]
    assert headline(found).startswith("2 tasks Client.read_log, created by view (/srv/app/views.py:12)")
    assert headline(found).endswith("and 1 more")
