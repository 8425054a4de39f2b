"""The asyncio tasks of another process, counted by reading its memory: no agent, no pause, nothing written."""

import time
from collections import Counter
from collections.abc import Callable

import msgspec
import numpy as np

from diag.collectors import layout
from diag.collectors.chunks import chunks
from diag.collectors.coroutines import Coroutines
from diag.collectors.cpython import Interpreter, identify
from diag.collectors.created import created
from diag.collectors.heap import search
from diag.collectors.memory import Mapping, ProcessMemory
from diag.collectors.objects import Objects, Place
from diag.collectors.pytasks import PythonTaskReader
from diag.collectors.tasks import Counting, Key, TaskReader, count
from diag.collectors.tasksearch import Family, TaskSearch
from diag.collectors.waiting import WaitReader
from diag.errors import HotloopError
from diag.recording import Census, TaskGroup

_LAYOUTS = tuple(dict.fromkeys(reversed(layout.TASKS.values())))
"""All known layouts of a task, the newest first."""

_SAMPLE = 2048
"""Places that are tried with each known layout where that of the version is not known."""


def take(
    pid: int, *, at: float = 0.0, brief: bool = False, clock: Callable[[], float] = time.perf_counter
) -> Census:
    """Count the asyncio tasks of a process by coroutine, state and where they wait.

    Args:
        pid: the process. It is not stopped; its tasks may come and go meanwhile.
        at: seconds since the recording's start, for the result.
        brief: count only, at two thirds of the cost: not where they wait, nor how many were made.
        clock: seconds, for `Census.seconds`.

    Returns:
        The census; without groups for a process that has not imported asyncio.

    Raises:
        HotloopError: the process is gone, may not be read, or is no release build of CPython 3.8 or later with
            a GIL.
    """
    began = clock()
    memory = ProcessMemory(pid)
    mappings = memory.mappings()
    interpreter = identify(memory, mappings, pid)
    groups, created = _look(memory, mappings, interpreter, brief=brief)
    _check_same(memory, interpreter)
    return Census(at=at, pid=pid, groups=groups, created=created, seconds=clock() - began)


def _look(
    memory: ProcessMemory, mappings: tuple[Mapping, ...], interpreter: Interpreter, *, brief: bool
) -> tuple[tuple[TaskGroup, ...], int | None]:
    """Find, read and name the tasks."""
    offsets = layout.layout(interpreter.minor)
    objects = Objects(memory, offsets)
    finder = TaskSearch(memory, objects)
    areas = [area for mapping in mappings if mapping.is_heap for area in memory.resident(mapping)]
    search(memory, chunks(areas), finder.needles(interpreter, mappings))
    coroutines = Coroutines(memory, objects, offsets)
    waiting = WaitReader(memory, objects, coroutines, interpreter.minor)
    followed = None if brief else waiting
    totals: Counter[Key] = Counter()
    made = None
    if finder.native.types:
        tasks = _native_tasks(memory, objects, coroutines, interpreter, finder.native)
        candidates = finder.native.candidates()
        totals += count(Counting(tasks, coroutines, followed), candidates)
        if not brief:
            made = created(
                *(memory, objects, offsets),
                slots=finder.slots,
                statics=finder.home.writable() if finder.home else (),
                names=lambda: tasks.read(candidates).names,
            )
    if finder.python.types:
        types = np.array(sorted(finder.python.types), dtype=np.uint64)
        others = PythonTaskReader(memory, objects, offsets, interpreter.minor, types)
        totals += count(Counting(others, coroutines, followed), finder.python.candidates())
    return _groups(totals, objects, coroutines, waiting), made


def _native_tasks(
    memory: ProcessMemory, objects: Objects, coroutines: Coroutines, interpreter: Interpreter, family: Family
) -> TaskReader:
    """Choose the layout by version and size of the type, or else the one that makes sense of most of the tasks."""
    offsets = coroutines.offsets
    types = np.array(sorted(family.types), dtype=np.uint64)
    known = layout.TASKS.get((interpreter.minor, min(family.types.values())))
    if known:
        return TaskReader(memory, objects, offsets, known, types)
    sample = family.candidates()[:_SAMPLE]
    readers = [TaskReader(memory, objects, offsets, task, types) for task in _LAYOUTS]
    scores = [count(Counting(reader, coroutines), sample).total() for reader in readers]
    if max(scores) == 0:
        raise HotloopError(
            f"CPython {interpreter.version} lays out its tasks in a way that is not known: a newer hotloop may know it"
        )
    return readers[scores.index(max(scores))]


def _groups(
    totals: Counter[Key], objects: Objects, coroutines: Coroutines, waiting: WaitReader
) -> tuple[TaskGroup, ...]:
    """Give the totals names and places, the largest first; what reads alike is one group."""
    awaited = objects.type_names({key.waits_for for key in totals})
    merged: Counter[TaskGroup] = Counter()
    for key, number in totals.items():
        place = coroutines.places.get(key.code) or Place("", 0)
        group = TaskGroup(
            coroutine=coroutines.name(layout.STATES[key.state], key.name, key.kind),
            file=place.file,
            line=place.line,
            state=layout.STATES[key.state],
            count=0,
            waiting=waiting.describe(key.at_state, key.at_name, key.at_code, key.at_offset),
            waits_for=awaited[key.waits_for] or "",
        )
        merged[group] += number
    counted = (msgspec.structs.replace(group, count=number) for group, number in merged.items())
    return tuple(sorted(counted, key=lambda group: (-group.count, group.coroutine, group.waiting)))


def _check_same(memory: ProcessMemory, interpreter: Interpreter) -> None:
    """Refuse the result if the process ended, or became another program, meanwhile."""
    if interpreter.image.mappings[0] not in memory.mappings():
        raise HotloopError(f"the process {memory.pid} ended while it was being read")
