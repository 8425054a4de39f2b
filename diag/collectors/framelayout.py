"""Where CPython 3.8-3.15 keep threads, calls and code: byte offsets in a 64-bit release build.

Taken from the C headers of each version; those that differ between builds of 3.13 and later are read from the table
that the interpreter itself carries for debuggers (`_Py_DebugOffsets`). Whatever they lead to is checked.
"""

from dataclasses import dataclass, replace

from diag.collectors.peek import Source, Torn, words
from diag.errors import HotloopError

DEBUG_OFFSETS = 13
"""Minor version since which the runtime begins with `_Py_DebugOffsets`."""

COOKIE = int.from_bytes(b"xdebugpy", "little")


@dataclass(frozen=True, slots=True)
class Roots:
    """From the runtime to the interpreters, their threads, and the innermost call of each."""

    interpreters: int
    """In the runtime, the first interpreter."""
    next_interpreter: int
    threads: int
    """In an interpreter, the first thread."""
    next_thread: int
    thread_id: int
    """What pthread_self() gives."""
    native_id: int | None
    """What gettid() gives."""
    frame: int
    """The innermost call, or what leads to it."""
    frame_behind: int | None = None
    """Where `frame` leads to a `_PyCFrame`, the place of the innermost call therein."""
    stack: int | None = None
    """The chunk of memory that holds the frames."""


@dataclass(frozen=True, slots=True)
class FrameLayout:
    """A call: a PyFrameObject up to 3.10, a _PyInterpreterFrame since."""

    code: int
    previous: int
    globals: int
    locals: int
    position: int
    """Up to 3.10 the number of the last instruction, 32 bits; since 3.11 its address."""
    owner: int | None
    """A byte: who owns the frame. 1 a generator; 3 and above no Python call."""
    generator: int | None
    """Up to 3.10 the generator that a frame belongs to."""
    top: int
    """Of the stack of values: an address, or the number of words in use (32 bits)."""
    fast: int
    """The local variables."""


@dataclass(frozen=True, slots=True)
class CodeLayout:
    """A code object."""

    flags: int
    first_line: int
    names: int
    file: int
    name: int
    qualified: int | None
    lines: int
    """The table that leads from instructions to lines."""
    start: int | None
    """The first instruction; None where the instructions are a bytes object."""
    counts: tuple[int, ...]
    """Where the numbers of local variables stand: of all (since 3.11), or of those that are no cells."""
    variables: tuple[int, ...]
    """Tuples of the names of variables, in the order of their places: varnames, cellvars, freevars; one since 3.11."""
    instructions: int = 48
    """Up to 3.10, the bytes object."""


@dataclass(frozen=True, slots=True)
class Layouts:
    """Everything for one minor version."""

    minor: int
    roots: Roots
    frame: FrameLayout
    code: CodeLayout
    generator_frame: int
    """In a generator, its frame, or the pointer to it up to 3.10."""
    generator_state: int | None
    """A byte in a generator: whether it runs, is suspended ...; None where that is in its frame."""


_OLD_CODE = CodeLayout(36, 40, 64, 104, 112, None, 120, None, (28,), (72, 88, 80))
_NEW_CODE = CodeLayout(48, 68, 32, 112, 120, 128, 136, 208, (72,), (96,))
_OLD_FRAME = FrameLayout(32, 24, 48, 56, 104, None, 96, 72, 360)
_NEW_FRAME = FrameLayout(0, 8, 24, 40, 56, 70, None, 64, 72)
_OLD_ROOTS = Roots(32, 0, 8, 8, 176, None, 24)
_NEW_ROOTS = Roots(632, 7264, 7344, 8, 152, 160, 72, None, 232)

_KNOWN = {
    8: Layouts(8, _OLD_ROOTS, _OLD_FRAME, _OLD_CODE, 16, None),
    9: Layouts(9, _OLD_ROOTS, _OLD_FRAME, _OLD_CODE, 16, None),
    10: Layouts(
        *(10, _OLD_ROOTS, FrameLayout(32, 24, 48, 56, 96, None, 88, 80, 352), _OLD_CODE, 16, None),
    ),
    11: Layouts(
        11,
        Roots(40, 0, 16, 8, 152, 160, 56, 8, 296),
        FrameLayout(32, 48, 8, 24, 56, 69, None, 64, 72),
        replace(_NEW_CODE, first_line=72, counts=(76,), start=184),
        *(80, 75),
    ),
    12: Layouts(
        *(12, Roots(40, 0, 72, 8, 136, 144, 56, 0, 232), _NEW_FRAME, replace(_NEW_CODE, start=192), 72, 67),
    ),
    13: Layouts(13, _NEW_ROOTS, _NEW_FRAME, replace(_NEW_CODE, start=200), 72, 67),
    14: Layouts(
        *(14, _NEW_ROOTS, replace(_NEW_FRAME, owner=74, fast=80), _NEW_CODE, 72, 67),
    ),
    15: Layouts(
        *(15, _NEW_ROOTS, replace(_NEW_FRAME, owner=74, fast=80), _NEW_CODE, 72, 67),
    ),
}

_TABLE = {
    13: (5, 8, 9, 21, 24, 25, 23, 26),
    14: (5, 8, 9, 24, 27, 28, 26, 29),
    15: (5, 8, 9, 24, 30, 31, 26, 32),
}
"""Words of `_Py_DebugOffsets`: interpreters_head, next, threads_head, next, thread_id, native_thread_id,
current_frame, datastack_chunk."""

_LARGEST = 1 << 20


def layouts(source: Source, minor: int, runtime: int) -> Layouts:
    """Give the layouts of CPython 3.`minor`, whose runtime lies at an address.

    Raises:
        HotloopError: the version is not known.
    """
    known = _KNOWN.get(minor)
    if known is None:
        raise HotloopError(
            f"the stacks of CPython 3.{minor} cannot be read from outside: a newer hotloop may know it"
        )
    if minor < DEBUG_OFFSETS:
        return known
    table = words(source, runtime, 40)
    if table[0] != COOKIE or table[2]:
        raise Torn(runtime)
    heads, following, threads, behind, number, native, frame, stack = (table[n] for n in _TABLE[minor])
    if not all(0 < offset < _LARGEST for offset in (heads, following, threads, frame, native)):
        raise Torn(runtime)
    roots = Roots(heads, following, threads, behind, number, native, frame, None, stack)
    return replace(known, roots=roots)
