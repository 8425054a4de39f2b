"""How variables behave over the looks, and which behaviour is something new."""

from collections.abc import Iterable

import pytest
from made_program import Thing, plain, thing

from diag.causes.cause import Behaviour
from diag.evidence import variables
from diag.evidence.looks import Call
from diag.recording import Value


def value(given: object) -> Value:
    """Make a value of data or of an object."""
    if isinstance(given, Thing):
        return Value(type=given.type, text=given.text, identity=given.identity)
    return plain(given)


def seen(values: Iterable[object], owner: str = "thread 7", name: str = "x") -> list[tuple[str, Call]]:
    """Make the calls of one function in which a variable has these values."""
    return [(owner, Call("app.read", "/srv/app.py", 3, 0, {name: value(given)})) for given in values]


@pytest.mark.parametrize(
    ("values", "behaviour"),
    [
        ([None] * 9, "empty"),
        ([b"", None, "", [], {}] * 2, "empty"),
        ([b"same"] * 9, "constant"),
        ([0] * 9, "constant"),
        (list(range(20, 29)), "counting"),
        (list(range(9, 0, -1)), "counting"),
        ([1.5, 2.5, 2.5, 9.0], "counting"),
        ([b"one", b"two", b"one"], "changing"),
        ([5, 1, 9, 2, 8, 3], "changing"),
        ([None, b"one", b""], "changing"),
        ([True, False, True], "changing"),
    ],
)
def test_behaviours(values: list[object], behaviour: Behaviour) -> None:
    """Nothing at all looks, one content, a number that goes one way, and all the rest are told apart."""
    assert variables.behaviours(seen(values))["x"].behaviour == behaviour


def test_a_counter_read_out_of_turn_is_still_one() -> None:
    """A number that is freed and written anew while it is read may be an older or newer one."""
    numbers = list(range(0, 400, 10))
    numbers[7], numbers[23] = 8888, 3
    assert variables.behaviours(seen(numbers))["x"].behaviour == "counting"


def test_types_and_text_of_what_stays() -> None:
    """A constant's short text is kept, and all types that a variable had, in their order."""
    assert variables.behaviours(seen([404] * 3))["x"].text == "404"
    found = variables.behaviours(seen([b"", None]))["x"]
    assert found.types == ("bytes", "NoneType")


def test_each_task_has_a_value_of_its_own() -> None:
    """Two tasks that each hold another constant do not make it a changing one."""
    calls = seen([b"one"] * 5, "task 1") + seen([b"two"] * 5, "task 2")
    found = variables.behaviours(calls)["x"]
    assert (found.behaviour, found.text) == ("constant", "")
    assert variables.behaviours(seen([b"one", b"two"], "task 1"))["x"].behaviour == "changing"


@pytest.mark.parametrize("kind", sorted(variables.CLOSED_MESSAGES))
def test_the_message_of_a_closed_connection_is_empty(kind: str) -> None:
    """A message whose type says that nothing will come any more is as good as none, type and all."""
    call = Call(
        "read",
        "/srv/app.py",
        3,
        0,
        {"msg": value(thing("WSMessage")), "msg.type": value(thing("WSMsgType", kind))},
    )
    found = variables.behaviours([("task 1", call)] * 9)
    assert (found["msg"].behaviour, found["msg.type"].behaviour) == ("empty", "empty")
    assert variables.empty_names(found) == ["msg", "msg.type"]


def test_new_contents_are_fresh() -> None:
    """What each look sees for the first time is received or computed."""
    assert variables.fresh(seen([b"%d" % n for n in range(20)])) == ["read.x"]


@pytest.mark.parametrize(
    "values",
    [
        [b"same"] * 20,
        [b"one", b"two"] * 10,
        list(range(20)),
        [thing("Request", f"{n}") for n in range(20)],
        [b"%d" % n for n in range(4)],
        [b""] * 16 + [b"1", b"2", b"3", b"4"],
    ],
    ids=["constant", "returning", "counting", "objects", "few", "rarely new"],
)
def test_what_is_not_fresh(values: list[object]) -> None:
    """Contents that return, numbers that count, objects that are made anew and a few chance values are no progress."""
    assert variables.fresh(seen(values)) == []


def test_freshness_is_that_of_one_owner() -> None:
    """Twenty tasks with a constant each have twenty contents, and nothing new."""
    calls = [call for n in range(20) for call in seen([b"%d" % n] * 2, f"task {n}")]
    assert variables.fresh(calls) == []


def test_variables_of_callees_carry_their_function() -> None:
    """What the functions below saw is named after them, so that equal names do not mix."""
    other = Call("Reader.readline", "/lib/reader.py", 9, 0, {"x": value(b"")})
    found = variables.returned([*seen([b"1", b"2"]), ("thread 7", other)])
    assert {name: seen.behaviour for name, seen in found.items()} == {
        "read.x": "changing",
        "readline.x": "empty",
    }
