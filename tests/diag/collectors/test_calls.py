"""Tests for code objects, suspended coroutines and stacks, on those of the test's own process."""

import threading
import types
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from typing import Any

import pytest
from own_process import Own, code_of

from diag.collectors.calls import Calls
from diag.collectors.frames import Call
from diag.collectors.peek import Torn

HERE = code_of(lambda: None).co_filename


@types.coroutine
def pause() -> Generator[None, None, None]:
    """Suspend whoever waits for it."""
    yield


async def inner(value: bytes) -> None:
    """Wait."""
    copy = value
    await pause()
    assert copy == value


async def outer() -> None:
    """Wait for a coroutine."""
    await inner(b"")


async def numbers() -> AsyncGenerator[int, None]:
    """Wait before each number."""
    await pause()
    yield 1


async def reader() -> None:
    """Wait for an asynchronous generator."""
    async for number in numbers():
        assert number


def plain() -> Iterator[int]:
    """Wait for the caller, with another generator at hand."""
    for number in iter(other()):
        yield number + 1


def other() -> Iterator[int]:
    """Give numbers."""
    yield from [1, 2]


def delegating() -> Iterator[int]:
    """Wait for another generator."""
    yield from other()


def names(calls: tuple[Call, ...] | list[Call]) -> list[str]:
    """Give the plain names of calls."""
    return [call.code.name.rpartition(".")[2] for call in calls]


@pytest.fixture(autouse=True)
def _look(own: Own) -> None:
    own.codes.begin()


def test_code(own: Own) -> None:
    """A code object has its names, its place and its variables, closed over or not."""
    seen = object()

    def function(first: int, *rest: int, last: int = 0) -> Callable[[], object]:
        local = first
        return lambda: (seen, local, rest, last)

    code = own.codes.get(id(function.__code__))
    assert (code.name, code.file) == (function.__qualname__, HERE)
    assert code.first_line == function.__code__.co_firstlineno
    assert [variable.name for variable in code.variables] == ["first", "last", "rest", "local", "seen"]
    assert {variable.name for variable in code.variables if variable.cell} == {
        "last",
        "rest",
        "local",
        "seen",
    }


def test_lines(own: Own) -> None:
    """Every instruction has the line that the interpreter gives it."""
    native = code_of(test_lines)
    code = own.codes.get(id(native))
    for start, end, line in native.co_lines():
        assert line is None or {code.line(offset) for offset in range(start, end, 2)} == {line}


def test_code_that_is_none(own: Own) -> None:
    """Anything else is torn."""
    for value in (b"x" * 500, [1], test_code):
        with pytest.raises(Torn):
            own.codes.get(id(value))


def test_code_that_is_replaced(own: Own) -> None:
    """Code in the place of other code is read anew in the next look."""
    native = code_of(plain)
    known = own.codes.get(id(native))
    assert own.codes.get(id(native)) is known
    own.codes.begin()
    assert own.codes.get(id(native)) is known
    own.codes._known[id(native)] = (b"other", known)  # noqa: SLF001 - as if the place had been used before
    own.codes.begin()
    assert own.codes.get(id(native)) == known


def test_suspended_coroutines(own: Own) -> None:
    """The chain leads from a coroutine to what it waits for, with lines and variables."""
    coroutine = outer()
    coroutine.send(None)
    calls, end = own.awaits.chain(own.peek, id(coroutine))
    assert names(calls) == ["outer", "inner", "pause"]
    assert [call.line - call.code.first_line for call in calls] == [2, 3, 3]
    assert calls[0].generator == id(coroutine)
    assert calls[1].variable("copy") == id(b"")
    assert calls[1].variable("absent") == 0
    assert end == 0
    coroutine.close()
    with pytest.raises(Torn):
        own.awaits.chain(own.peek, id(coroutine))


def test_a_coroutine_that_has_not_begun(own: Own) -> None:
    """It is at its first line."""
    coroutine = inner(b"x")
    calls, end = own.awaits.chain(own.peek, id(coroutine))
    assert names(calls) == ["inner"]
    assert (calls[0].line, end) == (calls[0].code.first_line, 0)
    assert calls[0].variable("value") == id(b"x")
    coroutine.close()


def test_asynchronous_generators(own: Own) -> None:
    """Their steps are passed through."""
    coroutine = reader()
    coroutine.send(None)
    calls, _ = own.awaits.chain(own.peek, id(coroutine))
    assert names(calls) == ["reader", "numbers", "pause"]
    coroutine.close()


def test_generators(own: Own) -> None:
    """One that waits for its caller leads no further; one that waits for another leads there."""
    for generator, expected in ((plain(), ["plain"]), (delegating(), ["delegating", "other"])):
        next(generator)
        assert names(own.awaits.chain(own.peek, id(generator))[0]) == expected


def test_a_coroutine_that_runs(own: Own) -> None:
    """It is not suspended."""
    held: list[Any] = []

    def running() -> Iterator[int]:
        with pytest.raises(Torn):
            own.awaits.chain(own.peek, id(held[0]))
        yield 1

    held.append(running())
    assert next(held[0]) == 1


def deep(count: int, ready: threading.Event, ending: threading.Event) -> None:
    """Wait at the end of a deep stack."""
    if count:
        deep(count - 1, ready, ending)
    else:
        ready.set()
        ending.wait()


@pytest.mark.parametrize("depth", [0, 30, 600])
def test_a_stack(own: Own, depth: int) -> None:
    """The whole stack of a thread that waits is read, outermost first, and again from what is known of it."""
    ready, ending = threading.Event(), threading.Event()
    thread = threading.Thread(target=deep, args=(depth, ready, ending))
    thread.start()
    ready.wait()
    own.runtime.begin()
    state = next(state for state in own.runtime.threads() if state.thread == thread.native_id)
    reader = Calls(own.peek, own.layouts, own.frames)
    stacks = [reader.stack(state.address) for _ in range(2)]
    reader.keep([])
    ending.set()
    thread.join()
    for stack in stacks:
        assert names(stack).count("deep") == depth + 1
        assert names(stack)[0] == "_bootstrap"
        assert [call.line for call in stack if call.code.file == HERE][:depth] == [
            code_of(deep).co_firstlineno + 3
        ] * depth


def test_no_stack(own: Own) -> None:
    """What is no thread is torn."""
    with pytest.raises(Torn):
        Calls(own.peek, own.layouts, own.frames).stack(0x10_0000)
