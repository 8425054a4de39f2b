"""Tests for finding task types and their instances, on memory made by hand."""

from made_memory import MadeHeap

from diag.collectors import layout
from diag.collectors.chunks import chunks
from diag.collectors.cpython import Image, Interpreter
from diag.collectors.heap import search
from diag.collectors.memory import Mapping
from diag.collectors.objects import Objects
from diag.collectors.tasksearch import C_TASK, TaskSearch

IMAGE, METHODS = 0x600000, 0x700000
PATH = "/usr/lib/_asyncio.cpython-312.so"


def searched(heap: MadeHeap, *, static: bool = False) -> TaskSearch:
    """Search a heap whose module `_asyncio` holds a specification of the task type, or the type itself."""
    name = C_TASK.encode() + b"\0\0\0"
    if static:
        words = bytearray(heap.memory.pieces[heap.task_type])
        words[layout.TP_NAME : layout.TP_NAME + 8] = IMAGE.to_bytes(8, "little")
        heap.memory.put(IMAGE, name + words)
        heap.task_type = IMAGE + 16
    else:
        spec = IMAGE + 16
        slots = spec + 32
        data = [IMAGE, 0, 0, slots, 52, 0x1234, layout.PY_TP_METHODS, METHODS, 0, 0]
        heap.memory.put(IMAGE, name + b"".join(word.to_bytes(8, "little") for word in data) + bytes(1024))
        heap.memory.set_word(heap.task_type + layout.TP_METHODS, METHODS)
    size = len(heap.memory.pieces[IMAGE])
    mapping = Mapping(IMAGE, IMAGE + size, "rw-p", PATH)
    finder = TaskSearch(heap.memory, Objects(heap.memory, heap.offsets))
    needles = finder.needles(Interpreter("3.12.1", 12, Image(PATH, (mapping,))), [mapping])
    areas = [
        (start, start + len(data) // 8 * 8) for start, data in heap.memory.pieces.items() if start > 1 << 32
    ]
    search(heap.memory, chunks(areas), needles)
    return finder


def test_a_type_made_from_a_specification() -> None:
    """The type is found by its method table, and its instances, live and freed, with it."""
    heap = MadeHeap()
    tasks = [heap.task_object(heap.loop), heap.task_object(heap.loop, references=0)]
    finder = searched(heap)
    assert finder.native.types == {heap.task_type: 176}
    assert finder.native.candidates().tolist() == tasks


def test_a_static_type() -> None:
    """A type that lies in the module itself is found there."""
    heap = MadeHeap()
    heap.task_type = IMAGE + 16
    task = heap.task_object(heap.loop)
    heap.task_type = heap.type(C_TASK, size=176)
    finder = searched(heap, static=True)
    assert finder.native.types == {IMAGE + 16: 176}
    assert finder.native.candidates().tolist() == [task]


def test_derived_types() -> None:
    """A subclass, and a subclass of it, are task types too, and their instances are found."""
    heap = MadeHeap()
    task_type = heap.task_type
    child = heap.type("OwnTask", base=task_type, size=192)
    grandchild = heap.type("OwnerTask", base=child, size=200)
    heap.task_type = grandchild
    task = heap.task_object(heap.loop)
    heap.task_type = task_type
    finder = searched(heap)
    assert set(finder.native.types) == {task_type, child, grandchild}
    assert task in finder.native.candidates().tolist()


def test_the_type_written_in_python() -> None:
    """It is found by its documentation; another class of that name is not taken for it."""
    heap = MadeHeap()
    kind = heap.type("Task", size=16)
    heap.type("Task", size=16)
    text = heap.memory.put(heap.place(), b"A coroutine wrapped in a Future.".ljust(40, b"\0"))
    heap.memory.set_word(kind + layout.TP_DOC, text)
    task = heap.object(kind)
    finder = searched(heap)
    assert finder.python.types == {kind: 16}
    assert finder.python.candidates().tolist() == [task]


def test_nothing_loaded() -> None:
    """Without the module there is no type, and no instance."""
    heap = MadeHeap()
    mapping = Mapping(0x1000, 0x2000, "r--p", "/usr/bin/python3.12")
    finder = TaskSearch(heap.memory, Objects(heap.memory, heap.offsets))
    needles = finder.needles(Interpreter("3.12.1", 12, Image("/usr/bin/python3.12", (mapping,))), [mapping])
    search(heap.memory, chunks([]), needles)
    assert finder.native.types == {}
    assert finder.native.candidates().tolist() == []
