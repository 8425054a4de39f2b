"""Conditions in three values."""

import ast

import pytest

from diag.causes.truth import Truth


def truth(text: str, *, known: bool = False) -> bool | None:
    """Give the truth of an expression in which `x` (or `self.x`) is known."""
    node = ast.parse(text, mode="eval").body
    return Truth({"x": known, "self.x": known}).of(node)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "not x",
            "x is None",
            "x == b''",
            "x == []",
            "x == 0",
            "len(x) == 0",
            "len(x) < 1",
            "x <= 0",
            "not x and True",
        ),
        *(
            "x is False",
            "x is not True",
            "not x or y",
            "not self.x",
            "bool(x) is False",
            "not (x and y)",
            "x != 'a'",
        ),
        *("not (y := x)", "x >= 0"),
    ],
)
def test_true_where_nothing_is_there(text: str) -> None:
    """What is empty, None or 0 is taken for nothing."""
    assert truth(text) is True


@pytest.mark.parametrize(
    "text",
    [
        *(
            "x",
            "x is not None",
            "x != b''",
            "len(x) > 0",
            "x > 0",
            "x >= 1",
            "x and y",
            "len(x)",
            "x == 'a'",
            "x < 0",
        ),
        *("x is True", "any(x)", "(y := x)", "self.x and self.x.type == 'message'"),
    ],
)
def test_false_where_nothing_is_there(text: str) -> None:
    """The opposite questions."""
    assert truth(text) is False


@pytest.mark.parametrize(
    "text",
    ["y", "x or y", "not y", "x.attribute", "x()", "f(x)", "x == y", "x in y", "x > y", "1 < x < 2", "x[0]"],
)
def test_unknown(text: str) -> None:
    """What depends on something else is not known."""
    assert truth(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x is None", False),
        ("x", True),
        ("x == 'a'", None),
        ("x > 0", True),
        ("x >= 1", True),
        ("x > 1", None),
        ("x < 1", False),
    ],
)
def test_where_something_is_there(text: str, expected: bool | None) -> None:  # noqa: FBT001 - a column of the table
    """A size is at least 1 then; which value it is, is not known."""
    assert truth(text, known=True) is expected
