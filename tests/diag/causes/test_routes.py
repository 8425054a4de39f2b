"""The ways through statements."""

import ast

import pytest
import scenes

from diag.causes.routes import Reading, Way, turns, ways
from diag.causes.truth import Truth


def marks(node: ast.AST) -> set[str]:
    """Mark each call by the name of what it calls."""
    return {node.func.id} if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else set()


def through(text: str) -> set[str]:
    """Give the ways through a function's body in short, such as "a b > next"."""
    body = scenes.module("async def f():\n" + "\n".join(f"    {line}" for line in text.splitlines()))
    function = body.functions[1].node
    assert isinstance(function, ast.AsyncFunctionDef)
    return {short(way) for way in ways(function.body, Reading(marks, Truth().of))}


def short(way: Way) -> str:
    """Put a way into a line."""
    return " ".join([*sorted(way.marks), ">", way.exit])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a()\nb()", {"a b > next"}),
        ("a()\nreturn b()\nc()", {"a b > return"}),
        ("if a(): b()\nelse: raise c()", {"a b > next", "a c > raise"}),
        ("if True: a()\nelse: b()", {"a > next"}),
        ("while a():\n    b()", {"a > next", "a b > next"}),
        ("while True:\n    if a(): break\n    b()", {"a > next"}),
        ("while True:\n    a()", {"> return"}),
        ("for x in a():\n    if b(): continue\n    return", {"a > next", "a b > next", "a b > return"}),
        ("for x in a():\n    break\nelse:\n    b()", {"a > next", "a b > next"}),
        ("try:\n    a()\n    b()\nexcept E:\n    c()", {"a b > next", "a c > next"}),
        (
            "try:\n    a()\nexcept E:\n    raise\nelse:\n    b()\nfinally:\n    c()",
            {"a b c > next", "a c > raise"},
        ),
        ("try:\n    return a()\nfinally:\n    return b()", {"a b > return"}),
        ("with a():\n    b()", {"a b > next"}),
        ("with suppress(E):\n    a()", {"a suppress > next", "suppress > next"}),
        ("match a():\n    case 1: b()\n    case 2: return", {"a > next", "a b > next", "a > return"}),
        ("match a():\n    case 1: b()\n    case _: return", {"a b > next", "a > return"}),
        ("def g(): a()\nb()", {"b > next"}),
        ("a()\nsys.exit(1)\nb()", {"a > raise"}),
        ("try:\n    a()\nexcept* E:\n    b()", {"a > next", "a b > next"}),
    ],
)
def test_ways(text: str, expected: set[str]) -> None:
    """Every statement leads where it can, with what happens on the way."""
    assert through(text) == expected


def test_a_try_that_is_taken_to_fail() -> None:
    """Only the handler's way is taken, after the statements up to the first that can fail."""
    here = scenes.scene("""
        def f():
            while True:
                try:
                    safe()
                    a()  # hot
                    b()
                except E:
                    c()
                d()
    """)
    assert here.loop is not None
    node = here.loop.node.body[0]
    assert isinstance(node, ast.Try)
    reading = Reading(marks, fails={node: node.handlers[0].body}, harmless=frozenset({"safe"}))
    assert {short(way) for way in turns(here.loop, reading)} == {"a c d failed safe > continue"}
