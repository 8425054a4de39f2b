"""Whether anything can come of a hot loop: what it receives, takes, tests and counts."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from made_places import READ, Seen, place_of
from made_program import LIBRARY, At, Program, Strand, standard, task, thing, thread, turn

from diag.evidence import futility as futile


@pytest.mark.parametrize(
    "statement",
    [
        "data = stream.read()",
        "data = stream.read().strip()",
        "head, data = stream.recv(), 3",
        "data: bytes = stream.recv(9)",
        "keep(data := stream.get())",
        "data = stream.queue.get_nowait()",
    ],
)
def test_what_a_loop_receives(statement: str) -> None:
    """Variables that are assigned from a call that receives, in any form, and that were empty at all looks."""
    assert place_of(READ.format(statement), data=lambda _: b"").futility.empties == ("data",)


@pytest.mark.parametrize(
    "head", ["for item in await stream.items()", "async for item in stream", "for item in iter(read, b'')"]
)
def test_what_a_for_hands_out_is_received(head: str) -> None:
    """What is awaited, asked for each time or waited for is received, by the very loop that is hot as well."""
    program = Program(f"""
        async def f(stream):
            {head}:
                keep(item)  # hot
    """)
    place = Seen(program, lambda n: turn(program.at("f", "hot", 11, item=b""), operations=n))
    assert place.futility.empties == ("item",)


@pytest.mark.parametrize(
    ("statement", "buffer", "unfed"),
    [
        ("data += stream.read()", lambda _: b"half", ("data",)),
        ("data += stream.read()", lambda _: "", ("data",)),
        ("data += stream.read()", bytes, ()),
        ("data += stream.read()", lambda _: 20, ()),
        ("data += part", lambda _: b"half", ()),
        ("data -= stream.read()", lambda _: b"half", ()),
    ],
)
def test_a_buffer_that_never_grows(
    statement: str, buffer: Callable[[int], object], unfed: tuple[str, ...]
) -> None:
    """What each turn adds to it was received, and was nothing; a number may stay for other reasons."""
    assert place_of(READ.format(statement), data=buffer).futility.unfed == unfed


@pytest.mark.parametrize(
    "statement",
    ["data = None", "data = stream.name", "data = make(stream)", "data = b'' if stream else b'1'"],
)
def test_what_was_not_received_may_be_empty(statement: str) -> None:
    """A setting that is None says nothing."""
    assert place_of(READ.format(statement), data=lambda _: None).futility.empties == ()


def test_a_value_now_and_then_is_not_always_empty() -> None:
    """One look that saw something is enough."""
    place = place_of(READ.format("data = stream.read()"), data=lambda n: b"1" if n == 20 else b"")
    assert place.futility.empties == ()


@pytest.mark.parametrize(
    ("statement", "taken"),
    [
        ("data = stream.recv(9)", True),
        ("data = stream.recv(9).decode()", True),
        ("data = queue.get()", True),
        ("data = table.get()", False),
        ("data = stream.status()", False),
        ("data = ensure_future(stream.read())", False),
        ("data = wait_for(stream.read(), 3)", True),
    ],
)
def test_what_a_consuming_call_gave(statement: str, taken: bool) -> None:  # noqa: FBT001 - a column
    """It is gone from where it was: a block of zeros each time is progress, the status of something is none."""
    place = place_of(
        READ.format(statement),
        data=lambda _: bytes(9),
        queue=lambda _: thing("queue.Queue"),
        table=lambda _: {},
    )
    assert place.futility.taken == (("data",) if taken else ())


def test_new_contents_below_count_as_well() -> None:
    """What a helper sees is new for the loop; what the standard library makes to send a request is not."""
    program = Program(READ.format("step(stream)"))

    def below(file: str) -> tuple[str, ...]:
        def moment(n: int) -> Strand:
            return thread(program.at("f", "hot"), At("step", 3, file, 0, {"part": f"part {n}"}))

        return Seen(program, moment).futility.fresh

    assert below("/srv/helper.py") == ("step.part",)
    assert below(f"{LIBRARY}/email/message.py") == ()


def test_a_counter_that_is_not_seen_to_count_is_one_by_its_source() -> None:
    """A number whose every assignment adds a constant or resets it says how often the loop turned, in any order."""
    text = """
        def f(limit):
            step = 0
            while True:
                step = (step + 7) % 100
                score = work(step)  # hot
    """
    scattered: list[Callable[[int], object]] = [lambda n: n * 37 % 101]
    assert place_of(text, step=scattered[0]).futility.fresh == ()
    assert place_of(text, score=scattered[0]).futility.fresh == ("f.score",)


SCAN = """
    def f(line):
        position = 0
        while {}:
            end = line.find(":", position)  # hot
            if end > 0:  # test
                position = end + 1
