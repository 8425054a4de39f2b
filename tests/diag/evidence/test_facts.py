"""What was measured around a hot place: what it waits for, what is raised, called and ready."""

from collections.abc import Callable
from typing import Any

import pytest
from made_program import (
    LIBRARY,
    PACKAGES,
    SLEEP0,
    At,
    Program,
    Strand,
    Waiting,
    future,
    standard,
    task,
    thing,
    thread,
    turn,
)
from made_snapshots import census, filmed

from diag.causes.cause import Facts, Scene
from diag.diagnosis import build
from diag.evidence import facts

POLL = Program("""
    async def poll(queue):
        while True:
            item = await queue.get()  # wait
""")


def gathered(
    moment: Callable[[int], Strand],
    *programs: Program,
    **conditions: Any,  # noqa: ANN401 - of Conditions
) -> Facts:
    """Gather the facts about the hottest place."""
    case = build(filmed(programs or [POLL], moment, **conditions))
    assert case.looks is not None
    return facts.gather(case.hots[0], case.looks, case.around)


def suspended(*inner: At, **variables: object) -> Callable[[int], Strand]:
    """Make a task that is ready again at every look, below its own frame."""
    return lambda n: turn(operations=n * 999, ready=(task(POLL.at("poll", "wait", 11, **variables), *inner),))


def test_sleep0_waits_for_nothing() -> None:
    """The suspended generator of `sleep(0)` is one turn of the event loop."""
    assert gathered(suspended(SLEEP0)).waits == "nothing"


@pytest.mark.parametrize("function", ["checkpoint", "cancel_shielded_checkpoint"])
def test_a_checkpoint_waits_for_nothing(function: str) -> None:
    """So do the checkpoints of trio and anyio."""
    assert gathered(suspended(At(function, 3, f"{PACKAGES}/anyio/lowlevel.py", 12))).waits == "nothing"


@pytest.mark.parametrize("function", ["wait", "_wait", "wait_for", "shield"])
def test_a_wait_for_what_is_done_is_settled(function: str) -> None:
    """Waits of asyncio come back at once only where what they wait for is done."""
    assert gathered(suspended(standard(function, "asyncio/tasks.py", 460, 12))).waits == "settled"


def test_a_wait_of_the_users_own_is_not_asyncios() -> None:
    """A coroutine that happens to be called `wait` may wait for anything."""
    assert gathered(suspended(At("wait", 3, "/srv/own.py", 12))).waits == "io"


def test_the_same_finished_future_is_settled() -> None:
    """One and the same future, done at all looks; a new one each time is a real hand-over, a pending one a wait."""
    get = "Queue.get"

    def moment(state: str, identity: Callable[[int], int]) -> Callable[[int], Strand]:
        return lambda n: suspended(At(get, 3, "/srv/queues.py", 12, {"getter": future(state, identity(n))}))(
            n
        )

    assert gathered(moment("finished", lambda _: 5)).waits == "settled"
    assert gathered(moment("finished", lambda n: n)).waits == "io"
    assert gathered(moment("pending", lambda _: 5)).waits == "io"


def test_a_wait_for_io_without_any_is_none() -> None:
    """A loop that turns a hundred thousand times a second, in a process that moves nothing, waits for what is done."""
    inner = At("read", 3, "/srv/own.py", 12)

    def fast(n: int) -> Strand:
        call = POLL.at("poll", "wait", 11)
        return turn(operations=n * 99_999, ready=(task(call, inner),))

    assert gathered(fast, segments=9.0).waits == "io"
    pause = Program("async def poll():\n    while True:\n        await hub.sleep(0)  # wait\n")
    assert gathered(fast, pause).waits == "nothing"
    quiet = Program("async def poll():\n    while True:\n        await client.read()  # wait\n")
    assert gathered(fast, quiet).waits == "settled"


def test_inner_frames_that_differ_are_unknown() -> None:
    """Where the task is suspended at many places none of them is what it waits for."""
    assert gathered(lambda n: suspended(At(f"step{n % 3}", n % 3, "/srv/own.py", 12))(n)).waits == "unknown"


