"""Where tasks wait: along what each coroutine awaits, down to the innermost one and to what that waits for."""

import re
from dataclasses import dataclass, field

import numpy as np

from diag.collectors import layout, linetable, suspended
from diag.collectors.coroutines import INTERPRETER_TYPES, NATIVE, Coroutines
from diag.collectors.memory import WORD, Flags, Reader, Words, distinct, gather, read_pieces
from diag.collectors.objects import Objects

_LINES = {8: 120, 9: 120, 10: 120}
_LINES_SINCE_11 = 136
"""Offset of a code object's line table."""

_BYTES_SIZE, _BYTES_DATA = 16, 32
"""Offsets in a bytes object."""

_LONGEST_TABLE = 1 << 20
"""Bytes of a line table that are read."""

DEEPEST = 200
"""Coroutines within each other that are followed."""

_PASSING_ON = (INTERPRETER_TYPES - NATIVE) | {"anext_awaitable", "coroutine_wrapper"}
"""Types that stand between coroutines: the inner one is their first field."""

_ITERATOR = "_asyncio.FutureIter"
"""Stands between a coroutine and a future, which is its first field."""

_ASYNCIO = re.compile(r"(?:^|/)(?:python3\.\d+t?|python\d+\.zip|Lib)/asyncio/[a-z_0-9]+\.pyc?$")
"""Files of asyncio itself; packages of the name in others (`redis/asyncio`) do not count."""

_PASSES, _ITERATES, _VISITED, _ENDS = np.arange(1, 5, dtype=np.uint64)
"""What is done with an object on the way; 0 for what is no object."""

_NOWHERE = {suspended.NOT_STARTED: "not started", suspended.RUNNING: "running"}
"""What is said of tasks that are not suspended."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Where tasks wait, a row each; 0 where it is not known."""

    states: Words
    """As in `suspended`."""
    names: Words
    codes: Words
    offsets: Words
    """The innermost coroutine outside asyncio, or else the innermost: its qualified name, its code, and the bytes from
    the start of the bytecode to the instruction."""
    types: Words
    """Type of what the innermost of all waits for."""

    @property
    def columns(self) -> tuple[Words, ...]:
        """All columns, in the order of `Place`."""
        return self.states, self.names, self.codes, self.offsets, self.types


@dataclass(slots=True)
class WaitReader:
    """Follows coroutines, and says where they wait."""

    reader: Reader
    objects: Objects
    coroutines: Coroutines
    minor: int
    _steps: suspended.StepReader = field(init=False)
    _lines: dict[tuple[int, int], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Choose how coroutines are read."""
        self._steps = suspended.step_reader(self.reader, self.minor)

    def follow(self, coroutines: Words, heads: Words) -> Waits:
        """Follow the coroutines at addresses, given as many of their first words as are known already."""
        waits = Waits(*np.zeros((5, len(coroutines)), dtype=np.uint64))
        rows, current = np.arange(len(coroutines)), coroutines
        outside = np.zeros(len(coroutines), dtype=np.bool_)
        for depth in range(DEEPEST):
            if depth or heads.shape[1] < self.coroutines.offsets.coro_head:
                heads = self.coroutines.read(current)
            types = heads[:, layout.OB_TYPE // WORD]
            kinds = self._kinds(types)
            ends = kinds == _ENDS
            if depth:
                waits.types[rows[ends]] = types[ends]
            iterators = kinds == _ITERATES
            waits.types[rows[iterators]] = self.objects.types_of(heads[iterators, 2])
            following = np.where(kinds == _PASSES, heads[:, 2], np.uint64(0))
            native = kinds == _VISITED
            following[native] = self._visit(waits, outside, rows[native], current[native], heads[native])
            rows, current = rows[following != 0], following[following != 0]
            if not len(rows):
                break
        return waits

    def _kinds(self, types: Words) -> Words:
        """Tell by types what to do with objects."""
        kinds = np.zeros_like(types)
        for address, name in self.objects.type_names(distinct(types).tolist()).items():
            if name is not None:
                kinds[types == np.uint64(address)] = _kind(name)
        return kinds

    def _visit(self, waits: Waits, outside: Flags, rows: Words, addresses: Words, heads: Words) -> Words:
        """Note how far coroutines got, and give what they await."""
        offsets = self.coroutines.offsets
        codes = heads[:, offsets.coro_code // WORD] & ~np.uint64(7)
        names = heads[:, offsets.coro_name // WORD + 1]
        steps = self._steps.steps(addresses, heads, codes)
        self.coroutines.learn(names, codes)
        own = np.isin(codes, self._outside(codes))
        first = waits.states[rows] == 0
        waits.states[rows[first]] = steps.states[first]
        taken = (steps.states == suspended.SUSPENDED) & (own | ~outside[rows])
        outside[rows[taken & own]] = True
        for column, values in ((waits.names, names), (waits.codes, codes), (waits.offsets, steps.offsets)):
            column[rows[taken]] = values[taken]
        return steps.awaited

    def _outside(self, codes: Words) -> Words:
        """Give those of the code objects that are no part of asyncio."""
        places = self.coroutines.places
        unique = distinct(codes)
        return unique[
            [
                (place := places.get(code)) is not None and not _ASYNCIO.search(place.file)
                for code in unique.tolist()
            ]
        ]

    def describe(self, state: int, name: int, code: int, offset: int) -> str:
        """Say where it is, as "function (file:line)"; "" if that is not known."""
        place = self.coroutines.places.get(code)
        if state != suspended.SUSPENDED or place is None:
            return _NOWHERE.get(state, "")
        function = self.coroutines.texts.get(name) or "?"
        return f"{function} ({place.file}:{self._line(code, place.line, offset)})"

    def _line(self, code: int, first: int, offset: int) -> int:
        """Give the line of an instruction of a code object."""
        signed = offset - (1 << 64) if offset >> 63 else offset
        if (code, offset) not in self._lines:
            place = code + _LINES.get(self.minor, _LINES_SINCE_11)
            table, _ = gather(self.reader, np.array([place], dtype=np.uint64), 1)
            head, _ = gather(self.reader, table[:, 0], _BYTES_DATA // WORD)
            size = min(int(head[0, _BYTES_SIZE // WORD]), _LONGEST_TABLE)
            piece = read_pieces(self.reader, [(int(table[0, 0]) + _BYTES_DATA, size)])[0]
            self._lines[code, offset] = linetable.line_of(self.minor, piece or b"", first, signed)
        return self._lines[code, offset]


def _kind(name: str) -> np.uint64:
    """Tell by a type's name what to do with its objects."""
    if name in NATIVE:
        return _VISITED
    if name == _ITERATOR:
        return _ITERATES
    return _PASSES if name in _PASSING_ON else _ENDS
