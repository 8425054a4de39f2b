"""Snapshots taken apart: what was at work at a look, and what only carries it."""

import pytest
from made_program import (
    HANDLE,
    RUNNER,
    SELECT,
    At,
    Program,
    Strand,
    Waiting,
    resting,
    standard,
    task,
    thing,
    thread,
    turn,
)
from made_recordings import recording
from made_snapshots import filmed

from diag.evidence import looks
from diag.evidence.looks import Call, Looks

PROGRAM = Program("""
    async def main(client):
        await follow(client)  # call
    async def follow(client):
        line = await client.read()  # read
""")


def seen(*strands: Strand) -> Looks:
    """Make looks that all see the same."""
    found = looks.of_recording(filmed(PROGRAM, lambda _: strands, looks=2))
    assert found is not None
    return found


def calls(*frames: At) -> list[Call]:
    """Make calls without variables."""
    return [Call(frame.function, frame.file, frame.line, frame.coroutine, {}) for frame in frames]


def test_what_a_turn_runs_is_below_the_plumbing() -> None:
    """The frames of the event loop and its handle are left out of what it runs."""
    stack = calls(*RUNNER, HANDLE, PROGRAM.at("main", "call"))
    below = looks.below_loop(stack)
    assert below is not None
    assert [call.function for call in below] == ["main"]


@pytest.mark.parametrize("stack", [(*RUNNER, SELECT), RUNNER], ids=["in select", "between callbacks"])
def test_a_turn_that_runs_nothing_is_empty(stack: tuple[At, ...]) -> None:
    """An event loop in its select, or on its own lines, runs nothing."""
    assert looks.below_loop(calls(*stack)) == ()


def test_a_select_of_the_users_own_is_no_idle_loop() -> None:
    """A callback that is called `poll`, and one that waits in a selector itself, are what the turn runs."""
    for name, below in (("poll", ()), ("serve", (SELECT,))):
        stack = calls(*RUNNER, HANDLE, At(name, 3), *below)
        found = looks.below_loop(stack)
        assert found is not None
        assert found[0].function == name
        assert not looks.waits_in_select(stack)
    assert looks.waits_in_select(calls(*RUNNER, SELECT))


def test_a_stack_without_an_event_loop_is_told_apart() -> None:
    """A plain thread has no turn, though it may be in a select of its own."""
    assert looks.below_loop(calls(PROGRAM.at("main", "call"), SELECT)) is None


def test_a_loop_without_frames_of_its_own() -> None:
    """Below uvloop, which runs callbacks from C, what the runner calls is the callback's."""
    stack = calls(*RUNNER[:2], PROGRAM.at("follow", "read"))
    assert looks.below_loop(stack) is None
    below = looks.below_loop(stack, uvloop=True)
    assert below is not None
    assert [call.function for call in below] == ["follow"]


def test_a_task_is_the_same_running_and_ready() -> None:
    """A task is known by its outermost coroutine, whether it runs or is about to."""
    main, follow = PROGRAM.at("main", "call", 11), PROGRAM.at("follow", "read", 12)
    running, ready = seen(turn(main, follow, ready=(task(main, follow),))).units[:2]
    assert running.owner == ready.owner
    assert (running.running, ready.running) == (True, False)
    assert [call.function for call in ready.calls] == ["main", "follow"]
    assert running.calls == ready.calls


def test_a_task_that_waits_between_its_turns_is_known_as_waiting() -> None:
    """It has its calls, and the owner that it has where it runs; whoever has no calls is left out."""
    main = PROGRAM.at("main", "call", 11)
    running, waiting = seen(turn(main, waiting=(task(main), Waiting("gone")))).units[:2]
    assert running.owner == waiting.owner
    assert (running.waiting, waiting.waiting, waiting.running) == (False, True, False)
    assert [call.function for call in waiting.calls] == ["main"]
    assert len(seen(turn(main, waiting=(task(main), Waiting("gone")))).units) == 4


def test_a_callback_is_named_by_its_function() -> None:
    """What runs below the loop without a coroutine is a callback, alike from look to look."""
    owners = {unit.owner for unit in seen(turn(PROGRAM.at("follow", "read"))).units}
    assert owners == {"callback follow"}


def test_a_thread_asleep_is_not_at_work() -> None:
    """Neither is an event loop that waits for I/O; a thread that runs is, below what started it."""
    start = standard("Thread._bootstrap", "threading.py")
    work = PROGRAM.at("follow", "read")
    asleep = Strand((start, work), state="S", number=8)
    busy = Strand((start, work), number=9)
    units = seen(resting(), asleep, busy).units
    assert {unit.owner for unit in units} == {"thread 9"}
    assert [call.function for call in units[0].calls] == ["follow"]


def test_attributes_are_variables_of_their_own() -> None:
    """An instance's attributes stand beside it, as the source names them."""
    client = thing("Client", closed=True, name="db")
    variables = seen(thread(PROGRAM.at("follow", "read", client=client))).units[0].calls[-1].variables
    assert variables["client"].type == "Client"
    assert variables["client.closed"].text == "True"


def test_only_coroutines_have_an_identity() -> None:
    """A plain call's frame is reused by the next one: its address says nothing."""
    unit = seen(thread(PROGRAM.at("main", "call"), PROGRAM.at("follow", "read", 12))).units[0]
    assert [call.identity for call in unit.calls] == [0, 0, 12]


def test_how_busy_threads_are() -> None:
    """The share of the looks at which a thread was runnable."""
    found = looks.of_recording(
        filmed(PROGRAM, lambda n: (thread(state="RS"[n % 2]), thread(number=8)), looks=10)
    )
    assert found is not None
    assert found.busy == {7: 0.5, 8: 1.0}


def test_no_snapshots_are_none() -> None:
    """A recording without snapshots, or with none that was taken, gives no looks."""
    assert looks.of_recording(recording()) is None
    assert looks.of_recording(filmed(PROGRAM, lambda _: thread(), looks=0)) is None


FORK = standard("BaseProcess._bootstrap", "multiprocessing/process.py", 314)
WORK = PROGRAM.at("follow", "read")


def test_the_parents_past_is_no_part_of_a_forked_process() -> None:
    """A worker that was forked from a callback has its parent's event loop on its stack, which does not turn here."""
    found = seen(Strand((*RUNNER, HANDLE, FORK, WORK), loop=True))
    assert [unit.owner for unit in found.units[:1]] == ["thread 7"]
    assert [call.function for call in found.units[0].calls] == ["follow"]
    assert found.loops(found.taken[0]) == []


@pytest.mark.parametrize("own", [(*RUNNER, HANDLE, WORK), (*RUNNER[:2], WORK)], ids=["asyncio", "uvloop"])
def test_a_workers_own_loop_is_its_own(own: tuple[At, ...]) -> None:
    """What a process runs that was begun as a worker, with asyncio's loop or one that has no frames of its own."""
    found = seen(Strand((FORK, *own), loop=True))
    assert len(found.loops(found.taken[0])) == 1
    assert found.units[0].on_loop
    assert [call.function for call in found.units[0].calls] == ["follow"]
