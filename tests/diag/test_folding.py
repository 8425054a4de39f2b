"""Putting a module's settings into its source."""

import ast
import textwrap

import pytest

from diag.causes.cause import Facts, Scene, Variable
from diag.folding import fold, folded, settings
from diag.source import Module, parse


def module(text: str) -> Module:
    """Parse."""
    found = parse(textwrap.dedent(text), "app.py")
    assert found is not None
    return found


def facts(**values: object) -> Facts:
    """Make facts in which global variables have such values."""
    return Facts(
        variables={
            f"global {name}": Variable(behaviour="constant", types=(type(value).__name__,), text=str(value))
            for name, value in values.items()
        }
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("if SAFE and not line:\n    stop()\nwork()", "work()"),
        ("if not line:\n    if SAFE:\n        stop()\n    work()", "if not line:\n    work()"),
        ("if not line:\n    if SAFE:\n        stop()", "if not line:\n    pass"),
        ("if SAFE:\n    stop()\nelse:\n    work()", "work()"),
        ("if not SAFE or line:\n    work()", "work()"),
        ("if SAFE or line:\n    work()", "if line:\n    work()"),
        ("sleep(1 if SAFE else 0)", "sleep(0)"),
        ("get(block=SAFE)", "get(block=False)"),
        ("if read() and SAFE:\n    work()", "if read() and False:\n    work()"),
        ("while not SAFE and line:\n    work()", "while line:\n    work()"),
        ("def f(SAFE):\n    if SAFE:\n        stop()", "def f(SAFE):\n    if SAFE:\n        stop()"),
    ],
)
def test_what_is_ruled_out_is_gone(before: str, after: str) -> None:
    """With SAFE false, what it guards is no part of the source."""
    assert ast.unparse(fold(module(before), (("SAFE", False),)).tree) == after


def test_only_settings_are_put_in() -> None:
    """What is bound again, or declared global by a function, may change; what is no truth value is left."""
    text = """
        SAFE = False
        running = True
        count = 0
        twice = False
        twice = True
        def stop():
            global running
            running = False
    """
    seen = facts(SAFE=False, running=True, count=0, twice=True, unknown=False)
    assert settings(module(text), seen) == {"SAFE": False}


def test_scene_keeps_its_place() -> None:
    """Function, loop and lines are those of before, without the branch."""
    before = module(
        """
        SAFE = False
        def read(stream):
            while True:
                line = stream.readline()
                if SAFE and not line:
                    return
        """
    )
    function = before.functions[1]
    scene = Scene(
        module=before, function=function, loop=function.loops[0], line=5, outer=((before, function, 5),)
    )
    after = folded(scene, facts(SAFE=False))
    assert after.function.name == "read"
    assert after.loop is not None
    assert (after.loop.first, after.line) == (4, 5)
    assert not any(isinstance(node, ast.Return) for node in ast.walk(after.function.node))
    assert after.outer[0][1] is after.function
    assert folded(scene, Facts()) is scene