def test_a_loop_that_does_not_turn_never_waits() -> None:
    """A task that is always running, while no callbacks are run, does not suspend."""
    running = POLL.at("poll", "wait", 11)
    assert gathered(lambda _: turn(running, operations=8)).waits == "never"
    assert gathered(lambda n: turn(running, operations=8 + 9999 * n)).waits == "unknown"


def test_a_callback_waits_for_nothing_only_if_it_asks_to_be_run() -> None:
    """One that calls itself soon is in the queue by itself; one that does not was put there by a descriptor."""
    soon = Program("def draw(loop):\n    loop.call_soon(draw, loop)  # draw\n")
    reader = Program("def draw(loop):\n    data = loop.sock.read()  # draw\n")
    assert gathered(lambda n: turn(soon.at("draw", "draw"), operations=n), soon).waits == "nothing"
    assert gathered(lambda n: turn(reader.at("draw", "draw"), operations=n), reader).waits == "io"


@pytest.mark.parametrize(
    ("below", "waits"),
    [
        ((), "never"),
        ((standard("EpollSelector.select", "selectors.py"),), "io"),
        ((standard("Event.wait", "threading.py", timeout=-0.5),), "timeout"),
        ((standard("Event.wait", "threading.py", timeout=0),), "timeout"),
        ((standard("Event.wait", "threading.py", timeout=0.5),), "never"),
        ((standard("Event.wait", "threading.py", timeout=None),), "never"),
        ((standard("Event.wait", "threading.py", timeout="soon"),), "never"),
    ],
)
def test_what_a_thread_waits_for(below: tuple[At, ...], waits: str) -> None:
    """A selector that is asked, a wait that is given no time, or nothing at all."""
    assert gathered(lambda _: thread(POLL.at("poll", "wait"), *below)).waits == waits


RETRY = Program("""
    def deliver(address):
        while True:
            try:
                return connect(address)  # try
            except (OSError, errors.Closed):
                again()  # handle
            except:
                raise  # other
""")


def test_exceptions_whose_handler_runs_are_raised() -> None:
    """A handler that is seen running names what it takes; one that is not seen does not."""
    seen = gathered(lambda n: thread(RETRY.at("deliver", ("try", "handle")[n % 2])), RETRY)
    assert set(seen.raised) == {"OSError", "Closed"}
    bare = gathered(lambda n: thread(RETRY.at("deliver", ("try", "other")[n % 2])), RETRY)
    assert bare.raised == ("BaseException",)
    assert gathered(lambda _: thread(RETRY.at("deliver", "try")), RETRY).raised == ()


def test_exceptions_in_variables_are_raised() -> None:
    """A variable that holds one, in the hot function or below it, tells of it: the most frequent first."""
    refused, other = thing("ConnectionRefusedError"), thing("json.JSONDecodeError")

    def moment(n: int) -> Strand:
        below = standard("connect", "socket.py", error=refused)
        return thread(RETRY.at("deliver", "try", last=other if n % 2 else None), below)

    assert gathered(moment, RETRY).raised == ("ConnectionRefusedError", "JSONDecodeError")


def test_functions_below_by_how_often_they_ran() -> None:
    """Each counts once a look, by its last name."""
    read, decode = standard("Reader.read", "reader.py"), standard("decode", "codec.py")

    def moment(n: int) -> Strand:
        return thread(POLL.at("poll", "wait"), read, *((decode, decode) if n % 2 else ()))

    assert gathered(moment).called == ("read", "decode")


def test_lines_are_those_of_looks_and_samples() -> None:
    """What snapshots and stack samples saw of the hot function, and nothing of others."""
    found = gathered(lambda n: thread(RETRY.at("deliver", ("try", "handle")[n % 2])), RETRY)
    assert found.lines == {RETRY.line("try"), RETRY.line("handle")}


