"""The place that is at work at all looks: which call, and which loop of it."""

from collections import Counter
from collections.abc import Callable

import pytest
from made_program import APP, LIBRARY, PACKAGES, SLEEP0, Program, Strand, standard, task, thread, turn
from made_snapshots import filmed

from diag.diagnosis import build
from diag.evidence import hot
from diag.evidence.hot import Hot, turning_loop
from diag.source import parse

NESTED = Program("""
    def serve(poller, handlers):
        while True:
            for key in poller.poll():  # head
                handle(key)  # body
    def handle(key):
        for step in range(3):
            run(step)  # step
""")


def places(moment: Callable[[int], Strand], *programs: Program) -> list[Hot]:
    """Find the hot places of a program."""
    return list(build(filmed(programs or [NESTED], moment)).hots)


def loop_of(*lines: str) -> tuple[int, int] | None:
    """Give the loop of `serve` that turns where these lines were seen."""
    module = parse(NESTED.text)
    assert module is not None
    seen = Counter(NESTED.line(line) for line in lines)
    loop = turning_loop(module.functions[1], seen)
    return (loop.first, loop.last) if loop else None


def test_the_head_of_a_for_belongs_to_the_loop_around_it() -> None:
    """What is iterated over is made once: a `for` that is seen nowhere but in its head has nothing to go through."""
    assert loop_of("head") == (2, 4)
    assert loop_of("head", "body") == (2, 4)


def test_the_body_of_a_for_is_its_own() -> None:
    """Where all looks are in the body, the `for` itself is long."""
    assert loop_of("body") == (3, 4)


def test_a_for_that_stands_alone_has_its_head() -> None:
    """Where no loop is around it, the head means the `for` itself."""
    module = parse("def read(source):\n    for line in source:\n        keep(line)\n")
    assert module is not None
    loop = turning_loop(module.functions[1], Counter({2: 30}))
    assert loop is not None
    assert loop.first == 2


def test_a_line_outside_shows_that_the_loop_was_left() -> None:
    """A loop is only around the place if nearly all looks were in it."""
    module = parse("def serve():\n    prepare()\n    while True:\n        turn()\n")
    assert module is not None
    assert turning_loop(module.functions[1], Counter({2: 4, 4: 30})) is None
    assert turning_loop(module.functions[1], Counter({2: 1, 4: 30})) is not None


def test_a_function_that_returns_each_turn_is_not_the_place() -> None:
    """The loop of a function that is only seen at some looks is not the one that turns."""

    def moment(n: int) -> Strand:
        outer = NESTED.at("serve", "body")
        return thread(outer, NESTED.at("handle", "step")) if n % 3 else thread(outer)

    (place,) = places(moment)
    assert place.function == "serve"
    assert [len(calls) for calls in place.below[:3]] == [0, 1, 1]


def test_a_coroutine_that_is_another_one_each_time_is_not_the_place() -> None:
    """The innermost frame may have a loop: if its identity changes it is called anew, and the caller turns."""
    program = Program("""
        async def visit(client):
            while True:
                await client.get()  # get
        async def get(client):
            while True:  # redirects
                return await client.send()  # send
    """)

    def moment(identity: int) -> Strand:
        return turn(program.at("visit", "get", 11), program.at("get", "send", identity))

    assert places(lambda n: moment(1000 + n), program)[0].function == "visit"
    assert places(lambda _: moment(1000), program)[0].function == "get"


@pytest.mark.parametrize(
    "file", [f"{LIBRARY}/queue.py", f"{PACKAGES}/trio/_core/_run.py", f"{PACKAGES}/tornado/ioloop.py"]
)
def test_a_loop_of_plumbing_is_not_preferred(file: str) -> None:
    """The user's loop that calls a loop of the standard library or of an event loop is the one meant."""
    app = Program("""
        def drain(jobs):
            while True:
                jobs.take()  # take
    """)
    library = Program("def take(self):\n    while not self.full:\n        self.wait()  # wait\n", file)
    (place,) = places(lambda _: thread(app.at("drain", "take"), library.at("take", "wait")), app, library)
    assert place.function == "drain"


def test_a_packages_loop_is_the_place() -> None:
    """A loop in an installed package is as good as the user's, and nearer to the fault."""
    app = Program("def main(client):\n    while True:\n        client.pump()  # call\n")
    library = Program(
        "def pump(self):\n    while True:\n        self.read()  # read\n", f"{PACKAGES}/wires/client.py"
    )
    (place,) = places(lambda _: thread(app.at("main", "call"), library.at("pump", "read")), app, library)
    assert (place.function, place.loop is not None) == ("pump", True)
    assert [call.function for call in place.above] == ["<module>", "main"]


