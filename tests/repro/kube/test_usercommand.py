"""Pods without a kind."""

from typing import Any

import pytest

from repro.kube.script import Script
from repro.kube.usercommand import script_of

_DEFAULT = Script(count=None, rate=1)


@pytest.mark.parametrize(
    ("container", "log", "seconds", "code"),
    [
        ({"args": ["echo", "hi", "there"]}, b"hi there\n", 0, 0),
        ({"command": ["sh", "-c", "echo a; sleep 2; echo 'b c' && exit 3; echo d"]}, b"a\nb c\n", 2, 3),
        ({"command": ["sleep", "5"]}, b"", 5, 0),
        ({"command": ["false"]}, b"", 0, 1),
        ({"command": ["sh", "-c"], "args": ["echo a\necho b"]}, b"a\nb\n", 0, 0),
    ],
)
def test_simple_commands_are_played(container: dict[str, Any], log: bytes, seconds: float, code: int) -> None:
    """Simple commands write, wait and end as they would."""
    script = script_of(container, _DEFAULT)
    steps = list(script.steps())
    assert b"".join(step.data for step in steps) == log
    assert sum(step.after for step in steps) == seconds
    assert script.exit_code == code


@pytest.mark.parametrize(
    "container",
    [
        {},
        {"command": ["nginx"]},
        {"command": ["sh", "-c", "for i in 1 2; do echo $i; done"]},
        {"command": ["sh", "-c", "echo 'a"]},
    ],
)
def test_all_others_run(container: dict[str, Any]) -> None:
    """What is not understood runs for ever."""
    assert script_of(container, _DEFAULT) is _DEFAULT
