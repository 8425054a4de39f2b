"""Tests for what tables share."""

import pytest

from diag.commands._tables import growth, short, signed


@pytest.mark.parametrize(("now", "before", "seconds"), [(None, 1, 1), (1, None, 1), (2, 1, 0)])
def test_no_growth(now: int | None, before: int | None, seconds: float) -> None:
    """What is not known, or no time apart, has no rate."""
    assert growth(now, before, seconds) is None


@pytest.mark.parametrize(
    ("rate", "text"),
    [(None, "?"), (0, "+0"), (1234.6, "+1,235"), (-2, "-2"), (0.24, "+0.2"), (-0.03, "-0.03")],
)
def test_signs(rate: float | None, text: str) -> None:
    """A rate has its sign, and digits as they matter."""
    assert signed(rate) == text


def test_short() -> None:
    """Of a path the end counts; a bracket in a name is none of a place."""
    assert short("/usr/lib/python3.12/asyncio/tasks.py:649") == "…/asyncio/tasks.py:649"
    assert short("f (a) (/x/y/z.py:1)") == "f (a) (…/y/z.py:1)"
