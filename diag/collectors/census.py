"""The asyncio tasks of another process, counted by reading its memory: no agent, no pause, nothing written."""

import time
from collections import Counter
from collections.abc import Callable

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
from diag.collectors.tasks import Key, TaskReader, count
from diag.collectors.tasksearch import Family, TaskSearch
from diag.errors import HotloopError
from diag.recording import Census, TaskGroup

_LAYOUTS = tuple(dict.fromkeys(reversed(layout.TASKS.values())))
"""All known layouts of a task, the newest first."""

_SAMPLE = 2048
"""Places that are tried with each known layout where that of the version is not known."""


def take(pid: int, *, at: float = 0.0, clock: Callable[[], float] = time.perf_counter) -> Census:
    """Count the asyncio tasks of a process by coroutine and state.

    Args:
        pid: the process. It is not stopped; its tasks may come and go meanwhile.
        at: seconds since the recording's start, for the result.
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
    groups, created = _look(memory, mappings, interpreter)
    _check_same(memory, interpreter)
    return Census(at=at, pid=pid, groups=groups, created=created, seconds=clock() - began)


def _look(
    memory: ProcessMemory, mappings: tuple[Mapping, ...], interpreter: Interpreter
) -> tuple[tuple[TaskGroup, ...], int | None]:
    """Find, read and name the tasks."""
    offsets = layout.layout(interpreter.minor)
    objects = Objects(memory, offsets)
    finder = TaskSearch(memory, objects)
    areas = [area for mapping in mappings if mapping.is_heap for area in memory.resident(mapping)]
    search(memory, chunks(areas), finder.needles(interpreter, mappings))
    coroutines = Coroutines(memory, objects, offsets)
    totals: Counter[Key] = Counter()
    made = None
    if finder.native.types:
        tasks = _native_tasks(memory, objects, coroutines, interpreter, finder.native)
        candidates = finder.native.candidates()
        totals += count(tasks, coroutines, candidates)
        made = created(
            *(memory, objects, offsets),
            slots=finder.slots,
            statics=finder.home.writable() if finder.home else (),
            names=lambda: tasks.read(candidates).names,
        )
    if finder.python.types:
        types = np.array(sorted(finder.python.types), dtype=np.uint64)
        others = PythonTaskReader(memory, objects, offsets, interpreter.minor, types)
        totals += count(others, coroutines, finder.python.candidates())
    return _groups(totals, coroutines), made


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
    scores = [count(reader, coroutines, sample).total() for reader in readers]
    if max(scores) == 0:
        raise HotloopError(
            f"CPython {interpreter.version} lays out its tasks in a way that is not known: a newer hotloop may know it"
        )
    return readers[scores.index(max(scores))]


def _groups(totals: Counter[Key], coroutines: Coroutines) -> tuple[TaskGroup, ...]:
    """Give the totals names and places, the largest first; what reads alike is one group."""
    merged: Counter[tuple[str, str, int, str]] = Counter()
    for (state, name, code, kind), number in totals.items():
        place = coroutines.places.get(code) or Place("", 0)
        merged[
            coroutines.name(layout.STATES[state], name, kind), place.file, place.line, layout.STATES[state]
        ] += number
    return tuple(
        TaskGroup(coroutine=coroutine, file=file, line=line, state=state, count=number)
        for (coroutine, file, line, state), number in sorted(
            merged.items(), key=lambda item: (-item[1], item[0])
        )
    )


def _check_same(memory: ProcessMemory, interpreter: Interpreter) -> None:
    """Refuse the result if the process ended, or became another program, meanwhile."""
    if interpreter.image.mappings[0] not in memory.mappings():
        raise HotloopError(f"the process {memory.pid} ended while it was being read")
