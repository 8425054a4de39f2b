"""Tests for event loops and their ready queues, on those of the test's own process."""

import asyncio
import functools
from collections.abc import Callable, Iterator

import pytest
from own_process import MINOR, Own

from diag.collectors.contents import Contents
from diag.collectors.functions import Functions
from diag.collectors.loops import Loops
from diag.collectors.peek import Torn


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """Give a loop that does not run."""
    own_loop = asyncio.new_event_loop()
    yield own_loop
    for task in asyncio.all_tasks(own_loop):
        task.cancel()
    own_loop.call_soon(own_loop.stop)
    own_loop.run_forever()
    own_loop.close()


class Pinger:
    """Has methods that are called back."""

    def ping(self, count: int) -> None:
        """Do nothing."""

    def __call__(self) -> None:
        """Do nothing."""


def loops(own: Own, clock: Callable[[], float] = lambda: 0.0) -> Loops:
    """Give a reader, at the beginning of a look."""
    contents = Contents(own.peek, MINOR)
    reader = Loops(own.peek, contents, own.awaits, Functions(own.peek, MINOR, own.codes), clock)
    reader.begin()
    return reader


async def body(value: int) -> None:
    """Wait for ever."""
    await asyncio.sleep(value)


def test_an_idle_loop(own: Own, loop: asyncio.AbstractEventLoop) -> None:
    """Nothing is ready, nothing is scheduled."""
    found = loops(own).read(id(loop))
    assert found.queue is not None
    assert (found.kind, found.queue.size, found.queue.callbacks) == (type(loop).__name__, 0, ())
    assert (found.scheduled, found.overdue) == (0, 0.0)


def test_callbacks(own: Own, loop: asyncio.AbstractEventLoop) -> None:
    """Functions, methods, partials and builtins are named, the first of them only; additions are counted."""
    pinger = Pinger()
    before = loops(own).read(id(loop)).queue
    loop.call_soon(loops, own)
    loop.call_soon(pinger.ping, 7)
    loop.call_soon(functools.partial(pinger.ping, 7))
    loop.call_soon(list[int]().append, 7)
    loop.call_soon(print)
    loop.call_soon(pinger)
    for _ in range(10):
        loop.call_soon(print)
    reader = loops(own)
    queue = reader.read(id(loop)).queue
    assert before is not None
    assert queue is not None
    assert (queue.size, queue.changes - before.changes, len(queue.callbacks)) == (16, 16, 8)
    names = [reader.name(callback) for callback in queue.callbacks[:6]]
    assert names == ["loops", "Pinger.ping", "Pinger.ping", "list.append", "print", "Pinger"]
    (call,) = reader.calls(queue.callbacks[1])
    assert call.line == Pinger.ping.__code__.co_firstlineno
    assert (call.variable("self"), call.variable("count")) == (id(pinger), id(7))
    assert reader.calls(queue.callbacks[4]) == ()
    loop._ready.clear()  # type: ignore[attr-defined] # noqa: SLF001 - they are not to be run


def test_tasks(own: Own, loop: asyncio.AbstractEventLoop) -> None:
    """A task's first step leads to its coroutine, whatever class the task has."""

    class OwnTask(asyncio.Task):  # type: ignore[type-arg] # its result does not matter
        pass

    coroutines = [body(1), body(2), body(3)]
    python_task = asyncio.tasks._PyTask  # type: ignore[attr-defined] # noqa: SLF001 - as libraries use it
    tasks = [
        kind(own_body, loop=loop)
        for kind, own_body in zip((asyncio.Task, OwnTask, python_task), coroutines, strict=True)
    ]
    reader = loops(own)
    queue = reader.read(id(loop)).queue
    assert queue is not None
    assert [callback.task for callback in queue.callbacks] == [id(task) for task in tasks]
    assert [callback.coroutine for callback in queue.callbacks] == [id(coroutine) for coroutine in coroutines]
    for callback in queue.callbacks:
        (call,) = reader.calls(callback)
        assert call.code.name == "body"


def test_timers(own: Own, loop: asyncio.AbstractEventLoop) -> None:
    """The earliest timer that was not cancelled tells how late the loop is."""
    loop.call_at(100.0, print)
    loop.call_at(90.0, print).cancel()
    assert loops(own, lambda: 99.0).read(id(loop)).overdue == 0.0
    found = loops(own, lambda: 101.5).read(id(loop))
    assert (found.scheduled, found.overdue) == (2, 1.5)


def test_what_is_no_loop(own: Own) -> None:
    """Anything else is torn, or has no ready queue."""
    with pytest.raises(Torn):
        loops(own).read(0x10_0000)
    assert loops(own).read(id(Pinger())).queue is None
