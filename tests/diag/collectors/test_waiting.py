"""Tests for where tasks wait, on coroutines made by hand as CPython 3.12 lays them out."""

import numpy as np
import pytest
from made_memory import MadeHeap

from diag.collectors import layout
from diag.collectors.coroutines import Coroutines
from diag.collectors.objects import Objects
from diag.collectors.suspended import NOT_STARTED, RUNNING, SUSPENDED, UNKNOWN, Steps, step_reader
from diag.collectors.waiting import DEEPEST, WaitReader

ASYNCIO = "/usr/lib/python3.12/asyncio/locks.py"
STATE, TOP, LOCALS, INSTRUCTION, BYTECODE = 67, 136, 144, 128, 192
CREATED, STOPPED, EXECUTING, FINISHED = 0xFE, 0xFF, 0, 1
RESUMES_AWAIT, RESUMES_YIELD = 3, 1


class Made(MadeHeap):
    """A heap whose coroutines can be followed."""

    def __init__(self) -> None:
        super().__init__()
        self.objects = Objects(self.memory, self.offsets)
        self.coroutines = Coroutines(self.memory, self.objects, self.offsets)
        self.reader = WaitReader(self.memory, self.objects, self.coroutines, self.minor)
        self.future = self.object(self.type("_asyncio.Future"), 0, 0)
        self.iterator = self.object(self.type("_asyncio.FutureIter"), self.future)

    def suspended(  # noqa: PLR0913 - a coroutine has as many parts
        self,
        awaited: int = 0,
        *,
        name: str = "follow",
        file: str = "/srv/app.py",
        line: int = 40,
        state: int = STOPPED,
        resumes: int = RESUMES_AWAIT,
        depth: int = 3,
        kind: str = "coroutine",
    ) -> int:
        """Place a coroutine that is at the third instruction of its code, in the line after its first."""
        words = [1, self.coroutine_type if kind == "coroutine" else self.type(kind), *[0] * 16]
        words[self.offsets.coro_name // 8] = words[self.offsets.coro_name // 8 + 1] = self.string(name)
        code = self.with_lines(file, line, resumes)
        words[self.offsets.coro_code // 8] = code
        words[STATE // 8] = state << (STATE % 8 * 8)
        words[INSTRUCTION // 8] = code + BYTECODE + 4
        words[TOP // 8] = depth
        return self.memory.words(self.place(), *words, 7, 7, awaited)

    def with_lines(self, file: str, line: int, resumes: int) -> int:
        """Place a code object of four instructions, two in its first line and two in the next."""
        words = [0] * (BYTECODE // 8 + 1)
        words[0:2] = 1, self.code_type
        words[self.offsets.code_line // 8] = line << (self.offsets.code_line % 8 * 8)
        words[self.offsets.code_file // 8] = self.string(file)
        table = bytes([0x80 | 10 << 3 | 1, 0, 0, 0x80 | 11 << 3 | 1, 0, 0])
        place = self.place()
        self.memory.put(place, bytes(16) + len(table).to_bytes(8, "little") + bytes(8) + table)
        words[136 // 8] = place
        words[BYTECODE // 8] = resumes << 56
        return self.memory.words(self.place(), *words)

    def waits(self, coroutine: int) -> tuple[str, str]:
        """Tell where a coroutine waits, and for what."""
        addresses = np.array([coroutine], dtype=np.uint64)
        found = self.reader.follow(addresses, self.coroutines.read(addresses))
        state, name, code, offset, kind = (int(column[0]) for column in found.columns)
        awaited = self.objects.type_names([kind])[kind] or ""
        return self.reader.describe(state, name, code, offset), awaited


@pytest.fixture
def made() -> Made:
    """Give an empty heap."""
    return Made()


def test_a_future(made: Made) -> None:
    """A coroutine that awaits a future is where its instruction is."""
    assert made.waits(made.suspended(made.iterator)) == ("follow (/srv/app.py:41)", "_asyncio.Future")


def test_the_innermost_outside_asyncio(made: Made) -> None:
    """Asyncio's own coroutines are passed through, those of others are not."""
    lock = made.suspended(made.iterator, name="Event.wait", file=ASYNCIO)
    inner = made.suspended(lock, name="inner", line=10)
    between = made.suspended(inner, name="wait_for", file=ASYNCIO)
    assert made.waits(made.suspended(between)) == ("inner (/srv/app.py:11)", "_asyncio.Future")


def test_only_asyncio(made: Made) -> None:
    """Where there is nothing else, the innermost coroutine of asyncio is told."""
    inner = made.suspended(made.iterator, name="Event.wait", file=ASYNCIO)
    outer = made.suspended(inner, name="Condition.wait", file=ASYNCIO)
    assert made.waits(outer) == (f"Event.wait ({ASYNCIO}:41)", "_asyncio.Future")


@pytest.mark.parametrize("file", ["/lib/python3.12/site-packages/redis/asyncio/client.py", "asyncio/mine.py"])
def test_other_folders_named_asyncio(made: Made, file: str) -> None:
    """They are no part of it."""
    inner = made.suspended(made.iterator, name="read", file=file)
    assert made.waits(made.suspended(inner))[0] == f"read ({file}:41)"


@pytest.mark.parametrize("kind", ["coroutine_wrapper", "async_generator_asend", "anext_awaitable"])
def test_what_stands_between(made: Made, kind: str) -> None:
    """Objects of the interpreter that pass on to another coroutine are passed through."""
    inner = made.suspended(made.iterator, name="lines", kind="async_generator")
    between = made.object(made.type(kind), inner, *[0] * 6)
    assert made.waits(made.suspended(between)) == ("lines (/srv/app.py:41)", "_asyncio.Future")


def test_a_bare_yield(made: Made) -> None:
    """`asyncio.sleep(0)` waits for nothing, whatever lies on the stack."""
    sleep = made.suspended(
        made.iterator, name="__sleep0", file=ASYNCIO, kind="generator", resumes=RESUMES_YIELD
    )
    assert made.waits(made.suspended(sleep)) == ("follow (/srv/app.py:41)", "")


def test_a_foreign_awaitable(made: Made) -> None:
    """What is no coroutine of the interpreter is what is waited for."""
    foreign = made.object(made.type("_cython_3_1.coroutine"), *[0] * 6)
    assert made.waits(made.suspended(foreign)) == ("follow (/srv/app.py:41)", "_cython_3_1.coroutine")
    assert made.waits(foreign) == ("", "")


@pytest.mark.parametrize(
    ("state", "text"), [(CREATED, "not started"), (EXECUTING, "running"), (FINISHED, "")]
)
def test_coroutines_that_do_not_wait(made: Made, state: int, text: str) -> None:
    """One that did not begin, one that runs, and one that ended wait nowhere."""
    assert made.waits(made.suspended(made.iterator, state=state)) == (text, "")


@pytest.mark.parametrize("depth", [0, 1 << 20, 0xFFFF_FFFF])
def test_a_stack_that_makes_no_sense(made: Made, depth: int) -> None:
    """Its coroutine is told, but not what it awaits."""
    assert made.waits(made.suspended(made.iterator, depth=depth)) == ("follow (/srv/app.py:41)", "")


def test_what_changes_meanwhile(made: Made) -> None:
    """What is no object, or has no code, ends the way."""
    assert made.waits(made.suspended(0xDEAD0000)) == ("follow (/srv/app.py:41)", "")
    without_code = made.suspended(made.iterator, name="inner")
    made.memory.set_word(without_code + made.offsets.coro_code, 0xDEAD0000)
    assert made.waits(made.suspended(without_code))[0] == "follow (/srv/app.py:41)"


def test_a_circle_ends(made: Made) -> None:
    """Coroutines that seem to await each other are followed so far and no farther."""
    first = made.suspended(0, name="first")
    second = made.suspended(first, name="second")
    made.memory.set_word(first + LOCALS + 16, second)
    calls = made.memory.calls
    made.waits(first)
    assert made.memory.calls - calls < 10 * DEEPEST


def test_a_coroutine_that_refers_to_its_frame() -> None:
    """Up to 3.10 state, position and stack are in a frame object of its own, and the instruction tells an await."""
    made = Made()
    code = made.memory.words(made.place(), 1, made.code_type, *[0] * 12)
    instructions = made.memory.put(made.place(), bytes(32) + bytes([1, 0, 2, 0, 72, 0, 3, 0]))
    made.memory.set_word(code + 48, instructions)
    stack = made.memory.words(made.place(), 5, made.iterator)
    rows = []
    for position, depth, state in [
        (1, 2, STOPPED),
        (2, 2, STOPPED),
        (0xFFFF_FFFF, 0, CREATED),
        (1, 2, EXECUTING),
    ]:
        frame = [1, 0, 0, 0, code, 0, 0, 0, stack, 0, depth, 0, position, state << 32]
        rows.append([1, made.coroutine_type, made.memory.words(made.place(), *frame), code])
    rows.append([1, made.coroutine_type, 0, code])
    heads = np.array(rows, dtype=np.uint64)
    addresses, codes = np.zeros(5, dtype=np.uint64), np.full(5, code, dtype=np.uint64)
    steps: Steps = step_reader(made.memory, 10).steps(addresses, heads, codes)
    assert steps.states.tolist() == [SUSPENDED, SUSPENDED, NOT_STARTED, RUNNING, UNKNOWN]
    assert steps.offsets[:2].tolist() == [2, 4]
    assert steps.awaited.tolist() == [made.iterator, 0, 0, 0, 0]


def test_layouts_reach_the_stack() -> None:
    """What is read of a coroutine at first has its state and the depth of its stack, in every version."""
    assert [layout.layout(minor).coro_head for minor in range(8, 16)] == [8, 8, 7, 19, 18, 18, 18, 18]
