"""Whether an event loop turns, how fast, and what holds it up."""

from collections.abc import Callable

import pytest
from made_program import HANDLE, RUNNER, Program, Strand, resting, standard, turn
from made_snapshots import filmed

from diag.evidence import eventloop, looks
from diag.evidence.eventloop import EventLoop

PROGRAM = Program("async def report():\n    total = add_up()  # add\n")
ADD = PROGRAM.at("report", "add", 11)


def found(moment: Callable[[int], Strand], count: int = 40) -> EventLoop:
    """Describe the only event loop; looks are over 2.6 of 3 seconds."""
    (loop,) = loops(moment, count)
    return loop


def loops(moment: Callable[[int], Strand], count: int) -> list[EventLoop]:
    """Describe the event loops."""
    seen = looks.of_recording(filmed(PROGRAM, moment, looks=count))
    assert seen is not None
    return eventloop.find(seen)


@pytest.mark.parametrize("begin", [0, 2**64 - 50], ids=["small", "beyond a word"])
def test_callbacks_are_counted_exactly(begin: int) -> None:
    """Each callback is put into the queue and taken out: half of the operations a second, in a counter that wraps."""
    loop = found(lambda n: turn(ADD, operations=(begin + 520 * n) % 2**64))
    assert loop.callbacks_per_second == pytest.approx(520 * 39 / 2 / 2.6)
    assert not loop.frozen
    assert loop.holds == ()


def test_a_loop_that_never_turns_is_frozen() -> None:
    """One call at all looks, and not one callback run: the whole window is a single hold."""
    loop = found(lambda _: turn(ADD, operations=77))
    assert loop.frozen
    assert loop.callbacks_per_second == 0
    (hold,) = loop.holds
    assert hold.seconds == pytest.approx(2.6)
    assert [call.function for call in hold.calls] == ["report"]
    assert (hold.idle, hold.waiting) == (False, False)


def test_a_loop_that_waits_is_not_frozen() -> None:
    """Nothing runs, but because nothing is to be done: it is in its select."""
    loop = found(lambda _: resting(operations=77))
    assert not loop.frozen
    assert loop.holds == ()


def test_between_callbacks_nothing_holds() -> None:
    """A loop that is seen on its own lines holds itself up no more than one in its select."""
    own = Strand(RUNNER, loop=True, operations=5)
    assert found(lambda _: own).holds == ()


def test_holds_are_those_between_two_turns() -> None:
    """Two calls of half a second and one of a whole, with turns between, are three holds, the longest first."""

    def moment(n: int) -> Strand:
        return turn(ADD, operations=(2, 4, 6)[(n >= 10) + (n >= 20)])

    loop = found(moment)
    assert [round(hold.seconds, 1) for hold in loop.holds] == [1.3, 0.6, 0.6]
    assert not loop.frozen


def test_whether_something_waits_for_the_end_of_a_hold() -> None:
    """A timer that is due or a callback that is ready; at the end of the hold, when all have come."""
    late = found(lambda n: turn(ADD, operations=7, overdue=max(0.0, n / 40 - 0.5)))
    assert late.holds[0].waiting
    assert late.overdue == pytest.approx(39 / 40 - 0.5)
    assert not found(lambda _: turn(ADD, operations=7)).holds[0].waiting


def test_a_hold_asleep_is_idle() -> None:
    """A blocking call uses no CPU: its thread is asleep at most of the looks."""
    sleep = standard("sleep", "pause.py")
    assert found(lambda _: turn(ADD, sleep, operations=7, state="S")).holds[0].idle


def test_an_unknown_counter_says_nothing() -> None:
    """Where the queue cannot be read there is no rate, no hold, and no freeze."""
    loop = found(lambda _: turn(ADD))
    assert loop.callbacks_per_second is None
    assert (loop.frozen, loop.holds) == (False, ())
    assert eventloop.evidence(loop) == []


def test_a_few_looks_say_nothing() -> None:
    """Three looks do not tell whether a loop turns."""
    assert loops(lambda _: turn(ADD, operations=7), 3) == []
    assert len(loops(lambda _: turn(ADD, operations=7), 4)) == 1


def test_the_call_of_a_hold_is_below_the_plumbing() -> None:
    """Neither the runner nor the handle is named."""
    hold = found(lambda _: Strand((*RUNNER, HANDLE, ADD), loop=True, operations=7)).holds[0]
    assert [call.function for call in hold.calls] == ["report"]


def test_the_rate_is_stated() -> None:
    """The evidence has the number, and says where there is none to have."""
    (fact,) = eventloop.evidence(found(lambda n: turn(ADD, operations=520 * n)))
    assert (fact.kind, fact.value, fact.unit) == ("callbacks", 3900.0, "1/s")
    (still,) = eventloop.evidence(found(lambda _: turn(ADD, operations=7)))
    assert still.text == "The event loop does not turn."