def test_variables_and_what_callees_hold() -> None:
    """The hot function's own by their names, those of its callees by function and name."""
    read = standard("Reader.read", "reader.py", data=b"")
    found = gathered(lambda n: thread(POLL.at("poll", "wait", item=None, left=100 - n), read))
    assert found.variables["item"].behaviour == "empty"
    assert found.variables["left"].behaviour == "counting"
    assert found.returned["read.data"].behaviour == "empty"


def test_settled_variables() -> None:
    """Futures that were done at all looks; one that was pending at some is none."""
    settled = gathered(lambda _: thread(POLL.at("poll", "wait", done=future("finished"), other=3)))
    assert settled.settled == ("done",)
    open_ = gathered(lambda n: thread(POLL.at("poll", "wait", f=future(("finished", "pending")[n % 2]))))
    assert open_.settled == ()


def test_callbacks_are_those_ready_at_most_looks() -> None:
    """One that comes now and then is no callback that is always there."""
    running = POLL.at("poll", "wait", 11)

    def moment(n: int) -> Strand:
        rare = (Waiting("log"),) if n % 4 == 0 else ()
        return turn(running, operations=n, ready=(Waiting("Bar.draw"), Waiting("Bar.draw"), *rare))

    assert gathered(moment).callbacks == ("Bar.draw",)


def test_numbers_of_the_process() -> None:
    """Tasks, connections and bytes are those of the whole process, a second."""
    counts = (census(0.0, 100, poll=10), census(1.0, 200, poll=60), census(2.0, 300, poll=110))
    found = gathered(suspended(SLEEP0), new_sockets=10.0, tcp_bytes=600.0, changes={"censuses": counts})
    assert (found.created_per_second, found.growth_per_second, found.growing) == (100.0, 50.0, ("poll",))
    assert found.connections_per_second == pytest.approx(10, abs=1)
    assert found.bytes_per_second == pytest.approx(600)


def scene_of(moment: Callable[[int], Strand], *programs: Program) -> Scene | None:
    """Give the source around the hottest place."""
    case = build(filmed(programs, moment))
    return facts.scene(case.hots[0], case.modules)


def test_the_scene_has_what_is_around_it() -> None:
    """Callers are the nearest first, with the line of the call; so are the functions below, as far as they are known."""
    program = Program("""
        def main(client):
            serve(client)  # main
        def serve(client):
            pump(client)  # serve
        def pump(client):
            while True:
                read(client)  # read
        def read(client):
            return recv(client)  # recv
        def recv(client):
            return client.recv(9)  # inner
    """)

    def moment(n: int) -> Strand:
        inner = (program.at("recv", "inner"),) if n % 2 else ()
        outer = program.at("main", "main"), program.at("serve", "serve")
        return thread(*outer, program.at("pump", "read"), program.at("read", "recv"), *inner)

    found = scene_of(moment, program)
    assert found is not None
    assert found.loop is not None
    assert (found.function.name, found.line) == ("pump", program.line("read"))
    assert [function.name for _, function in found.inner] == ["read", "recv"]
    assert [(function.name, line) for _, function, line in found.outer[:2]] == [
        ("serve", program.line("serve")),
        ("main", program.line("main")),
    ]


def test_no_source_is_no_scene() -> None:
    """A place whose file is not known has no source around it."""
    other = At("spin", 3, f"{LIBRARY}/../site-packages/native.py")
    assert scene_of(lambda _: thread(other), POLL) is None


def test_names_called_on_a_line() -> None:
    """What a line calls by name, in a call over several lines as well."""
    program = Program("""
        def pump(client):
            while True:
                total = add(  # first
                    client.read(), 3  # second
                )
                table[0]()  # third
    """)
    case = build(filmed(program, lambda n: thread(program.at("pump", ("first", "second", "third")[n % 3]))))
    place = case.hots[0]
    names = [facts.names_called(call, place.source) for call in place.calls[:3]]
    assert names == [{"add"}, {"add", "read"}, set()]
    assert facts.names_called(place.calls[0], None) == set()