"""
STILL: dict[str, Callable[[int], object]] = {"line": lambda _: "no colon", "position": lambda _: 0}


def test_a_condition_in_which_nothing_moves_is_stuck() -> None:
    """The loop sets one of the variables that its condition tests, and none of them ever changes."""
    place = place_of(SCAN.format("position < len(line)"), ["hot", "test"], **STILL)
    assert place.futility.stuck == ("line", "position")
    assert len(futile.hopeless(place.futility, place.facts, 40)) == 1


def test_a_condition_that_may_change_is_not_stuck() -> None:
    """One whose variable moves, that asks others, that the loop does not set, or in a loop that is not seen to turn."""
    moving = STILL | {"position": lambda n: n}
    assert place_of(SCAN.format("position < len(line)"), ["hot", "test"], **moving).futility.stuck == ()
    for test in ("position < size(line)", "line", "True"):
        assert place_of(SCAN.format(test), ["hot", "test"], **STILL).futility.stuck == ()
    assert place_of(SCAN.format("position < len(line)"), ["hot"], **STILL).futility.stuck == ()


@pytest.mark.parametrize(
    ("head", "item", "advancing"),
    [
        ("for item in items", lambda n: n, True),
        ("for item in items", lambda n: f"{n}", True),
        ("for item in items", lambda _: None, False),
        ("for item in count()", lambda n: n, False),
        ("for item in repeat(3)", lambda n: n, False),
        ("while items", lambda n: n, False),
    ],
)
def test_a_for_advances(head: str, item: Callable[[int], object], advancing: bool) -> None:  # noqa: FBT001 - a column
    """Through what comes to an end, if its items are not always the same."""
    text = f"""
        def f(items):
            {head}:
                keep(items)  # hot
    """
    assert place_of(text, item=item).futility.advancing is advancing


@pytest.mark.parametrize(
    ("statement", "waits"),
    [
        ("stream.read()", True),
        ("if done.is_set(): return", True),
        ("pass", True),
        ("ready = stream.ready", True),
        ("total = total + 1", False),
        ("press(stream)", False),
        ("yield stream[0]", False),
    ],
)
def test_which_loops_wait(statement: str, waits: bool) -> None:  # noqa: FBT001 - a column
    """Those that receive, test what others set, or do nothing at all; one that computes or hands out does not."""
    assert futile.waits_for_something(place_of(READ.format(statement)).hot) is waits


@pytest.mark.parametrize(
    ("held", "waits"),
    [
        ({"source": thing("socket.socket"), "block": b""}, True),
        ({"source": thing("socket.socket"), "block": b"x"}, False),
        ({"source": thing("Page"), "block": b""}, False),
    ],
)
def test_without_source_the_variables_tell(held: dict[str, Any], waits: bool) -> None:  # noqa: FBT001 - a column
    """A function that holds a stream and something empty is taken for one that waits at it."""
    unknown = Program(READ.format("read()"), "/srv/unknown.py")
    place = Seen(Program("pass"), lambda _: thread(unknown.at("f", "hot", **held)))
    assert futile.waits_for_something(place.hot) is waits


def test_work_is_what_neither_waits_nor_receives() -> None:
    """The share of the looks inside other functions, seen below the loop or called on its line in C."""
    text = """
        def f(stream):
            while True:
                data = stream.read()  # read
                packed = zlib.compress(data)  # pack
    """
    assert place_of(text, ["read"]).futility.work == 0.0
    assert place_of(text, ["pack"]).futility.work == 1.0
    assert place_of(text, ["read", "pack", "pack", "pack"]).futility.work == 0.75
    program = Program(text)
    decode = standard("decode", "codec.py")
    assert Seen(program, lambda _: thread(program.at("f", "read"), decode)).futility.work == 1.0


def test_what_a_place_explains() -> None:
    """Of the busy looks at an event loop: its own, those of tasks that it makes, and the loop's own lines."""
    program = Program(
        """
        async def f(hub):
            while True:
                hub.spawn(helper())  # hot
        async def helper():
            return 1  # helper
        async def other():
            return 2  # other
        """
    )

    def share(names: Sequence[str]) -> float:
        def moment(n: int) -> Strand:
            name = names[n % len(names)]
            if not name:
                return turn(operations=n)
            if name == "hot":
                return turn(program.at("f", "hot", 11), operations=n)
            return turn(
                program.at(name, name, 100 + n), operations=n, ready=(task(program.at("f", "hot", 11)),)
            )

        return Seen(program, moment).futility.explained

    assert share(["hot"]) == 1.0
    assert share(["hot", "helper", ""]) == 1.0
    assert share(["hot", "other"]) == 0.5
    assert share(["hot", "other", "other", "other"]) == 0.25


def test_too_few_looks_leave_it_open() -> None:
    """Below eight looks nothing is said of the variables."""
    place = place_of(READ.format("data = stream.read()"), data=lambda _: b"")
    assert futile.hopeless(place.futility, place.facts, 8)
    assert futile.hopeless(place.futility, place.facts, 7) == ()


def test_data_that_moves_without_being_new() -> None:
    """A state that returns is no progress, but none of a loop in which nothing moves; what is received or counted is."""
    text = """
        def f(stream):
            step = 0
            while True:
                step = (step + 1) % 5
                head = stream.read()
                state = turned(state)  # hot
    """
    scattered: Callable[[int], object] = lambda n: n * 37 % 5  # noqa: E731 - given to each
    place = place_of(text, step=scattered, head=scattered, state=scattered, other=lambda _: 3)
    assert place.futility.moving == ("state",)
    assert place.futility.fresh == ()
