"""What several causes ask of the measured facts."""

import pytest
import scenes

from diag.causes import agreement
from diag.causes.cause import Behaviour, Variable


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("read", "read", True),
        ("read", "Client.read", True),
        ("Client.read", "read", True),
        ("Client.read", "Client.read", True),
        ("Client.read", "Pod.read", False),
        ("run.<locals>.work", "run.work", True),
        ("work", "run.<locals>.work", True),
        ("write", "read", False),
        ("", "read", False),
        ("", "", True),
    ],
)
def test_names_of_one_function(one: str, other: str, alike: bool) -> None:  # noqa: FBT001 - an expectation
    """A name without a class can be that of any."""
    assert agreement.same(one, other) is alike


def test_any_of_several_names() -> None:
    """One pair is enough."""
    assert agreement.names_any(["a", "b"], iter(["c", "X.b"]))
    assert not agreement.names_any(["a", "b"], ["c"])
    assert not agreement.names_any([], ["c"])


def test_payload_that_moves() -> None:
    """Unknown is not moved, and a trickle neither."""
    rates = (None, 0.0, 500.0, 1e6)
    assert [agreement.moves(scenes.facts(bytes_per_second=rate)) for rate in rates] == [
        False,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("behaviour", "types", "new"),
    [
        ("changing", ("bytes",), True),
        ("changing", ("bytes", "NoneType"), True),
        ("changing", ("dict", "int"), False),
        ("changing", ("float",), False),
        ("changing", ("_asyncio.Task",), False),
        ("constant", ("bytes",), False),
        ("counting", ("int",), False),
        ("empty", ("bytes",), False),
    ],
)
def test_data_that_is_new(behaviour: Behaviour, types: tuple[str, ...], new: bool) -> None:  # noqa: FBT001 - an expectation
    """Data counts; clocks, counters, tasks and what was read while it changed do not."""
    measured = scenes.facts(variables={"x": Variable(behaviour=behaviour, types=types)})
    assert agreement.fresh(measured, ["x"]) is new
    assert not agreement.fresh(measured, ["y"])


@pytest.mark.parametrize(
    ("seen", "value"),
    [
        (Variable(behaviour="constant", types=("float",), text="-0.5"), -0.5),
        (Variable(behaviour="constant", types=("int",), text="0"), 0.0),
        (Variable(behaviour="changing", types=("int",), text="1"), None),
        (Variable(behaviour="constant", types=("bool",), text="True"), None),
        (Variable(behaviour="constant", types=("float",)), None),
        (None, None),
    ],
)
def test_the_value_of_a_number(seen: Variable | None, value: float | None) -> None:
    """Only of one that is the same at all looks."""
    assert agreement.number_of(seen) == value
