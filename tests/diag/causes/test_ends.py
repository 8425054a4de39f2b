"""What a test says when the value that it looks at is at its end."""

import ast

import pytest

from diag.causes.ends import is_of, truth, way_at_end
from diag.causes.shape import Guard

ENDED = frozenset({"line"})

TABLE = {
    "line": (False, False, True),
    "not line": (True, True, False),
    "line is None": (False, True, None),
    "line is not None": (True, False, None),
    "line == b''": (True, False, None),
    "b'' == line": (True, False, None),
    "line != ''": (False, True, True),
    "line == 'quit'": (False, False, False),
    "line in (b'', None)": (True, True, None),
    "line not in ('', 'x')": (False, True, True),
    "line == []": (True, False, False),
    "len(line) == 0": (True, False, None),
    "len(line) < 1": (True, None, None),
    "0 < len(line)": (False, None, None),
    "len(line) >= 4": (False, None, None),
    "line.strip()": (False, False, False),
    "not line.decode().strip()": (True, True, True),
    "line.startswith('x')": (False, None, None),
    "'x' in line": (False, False, None),
    "'x' not in line": (True, True, None),
    "not line and other": (None, None, False),
    "not line or other": (True, True, None),
    "line and other": (False, False, None),
    "reader.at_eof()": (True, True, True),
    "reader.closed": (None, None, None),
    "line.type == WSMsgType.CLOSED": (None, None, True),
    "line.type is WSMsgType.TEXT": (None, None, False),
    "line.type in (WSMsgType.CLOSING, WSMsgType.ERROR)": (None, None, True),
    "line['type'] == 'websocket.disconnect'": (None, None, True),
    "line.data": (False, False, False),
    "line is STOP": (True, True, True),
    "line == other": (None, None, None),
    "(line := reader.readline())": (False, False, None),
    "(line := reader.readline()) == b''": (True, False, None),
    "other": (None, None, None),
    "True": (True, True, True),
    "line > other > 1": (None, None, None),
}


def expression(text: str) -> ast.expr:
    """Parse an expression."""
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize("text", TABLE)
def test_the_three_ends(text: str) -> None:
    """As empty, as None, as a message of a close."""
    test = expression(text)
    assert (truth(test, ENDED, "empty"), truth(test, ENDED, "none"), truth(test, ENDED, "closed")) == TABLE[
        text
    ]


def test_a_value_without_a_name() -> None:
    """It can be given as the expression itself."""
    test = expression("not await reader.read()")
    call = next(node for node in ast.walk(test) if isinstance(node, ast.Call))
    assert truth(test, frozenset({call}), "empty") is True
    assert truth(test, frozenset(), "empty") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("line", True),
        ("line.strip()", True),
        ("line[1:]", True),
        ("str(line)", True),
        ("await line", True),
        ("parse(line)", False),
        ("line.find(b'x')", False),
        ("other", False),
        ("a + line", False),
    ],
)
def test_what_is_empty_if_the_value_is(text: str, expected: bool) -> None:  # noqa: FBT001 - the other half of a table
    """What text methods and the like make of it is; what any function makes of it is not known."""
    assert is_of(expression(text), ENDED) is expected


def test_a_way_needs_all_its_conditions() -> None:
    """One that fails bars it; one that is not known leaves it open."""

    def way(*conditions: tuple[str, bool]) -> bool | None:
        return way_at_end(tuple(Guard(expression(text), holds) for text, holds in conditions), ENDED, "empty")

    assert way() is True
    assert way(("not line", True)) is True
    assert way(("line", False), ("not line", True)) is True
    assert way(("not line", True), ("other", True)) is None
    assert way(("line", True), ("other", True)) is False
