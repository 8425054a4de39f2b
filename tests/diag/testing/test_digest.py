"""Tests of what a digest tells apart: progress changes it, addresses and clocks do not."""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import AsyncGenerator, Coroutine, Iterable
from typing import Any

import pytest

from diag.testing.digest import Digest


class Counter:
    """Something with a state."""

    def __init__(self, count: int = 0) -> None:
        self.count = count


def worth(value: object) -> int:
    """Digest a value."""
    return Digest().value(value, 4)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"", b"x"),
        (1, 2),
        ([1], [1, 1]),
        (deque([0]), deque()),
        ({"a": 1}, {"a": 2}),
        (Counter(1), Counter(2)),
        ([Counter(1)], [Counter(2)]),
        (iter([1, 2]), iter([1])),
        (itertools.repeat(None, 5), itertools.repeat(None, 4)),
        (enumerate([1, 2]), enumerate([1])),
        (itertools.count(1), itertools.count(2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_contents_and_progress_tell(one: object, other: object) -> None:
    """What a loop has received, counted or come through."""
    assert worth(one) != worth(other)


def test_addresses_and_clocks_do_not_tell() -> None:
    """Two objects alike are worth the same, and so is one time and another."""
    assert worth(Counter(1)) == worth(Counter(1))
    assert worth([b"", None]) == worth([b"", None])
    assert worth(time.monotonic()) == worth(time.monotonic() + 1)
    assert worth(time.time()) == worth(time.time() + 1)
    assert worth(1.5) != worth(2.5)


def test_a_growing_set_of_tasks_does_not_tell() -> None:
    """A loop that makes tasks without end has ever more of them, and nothing else."""

    async def main() -> None:
        tasks = {asyncio.create_task(asyncio.sleep(0)) for _ in range(2)}
        assert worth(tasks) == worth({*tasks, asyncio.create_task(asyncio.sleep(0))})
        await asyncio.wait(tasks)

    asyncio.run(main())


def test_a_future_is_worth_its_result() -> None:
    """And one that is done is another than one that is not."""

    async def main() -> None:
        pending, empty, full = (asyncio.get_running_loop().create_future() for _ in range(3))
        empty.set_result(b"")
        full.set_result(b"x")
        assert len({worth(pending), worth(empty), worth(full)}) == 3

    asyncio.run(main())


async def through(items: Iterable[object]) -> None:
    """Give way for each of some items, in no variable of which they would be seen."""
    for _ in items:
        await Pause()


class Pause:
    """Suspends once."""

    def __await__(self) -> Any:  # noqa: ANN401 - nothing is sent
        yield


async def generated(count: int) -> AsyncGenerator[None]:
    """Give nothing, so many times."""
    for _ in itertools.repeat(None, count):
        await Pause()
        yield None


async def consume(count: int) -> None:
    """Take nothing, so many times."""
    async for _ in generated(count):
        pass


@pytest.mark.parametrize(
    "coroutine", [through(itertools.repeat(None, 5)), consume(5)], ids=["for", "async for"]
)
def test_the_iterator_of_a_loop_tells(coroutine: Coroutine[Any, Any, None]) -> None:
    """Also one that is in no variable, and that of an async generator further down."""
    seen = set()
    for _ in range(4):
        coroutine.send(None)
        seen.add(Digest().coroutine(coroutine))
    coroutine.close()
    assert len(seen) == 4
