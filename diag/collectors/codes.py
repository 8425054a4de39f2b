"""Code objects: what a call runs, read once and checked in every look."""

from dataclasses import dataclass
from typing import NamedTuple

from diag.collectors import layout
from diag.collectors.atoms import bytes_of, items_of, text_of
from diag.collectors.framelayout import CodeLayout, Layouts
from diag.collectors.linetable import line_of
from diag.collectors.peek import WORD, Source, Torn, word, words_format

_LONGEST_NAME = 512
_LONGEST_TABLE = 1 << 20
_MOST_VARIABLES = 4096
_HIDDEN, _CELL, _FREE = 0x10, 0x40, 0x80

COROUTINE, ASYNC_GENERATOR, GENERATOR = 0x80, 0x200, 0x20
"""Flags of a code object (inspect.CO_COROUTINE ...)."""


class Variable(NamedTuple):
    """A local variable of a code object."""

    name: str
    cell: bool
    """Whether its place holds a cell in which the value stands."""


@dataclass(slots=True)
class Code:
    """A code object."""

    address: int
    name: str
    """Qualified since 3.11."""
    file: str
    first_line: int
    flags: int
    names: frozenset[str]
    """Of globals and attributes that it refers to, without those of the language."""
    variables: tuple[Variable, ...]
    start: int
    """Address of the first instruction."""
    size: int
    """Bytes of instructions."""
    table: bytes
    minor: int
    lines: dict[int, int]

    def line(self, offset: int) -> int:
        """Give the line of the instruction at a byte offset."""
        if offset not in self.lines:
            self.lines[offset] = line_of(self.minor, self.table, self.first_line, offset)
        return self.lines[offset]


class Codes:
    """The code objects of a process."""

    def __init__(self, source: Source, objects: layout.Layout, layouts: Layouts) -> None:
        self._source = source
        self._objects = objects
        self._layouts = layouts
        self._known: dict[int, tuple[bytes, Code]] = {}
        self._checked: set[int] = set()

    def begin(self) -> None:
        """Begin a look: every code object is checked again."""
        self._checked.clear()

    def get(self, address: int) -> Code:
        """Give the code object at an address.

        Raises:
            Torn: there is none.
        """
        if address in self._checked:
            return self._known[address][1]
        head = self._source.read(address, self._head_size())
        lasting = head[self._layouts.code.file :]
        known = self._known.get(address)
        if known is None or known[0] != lasting:
            self._known[address] = known = (lasting, self._read(address, head))
        self._checked.add(address)
        return known[1]

    def byte(self, address: int) -> int:
        """Read a byte of the instructions."""
        return self._source.read(address, 1)[0]

    def _head_size(self) -> int:
        return self._layouts.code.lines + WORD

    def _read(self, address: int, head: bytes) -> Code:
        where = self._layouts.code
        table = words_format(len(head) // WORD).unpack(head)
        name = table[(where.qualified or where.name) // WORD]
        variables = self._variables(where, table, head)
        start, size = self._instructions(where, address, table)
        return Code(
            address=address,
            name=self._text(name),
            file=self._text(table[where.file // WORD]),
            first_line=_half(head, where.first_line),
            flags=_half(head, where.flags),
            names=frozenset(
                name
                for entry in self._tuple(table[where.names // WORD])[:_MOST_VARIABLES]
                if not (name := self._text(entry)).startswith("__")
            ),
            variables=variables,
            start=start,
            size=size,
            table=bytes_of(self._source, table[where.lines // WORD], _LONGEST_TABLE)[1],
            minor=self._layouts.minor,
            lines={},
        )

    def _variables(self, where: CodeLayout, table: tuple[int, ...], head: bytes) -> tuple[Variable, ...]:
        tuples = [self._tuple(table[place // WORD]) for place in where.variables]
        count = _half(head, where.counts[0])
        if len(tuples[0]) != count or count > _MOST_VARIABLES:
            raise Torn
        names = [[self._text(entry) for entry in entries] for entries in tuples]
        if len(tuples) > 1:
            plain, *cells = names
            return tuple([Variable(name, cell=False) for name in plain]) + tuple(
                Variable(name, cell=True) for group in cells for name in group
            )
        kinds = bytes_of(self._source, table[where.variables[0] // WORD + 1], _MOST_VARIABLES)[1]
        if len(kinds) != count:
            raise Torn
        return tuple(
            Variable("" if kind & _HIDDEN else name, cell=bool(kind & (_CELL | _FREE)))
            for name, kind in zip(names[0], kinds, strict=True)
        )

    def _instructions(self, where: CodeLayout, address: int, table: tuple[int, ...]) -> tuple[int, int]:
        """Give the address of the first instruction, and the bytes of all."""
        if where.start is None:
            code = table[where.instructions // WORD]
            return code + 4 * WORD, word(self._source, code + 2 * WORD)
        units = word(self._source, address + 2 * WORD)  # its size as an object of variable size, since 3.12
        return address + where.start, units * 2 if 0 < units < _LONGEST_TABLE else _LONGEST_TABLE

    def _tuple(self, address: int) -> tuple[int, ...]:
        return items_of(self._source, self._layouts.minor, address)

    def _text(self, address: int) -> str:
        return text_of(self._source, self._objects, address, _LONGEST_NAME)[1]


def _half(data: bytes, offset: int) -> int:
    return int.from_bytes(data[offset : offset + 4], "little")