def test_tasks_in_the_same_function_are_one_place() -> None:
    """Their looks and shares are put together."""
    program = Program("async def poll():\n    while True:\n        await nothing()  # wait\n")
    (place,) = places(lambda n: turn(program.at("poll", "wait", 11 + n % 2), operations=n), program)
    assert (place.owners, place.share, len(place.units)) == (2, 1.0, 40)


def test_a_task_that_is_ready_is_at_work() -> None:
    """A suspended task in the ready queue counts with its innermost frames, without being seen running."""
    program = Program("async def poll():\n    while True:\n        await nothing()  # wait\n")
    ready = (task(program.at("poll", "wait", 11), SLEEP0),)
    (place,) = places(lambda n: turn(operations=n, ready=ready), program)
    assert place.function == "poll"
    assert place.loop is not None


def test_a_short_visit_is_no_place() -> None:
    """A request that is served in a small part of the window has come and gone."""
    program = Program("async def serve():\n    while True:\n        step()  # step\n")

    def moment(n: int) -> Strand:
        return turn(program.at("serve", "step", 11), operations=n) if n < 8 else turn(operations=n)

    assert places(moment, program) == []


@pytest.mark.parametrize(("ready", "found"), [(2, 1), (40, 0)])
def test_a_task_that_waits_between_its_turns_is_the_place(ready: int, found: int) -> None:
    """It must be at work at some looks; where it waits at the others, these tell as much of what it sees."""
    program = Program("async def poll():\n    while True:\n        await nothing()  # wait\n")
    calls = program.at("poll", "wait", 11)

    def moment(n: int) -> Strand:
        at_work = n % ready == 0
        return turn(
            operations=n, ready=(task(calls),) if at_work else (), waiting=() if at_work else (task(calls),)
        )

    assert [len(place.units) for place in places(moment, program)] == [40] * found


def test_a_stack_that_was_not_read_to_its_end_is_made_up_for() -> None:
    """One in ten looks ends where the others go on into the same coroutine: it was there as well."""
    program = Program("""
        async def main(client):
            await follow(client)  # call
        async def follow(client):
            while True:
                await client.read()  # read
    """)

    def moment(n: int) -> Strand:
        inner = (program.at("follow", "read", 12),) if n % 10 else ()
        return turn(operations=n, ready=(task(program.at("main", "call", 11), *inner),))

    (place,) = places(moment, program)
    assert place.function == "follow"


def test_a_thread_that_mostly_sleeps_is_not_looked_into() -> None:
    """Neither are callbacks of the standard library, which some task has caused."""
    assert places(lambda n: thread(NESTED.at("serve", "body"), state="R" if n % 40 == 0 else "S")) == []
    own = standard("_SelectorSocketTransport._read_ready", "asyncio/selector_events.py", 970)
    assert places(lambda n: turn(own, operations=n)) == []


def test_without_source_the_function_is_the_place() -> None:
    """A file that is not known gives the function and its line, and no loop."""
    other = Program(NESTED.text, "/srv/unknown.py")
    (place,) = places(lambda _: thread(other.at("serve", "body")))
    assert (place.function, place.file, place.line) == ("serve", "/srv/unknown.py", 4)
    assert place.loop is None


def test_the_hottest_is_first() -> None:
    """Of two threads the one that is busier leads."""
    other = Program("def burn():\n    while True:\n        step()  # step\n", "/srv/burn.py")

    def moment(n: int) -> tuple[Strand, Strand]:
        often = thread(other.at("burn", "step"), number=8)
        return thread(NESTED.at("serve", "body"), state="RS"[n % 2]), often

    found = build(filmed([NESTED, other], moment)).hots
    assert [place.function for place in found] == ["burn", "serve"]


@pytest.mark.parametrize(
    ("file", "standard_library"),
    [
        (APP, False),
        (f"{LIBRARY}/queue.py", True),
        (f"{PACKAGES}/wires/client.py", False),
        (f"{PACKAGES}/uvloop/__init__.py", False),
        ("<frozen runpy>", True),
    ],
)
def test_what_the_standard_library_is(file: str, standard_library: bool) -> None:  # noqa: FBT001 - a column
    """It is what comes with the interpreter; installed packages and the user's code are not."""
    assert hot.is_standard(file) is standard_library
