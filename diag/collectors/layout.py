"""Where CPython 3.8-3.15 keep the fields that a census reads: byte offsets in a 64-bit release build.

Taken from the C headers and debug information of each version (x86-64; the same on aarch64, where the sizes and
alignments of all field types are equal). Whatever they lead to is checked before it is believed.
"""

from dataclasses import dataclass

OLDEST = 8
NEWEST = 15
"""Minor versions of CPython 3 whose layouts are known. A newer one is tried with the newest, and checked."""

OB_TYPE = 8
"""Offset of the type in every object, behind the reference count."""

TP_NAME = 24
TP_BASICSIZE = 32
TP_ITEMSIZE = 40
TP_FLAGS = 168
TP_DOC = 176
TP_METHODS = 232
TP_BASE = 256
TP_DICTOFFSET = 288
"""Offsets in a type object; the same since 3.4."""

MANAGED_DICT = 11
INLINE_VALUES = 13
"""Minor versions since which attributes stand in an array before an object's head, and behind the object."""

TPFLAGS_TYPE_SUBCLASS = 1 << 31
"""Set in the flags of a type whose instances are types themselves."""

SPEC_SLOTS = 24
PY_TP_METHODS = 64
"""In a PyType_Spec, the offset of its slots, and the slot number of the methods (typeslots.h)."""

PENDING = 0
STATES = ("pending", "done", "done")
"""`fut_state`: pending, cancelled, finished."""


@dataclass(frozen=True, slots=True)
class TaskLayout:
    """A `_asyncio.Task`. The event loop stands at 16 in all versions."""

    state: int
    coro: int
    name: int

    @property
    def words(self) -> int:
        """Words from the start up to the last field."""
        return self.name // 8 + 1


LOOP = 16

TASKS: dict[tuple[int, int], TaskLayout] = {
    (8, 144): TaskLayout(72, 112, 120),
    (9, 184): TaskLayout(80, 152, 160),
    (10, 184): TaskLayout(80, 152, 160),  # before the exception's traceback was kept
    (10, 192): TaskLayout(88, 160, 168),
    (11, 176): TaskLayout(88, 136, 144),
    (12, 176): TaskLayout(88, 136, 144),
    (13, 144): TaskLayout(96, 120, 128),
    (14, 168): TaskLayout(104, 128, 136),
    (15, 168): TaskLayout(104, 128, 136),
}
"""By minor version and size: the size tells apart the layouts of one minor version."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The objects that lead from a task to a name and a place, in one minor version."""

    coro_name: int
    """In a coroutine, generator or asynchronous generator; the qualified name follows."""
    coro_code: int
    coro_top: int
    """Where the depth of the stack stands in the frame that it holds, or else the reference to the frame."""
    code_line: int
    """`co_firstlineno`, 32 bits."""
    code_file: int
    str_ascii: int
    str_other: int
    """Where the characters of a compact str stand."""
    counter: int | None
    """From the module state's field `TaskType` to `task_name_counter`; None where it is no part of a state."""
    short_refcount: bool
    """Whether the reference count has 32 bits, and flags above them."""

    @property
    def coro_words(self) -> int:
        """Words from a coroutine's start up to its name and code."""
        return max(self.coro_name + 8, self.coro_code) // 8 + 1

    @property
    def coro_head(self) -> int:
        """Words from a coroutine's start up to the depth of its stack."""
        return max(self.coro_words, self.coro_top // 8 + 1)


_LAYOUTS = {
    8: Layout(48, 32, 16, 40, 104, 48, 72, None, short_refcount=False),
    9: Layout(48, 32, 16, 40, 104, 48, 72, None, short_refcount=False),
    10: Layout(40, 24, 16, 40, 104, 48, 72, None, short_refcount=False),
    11: Layout(32, 16, 144, 72, 112, 48, 72, None, short_refcount=False),
    12: Layout(24, 72, 136, 68, 112, 40, 56, 144, short_refcount=False),
    13: Layout(24, 72, 136, 68, 112, 40, 56, 128, short_refcount=False),
    14: Layout(24, 72, 136, 68, 112, 40, 56, 120, short_refcount=True),
    15: Layout(24, 72, 136, 68, 112, 40, 56, 120, short_refcount=True),
}


def layout(minor: int) -> Layout:
    """Give the layout of CPython 3.`minor`, or the nearest known."""
    return _LAYOUTS[min(max(minor, OLDEST), NEWEST)]
