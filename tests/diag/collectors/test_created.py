"""Tests for the count of tasks made so far."""

import numpy as np
import pytest
from made_memory import MadeHeap

from diag.collectors.created import from_names, from_state, from_statics
from diag.collectors.memory import Mapping
from diag.collectors.objects import Objects

DISTANCE = 120


@pytest.fixture
def heap() -> MadeHeap:
    """Give an empty heap."""
    return MadeHeap()


@pytest.fixture
def objects(heap: MadeHeap) -> Objects:
    """Give the reader of that heap."""
    return Objects(heap.memory, heap.offsets)


def state(heap: MadeHeap, count: int) -> int:
    """Place a module state; give its field for the task type."""
    types = [
        heap.type(name) for name in ("_asyncio.FutureIter", "_asyncio.TaskStepMethWrapper", "_asyncio.Future")
    ]
    start = heap.memory.words(heap.place(), *types, heap.task_type, *[0] * (DISTANCE // 8 - 1), count)
    return start + 24


def test_the_counter_in_the_state(heap: MadeHeap, objects: Objects) -> None:
    """The counter is read where the four types stand in order, and nowhere else."""
    table = heap.memory.words(heap.place(), *[heap.task_type] * 40)
    slots = [table + 80, state(heap, 41_000)]
    assert from_state(heap.memory, objects, slots, DISTANCE) == 41_000


def test_several_interpreters_add_up(heap: MadeHeap, objects: Objects) -> None:
    """Each interpreter of a process has a state."""
    slots = [state(heap, 5), state(heap, 37)]
    assert from_state(heap.memory, objects, slots, DISTANCE) == 42


def test_no_state(heap: MadeHeap, objects: Objects) -> None:
    """Without a state, or with an absurd counter, the count is not known."""
    assert from_state(heap.memory, objects, [], DISTANCE) is None
    assert from_state(heap.memory, objects, [state(heap, 1 << 50)], DISTANCE) is None


@pytest.mark.parametrize("turn", [1, -1])
def test_the_counter_among_static_variables(heap: MadeHeap, objects: Objects, turn: int) -> None:
    """It stands beside the set of all tasks, in whichever order the compiler put them."""
    current = heap.object(heap.type("dict"), 0, 0)
    every = heap.object(heap.type("WeakSet"), 0, 0)
    variables = [12, current, every, 7_000, 1, heap.loop][::turn]
    start = heap.memory.words(heap.place(), *variables)
    mappings = [Mapping(start, start + 48, "rw-p", "/usr/lib/_asyncio.so")]
    assert from_statics(heap.memory, objects, mappings) == 7_000


@pytest.mark.parametrize(("least", "count"), [(0, None), (1, None), (300, 7_000), (8_000, None)])
def test_static_variables_that_an_optimizer_moved(
    heap: MadeHeap, objects: Objects, least: int, count: int | None
) -> None:
    """The only number near the set that is large enough is the counter."""
    every = heap.object(heap.type("WeakSet"), 0, 0)
    start = heap.memory.words(heap.place(), 7_000, 1, heap.loop, heap.loop, 255, 0, heap.loop, every)
    mappings = [Mapping(start, start + 64, "rw-p", "/usr/lib/_asyncio.so")]
    assert from_statics(heap.memory, objects, mappings, least) == count


def test_static_variables_in_another_order(heap: MadeHeap, objects: Objects) -> None:
    """Where the set has other neighbours, the count is not known."""
    every = heap.object(heap.type("WeakSet"), 0, 0)
    start = heap.memory.words(heap.place(), 7_000, every, heap.loop)
    mappings = [Mapping(start, start + 24, "rw-p", "/usr/lib/_asyncio.so")]
    assert from_statics(heap.memory, objects, mappings) is None


def test_the_highest_name(heap: MadeHeap, objects: Objects) -> None:
    """Default names are counted, as text or as a number; names of one's own are not."""
    number = heap.object(heap.type("int"), 1 << 3, 23)
    large = heap.object(heap.type("int"), 2 << 3, 5 | 3 << 32)
    texts = [heap.string(text) for text in ("Task-9", "Task-12" + " " * 9, "my own", "Task-x", "größe-99")]
    some = np.array([*texts, number], dtype=np.uint64)
    assert from_names(heap.memory, objects, heap.offsets, lambda: some) == 23
    more = np.array([large], dtype=np.uint64)
    assert from_names(heap.memory, objects, heap.offsets, lambda: more) == (3 << 30) + 5


def test_no_default_name(heap: MadeHeap, objects: Objects) -> None:
    """Without a default name the count is not known."""
    own = np.array([heap.string("my own")], dtype=np.uint64)
    assert from_names(heap.memory, objects, heap.offsets, lambda: own) is None
