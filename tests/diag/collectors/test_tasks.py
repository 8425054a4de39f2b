"""Tests for counting tasks, on tasks made by hand that may change while they are read."""

import itertools
from collections import Counter

import numpy as np
import pytest
from made_memory import MadeHeap

from diag.collectors import layout
from diag.collectors.coroutines import GONE, RELEASED, Coroutines
from diag.collectors.memory import WORD
from diag.collectors.objects import Objects
from diag.collectors.tasks import Counting, TaskReader, count

CANCELLED, FINISHED = 1, 2


class Made(MadeHeap):
    """A heap whose tasks can be counted."""

    def __init__(self) -> None:
        super().__init__()
        objects = Objects(self.memory, self.offsets)
        types = np.array([self.task_type], dtype=np.uint64)
        self.tasks = TaskReader(self.memory, objects, self.offsets, self.task, types)
        self.coroutines = Coroutines(self.memory, objects, self.offsets)

    def count(self, *addresses: int) -> Counter[tuple[str, str]]:
        """Count tasks by coroutine and state."""
        totals: Counter[tuple[str, str]] = Counter()
        counting = Counting(self.tasks, self.coroutines)
        found = count(counting, np.array(sorted(addresses), dtype=np.uint64))
        for (state, name, _, kind, *_), number in found.items():
            text = layout.STATES[state]
            totals[self.coroutines.name(text, name, kind), text] += number
        return totals


@pytest.fixture
def heap() -> Made:
    """Give an empty heap."""
    return Made()


def test_names_and_states(heap: Made) -> None:
    """Tasks are counted by name and state; finished and cancelled are done."""
    reader, writer = heap.string("read_log"), heap.string("Writer.run")
    tasks = [
        heap.task_object(heap.coroutine(reader)),
        heap.task_object(heap.coroutine(reader)),
        heap.task_object(heap.coroutine(reader), CANCELLED),
        heap.task_object(heap.coroutine(writer), FINISHED),
    ]
    assert heap.count(*tasks) == {
        ("read_log", "pending"): 2,
        ("read_log", "done"): 1,
        ("Writer.run", "done"): 1,
    }


def test_many_tasks_in_several_batches(heap: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    """The count does not depend on the size of a batch."""
    monkeypatch.setattr("diag.collectors.tasks.BATCH", 7)
    coroutine = heap.coroutine(heap.string("work"))
    tasks = [heap.task_object(coroutine) for _ in range(50)]
    assert heap.count(*tasks) == {("work", "pending"): 50}


def test_what_is_no_task(heap: Made) -> None:
    """Freed tasks, tasks in the making and words that only look like a task are left out."""
    coroutine = heap.coroutine(heap.string("work"))
    freed = heap.task_object(coroutine, references=0)
    immortal = heap.task_object(coroutine, references=1 << 40)
    odd_state = heap.task_object(coroutine, 7)
    no_loop = heap.task_object(coroutine)
    heap.memory.set_word(no_loop + layout.LOOP, 0)
    in_the_making = heap.task_object(0)
    runs_a_type = heap.task_object(heap.task_type, name=0)
    assert heap.count(freed, immortal, odd_state, no_loop, in_the_making, runs_a_type, 0xDEAD000) == {}


def test_a_task_that_let_its_coroutine_go(heap: Made) -> None:
    """A task that finished at once has no coroutine any more, and is counted as done."""
    assert heap.count(heap.task_object(0, FINISHED)) == {(RELEASED, "done"): 1}


def test_an_object_without_a_name(heap: Made) -> None:
    """What is awaited like a coroutine and has no name is named by its type."""
    kind = heap.type("Proxy")
    task = heap.task_object(heap.object(kind, *[0] * 30))
    assert heap.count(task) == {("<Proxy object>", "pending"): 1}


def test_a_foreign_coroutine_with_a_name(heap: Made) -> None:
    """In a coroutine of another type, such as Cython's, two str side by side are its names."""
    kind, name, qualified = heap.type("_cython_3.coroutine"), heap.string("run"), heap.string("Job.run")
    task = heap.task_object(heap.object(kind, 0, 0, heap.loop, name, qualified, *[0] * 20))
    assert heap.count(task) == {("Job.run", "pending"): 1}


def test_a_step_of_an_asynchronous_generator(heap: Made) -> None:
    """It is named by its generator."""
    generator = heap.coroutine(heap.string("lines"), kind=heap.type("async_generator"))
    step = heap.object(heap.type("async_generator_asend"), generator, *[0] * 10)
    assert heap.count(heap.task_object(step)) == {("lines (async_generator_asend)", "pending"): 1}


def test_a_long_name_at_many_tasks(heap: Made) -> None:
    """Each name is read once, however many tasks have it."""
    coroutine = heap.coroutine(heap.string("x" * 100_000))
    ((name, _),) = heap.count(*[heap.task_object(coroutine) for _ in range(40)])
    assert len(name) == 4096


def test_a_task_that_is_freed_meanwhile(heap: Made) -> None:
    """A task that was freed with its coroutine is not counted under a wrong name."""
    calm = [heap.task_object(heap.coroutine(heap.string("calm"))) for _ in range(3)]
    coroutine = heap.coroutine(heap.string("short"))
    passing = heap.task_object(coroutine)

    def free(call: int) -> None:
        if call == 1:  # the tasks were read, their coroutines not yet
            heap.memory.set_word(coroutine, 0)
            heap.memory.set_word(passing, 0)

    heap.memory.before_call = free
    found = heap.count(passing, *calm)
    assert found["calm", "pending"] == 3
    assert set(found) <= {("calm", "pending"), (GONE, "pending")}


def test_a_task_that_goes_on_meanwhile(heap: Made) -> None:
    """A task that waits for one thing after the other is the same task, however close together it is read."""
    main = heap.task_object(heap.coroutine(heap.string("main")))
    turns = itertools.count(1)
    # Before its coroutine stands what it waits for.
    heap.memory.before_run = lambda _start: heap.memory.set_word(main + heap.task.coro - WORD, next(turns))
    assert heap.count(main) == {("main", "pending"): 1}


def test_a_place_that_changes_hands(heap: Made) -> None:
    """A place whose coroutine changes at every look is counted once, and under a name it had."""
    calm = heap.task_object(heap.coroutine(heap.string("calm")))
    coroutines = [heap.coroutine(heap.string(name)) for name in ("first", "second")]
    place = heap.task_object(coroutines[0])

    def change(call: int) -> None:
        heap.memory.set_word(place + heap.task.coro, coroutines[call % 2])

    heap.memory.before_call = change
    found = heap.count(calm, place)
    assert found.total() == 2
    assert {name for name, _ in found} <= {"calm", "first", "second", GONE}


def test_short_reference_counts_have_flags_above(heap: Made) -> None:
    """Since 3.14 the upper bits of the first word are flags; an address there is still no count."""
    offsets = layout.layout(14)
    objects = Objects(heap.memory, heap.offsets)
    reader = TaskReader(heap.memory, objects, offsets, heap.task, np.array([heap.task_type], dtype=np.uint64))
    coroutine = heap.coroutine(heap.string("work"))
    flagged = heap.task_object(coroutine, references=3 | 5 << 48)
    stale = heap.task_object(coroutine, references=0x7F00_1234_5678)
    assert reader.read(np.array([flagged, stale], dtype=np.uint64)).addresses.tolist() == [flagged]
