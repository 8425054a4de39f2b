"""Tests of the counts of a running loop: exact, on asyncio and uvloop, and without a trace afterwards."""

import asyncio
import socket
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import uvloop

from diag.errors import HotloopError
from diag.testing import LoopCounts, LoopMeter

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}

Factory = Callable[[], asyncio.AbstractEventLoop]

loops = pytest.mark.parametrize("factory", LOOPS.values(), ids=LOOPS)


def counted(factory: Factory, act: Callable[[], Awaitable[object]]) -> LoopCounts:
    """Count what a loop does while a coroutine runs, from the inside."""

    async def main() -> LoopCounts:
        with LoopMeter() as meter:
            await act()
        return meter.counts()

    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(main())


async def turn(times: int) -> None:
    """Give way so many times."""
    for _ in range(times):
        await asyncio.sleep(0)


@loops
def test_turns_without_a_cause_from_outside_are_empty(factory: Factory) -> None:
    """A task that gives way a hundred times takes a hundred turns, all empty but for the one that had begun."""
    counts = counted(factory, lambda: turn(100))
    assert counts.turns == 100
    assert counts.empty_turns in {99, 100}


@loops
def test_a_loop_at_rest_does_not_turn(factory: Factory) -> None:
    """However long a sleep is, it takes the turns of its beginning and end."""
    assert counted(factory, lambda: asyncio.sleep(0.1)).turns <= 3


@loops
def test_what_timers_bring_is_not_empty(factory: Factory) -> None:
    """Each timer makes a turn that is not, and at most one more to wake the task."""

    async def ticks() -> None:
        for _ in range(20):
            await asyncio.sleep(0.002)

    counts = counted(factory, ticks)
    assert counts.turns - counts.empty_turns >= 20


@loops
def test_what_the_network_brings_is_not_empty(factory: Factory) -> None:
    """Each message makes a turn that is not."""

    async def echo() -> None:
        one, other = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=one)
        far_reader, far_writer = await asyncio.open_connection(sock=other)
        for _ in range(50):
            writer.write(b"?\n")
            await far_reader.readline()
            far_writer.write(b"!\n")
            await reader.readline()
        writer.close()
        far_writer.close()

    counts = counted(factory, echo)
    assert counts.turns - counts.empty_turns >= 100


@loops
def test_the_longest_turn_spans_a_blocking_call(factory: Factory) -> None:
    """Its seconds are wall time; the wait for I/O before it is none of it."""

    async def block() -> None:
        await asyncio.sleep(0.3)
        time.sleep(0.05)  # noqa: ASYNC251 - what is to be seen
        await asyncio.sleep(0)

    assert 0.05 <= counted(factory, block).longest_turn < 0.3


@loops
def test_tasks_are_counted_by_coroutine(factory: Factory) -> None:
    """Through `create_task`, `ensure_future` and task groups alike."""

    async def work() -> None:
        await asyncio.sleep(0)

    async def make() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(work())
            group.create_task(work(), name="second")
        await asyncio.ensure_future(work())
        await asyncio.gather(turn(1), turn(1))

    counts = counted(factory, make)
    assert counts.tasks_created == 5
    assert {name.rpartition(".")[2]: count for name, count in counts.created.items()} == {
        "work": 3,
        "turn": 2,
    }


def test_a_loop_that_wakes_itself_gets_nothing_from_outside() -> None:
    """`call_soon_threadsafe` from the loop's own thread writes to its pipe; from another thread it is a cause."""

    async def wake() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(100):
            loop.call_soon_threadsafe(lambda: None)
            await asyncio.sleep(0)

    counts = counted(asyncio.new_event_loop, wake)
    assert counts.turns == counts.empty_turns == 100

    async def woken() -> None:
        for _ in range(20):
            await asyncio.to_thread(lambda: None)

    counts = counted(asyncio.new_event_loop, woken)
    assert counts.turns - counts.empty_turns >= 10


@loops
def test_the_loop_is_left_as_it_was_found(factory: Factory) -> None:
    """Also when meters overlap: each counts its own time."""

    async def main() -> tuple[dict[str, Any], dict[str, Any], LoopCounts, LoopCounts]:
        loop = asyncio.get_running_loop()
        before = own(loop)
        outer, inner = LoopMeter(loop), LoopMeter(loop)
        outer.attach()
        await turn(10)
        inner.attach()
        await turn(10)
        outer.detach()
        await turn(10)
        inner.detach()
        await turn(10)
        return before, own(loop), outer.counts(), inner.counts()

    with asyncio.Runner(loop_factory=factory) as runner:
        before, after, outer, inner = runner.run(main())
    assert before == after
    assert (outer.turns, inner.turns) == (20, 20)


def own(loop: Any) -> dict[str, Any]:  # noqa: ANN401 - its private parts
    """Give the callables that are a loop's and its selector's own, and not their classes'."""
    parts = [vars(loop), vars(getattr(loop, "_selector", loop))]
    return {name: value for part in parts for name, value in part.items() if callable(value)}


def test_a_wrapper_that_came_later_stays_in_its_place() -> None:
    """It goes on to work, and when it puts back what it found, nothing of the meter comes back with it."""

    async def main() -> None:
        loop: Any = asyncio.get_running_loop()
        meter = LoopMeter()
        meter.attach()
        found, turns = loop._run_once, []

        def later() -> None:
            turns.append(1)
            found()

        loop._run_once = later
        meter.detach()
        await turn(5)
        assert len(turns) >= 4
        loop._run_once = found
        await turn(2)
        assert "_run_once" not in vars(loop)

    asyncio.run(main())


def test_counts_stay_when_the_meter_is_detached() -> None:
    """What happens afterwards is not counted, and a second attaching begins at zero."""

    async def main() -> None:
        meter = LoopMeter()
        assert meter.counts() == LoopCounts()
        with meter:
            await turn(5)
        counts = meter.counts()
        await turn(5)
        assert meter.counts() == counts
        with meter:
            await turn(1)
        assert meter.counts().turns == 1

    asyncio.run(main())


def test_an_unknown_kind_of_loop_is_refused_in_words() -> None:
    """Its name, and what to use instead."""

    class Other:
        pass

    other: Any = Other()
    with pytest.raises(HotloopError, match=r"Other cannot be counted: use asyncio's own"):
        LoopMeter(other).attach()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
def test_eager_tasks_are_counted() -> None:
    """A task that is done before it ever waits is one all the same."""

    async def main() -> LoopCounts:
        asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009 - 3.11 has none
        with LoopMeter() as meter:
            await asyncio.gather(asyncio.create_task(turn(0)), asyncio.create_task(turn(1)))
        return meter.counts()

    assert asyncio.run(main()).tasks_created == 2
