"""A frame of a Python call, running or suspended, made sense of."""

from dataclasses import dataclass

from diag.collectors.codes import Code, Codes
from diag.collectors.framelayout import Layouts
from diag.collectors.peek import WORD, Source, Torn, word, words

_GENERATOR, _NO_CALL = 1, 3
"""Who owns a frame: a generator; from 3 on it is no call of a Python function."""

_TAGGED = 14
"""Minor version since which references on the stack have flags in their lowest bits."""

_CODE_UNITS = 10
"""Minor version in which a frame counts instructions in code units of two bytes."""

_INIT = "__init__"
"""The file of the frame that cleans up behind a constructor, which no traceback shows."""

_TAGS = ~3
_BEFORE = -4
"""Bytes before the first instruction at which a call that has not begun may stand."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a Python function, running or suspended."""

    address: int
    """Of the frame."""
    code: Code
    offset: int
    """Of the instruction, in bytes."""
    generator: int
    """The coroutine or generator that it belongs to, 0 for none."""
    globals: int
    locals: int
    """Address of a dict: that of a module's or class's body; else 0."""
    fast: tuple[int, ...]
    """References to the local variables, in the order of `Code.variables`."""

    @property
    def line(self) -> int:
        """The line that it is at."""
        return self.code.line(self.offset)

    def variable(self, name: str) -> int:
        """Give the reference to a local variable, 0 if it has none of that name or no value."""
        for (own, _), reference in zip(self.code.variables, self.fast, strict=True):
            if own == name:
                return reference
        return 0


class Frames:
    """Reads frames of one process."""

    def __init__(self, layouts: Layouts, codes: Codes) -> None:
        self.layouts = layouts
        self._codes = codes
        self._where = layouts.frame
        self._words = layouts.frame.fast // WORD

    def head(self, source: Source, address: int) -> tuple[int, ...]:
        """Read the words of a frame before its local variables."""
        return words(source, address, self._words)

    def previous(self, head: tuple[int, ...]) -> int:
        """Give the address of the frame that it was called from."""
        return head[self._where.previous // WORD]

    def link(self, head: tuple[int, ...]) -> tuple[int, int]:
        """Give what tells a call from others in the same place: what it runs, and what it was called from."""
        return head[self._where.code // WORD], head[self._where.previous // WORD]

    def runs(self, source: Source, address: int) -> int:
        """Read the address of the code object that a frame runs."""
        return word(source, address + self._where.code) & _TAGS

    def instruction(self, address: int) -> int:
        """Give a byte of a code object's instructions."""
        return self._codes.byte(address)

    def call(self, source: Source, address: int, head: tuple[int, ...]) -> Call | None:
        """Make sense of a frame; None for one that is no call of a Python function.

        Raises:
            Torn: it makes none.
        """
        where = self._where
        if where.owner is not None and byte_at(head, where.owner) >= _NO_CALL:
            return None
        code = self._codes.get(head[where.code // WORD] & _TAGS)
        if code.file == _INIT:
            return None
        offset = self._offset(head, code)
        if not _BEFORE <= offset <= code.size:
            raise Torn(address)
        count = len(code.variables)
        fast = words(source, address + where.fast, count) if count else ()
        if self.layouts.minor >= _TAGGED:
            fast = tuple([value & _TAGS for value in fast])
        return Call(
            address=address,
            code=code,
            offset=offset,
            generator=self._generator(address, head),
            globals=head[where.globals // WORD],
            locals=head[where.locals // WORD],
            fast=fast,
        )

    def _offset(self, head: tuple[int, ...], code: Code) -> int:
        """Give the place of the instruction that a frame is at, in bytes."""
        position = self._where.position
        if self._where.owner is not None:
            return head[position // WORD] - code.start
        number = half_at(head, position)
        number = number - (1 << 32) if number >> 31 else number
        return number * 2 if self.layouts.minor == _CODE_UNITS else number

    def _generator(self, address: int, head: tuple[int, ...]) -> int:
        """Give the coroutine or generator that a frame belongs to, 0 for none."""
        if self._where.owner is None:
            return head[(self._where.generator or 0) // WORD]
        return address - self.layouts.generator_frame if byte_at(head, self._where.owner) == _GENERATOR else 0


def half_at(head: tuple[int, ...], offset: int) -> int:
    """Take 32 bits out of words."""
    return head[offset // WORD] >> (offset % WORD * 8) & 0xFFFFFFFF


def byte_at(head: tuple[int, ...], offset: int) -> int:
    """Take a byte out of words."""
    return head[offset // WORD] >> (offset % WORD * 8) & 0xFF
