"""Suspended coroutines and generators, and what each of them waits for."""

from dataclasses import dataclass

from diag.collectors.framelayout import Layouts
from diag.collectors.frames import Call, Frames, byte_at, half_at
from diag.collectors.kinds import Kinds
from diag.collectors.peek import WORD, Source, Torn, word, words

_DEEPEST = 100

_GENERATORS = frozenset({"coroutine", "generator", "async_generator"})
_WRAPPERS = frozenset(
    {"coroutine_wrapper", "async_generator_asend", "async_generator_athrow", "anext_awaitable"}
)
"""Types whose first field is the coroutine or generator that they step."""

_YIELD_FROM = 72
"""Opcode up to 3.10 of the instruction that waits for another generator."""

_OLD, _STACK_POINTER, _STATED = 10, 14, 13
_STACK_DEPTH = 10
"""Minor versions: the last with frame objects; the first whose frames have a stack pointer; the first whose
generators say that they wait for another; the one whose frame objects count the words of their stack."""

_CREATED = {10: 0xFE, 11: 0xFE, 12: 0xFE, 13: 0xFD, 14: 0xFD, 15: 0}
_SUSPENDED = {10: 0xFF, 11: 0xFF, 12: 0xFF, 13: 0xFE, 14: 0xFE, 15: 1}
_WAITING = {13: 0xFF, 14: 0xFF, 15: 2}
"""States of a frame (`PyFrameState`), a byte each, by minor version."""

_FRAME_STATE, _EXECUTING, _VALUE_STACK = 108, 116, 64
"""In frame objects: the state in 3.10; whether it runs, up to 3.9; the bottom of the stack of values."""

_INDEXED = 15
"""Minor version since which an index lies above what is iterated."""

_TAGS = ~3


@dataclass(frozen=True, slots=True)
class Suspended:
    """A coroutine or generator that does not run."""

    call: Call
    waits_for: int
    """The object that it waits for, 0 if it was not begun or waits for its caller."""


class Awaits:
    """Reads suspended coroutines of one process."""

    def __init__(self, layouts: Layouts, frames: Frames, kinds: Kinds) -> None:
        self._layouts = layouts
        self._frames = frames
        self._kinds = kinds

    def chain(self, source: Source, coroutine: int) -> tuple[tuple[Call, ...], int]:
        """Follow a suspended coroutine to what it waits for in the end.

        Returns:
            The suspended calls, outermost first, and the address of the object that the innermost waits for.

        Raises:
            Torn: one of them is not suspended.
        """
        calls: list[Call] = []
        address = coroutine
        while address and len(calls) < _DEEPEST:
            name = self._kinds.get(words(source, address, 2)[1]).name
            if name in _WRAPPERS:
                address = word(source, address + 2 * WORD)
            elif name in _GENERATORS:
                suspended = self.suspended(source, address)
                calls.append(suspended.call)
                address = suspended.waits_for
            else:
                break
        return tuple(calls), address

    def suspended(self, source: Source, generator: int) -> Suspended:
        """Read a suspended coroutine, generator or asynchronous generator.

        Raises:
            Torn: it is not suspended.
        """
        layouts = self._layouts
        if layouts.generator_state is None:
            frame = word(source, generator + layouts.generator_frame)
            head = self._frames.head(source, frame)
            created = self._old_state(head)
        else:
            frame = generator + layouts.generator_frame
            head = self._frames.head(source, frame)
            state = source.read(generator + layouts.generator_state // WORD * WORD, WORD)[
                layouts.generator_state % WORD
            ]
            created = self._state(state)
        call = self._frames.call(source, frame, head)
        if call is None:
            raise Torn(generator)
        if created or not self._waits(source, generator, call):
            return Suspended(call, 0)
        return Suspended(call, self._top(source, frame, head))

    def _state(self, state: int) -> bool:
        """Tell whether a generator in a state has not begun; refuse one that runs or has ended."""
        minor = self._layouts.minor
        if state in {_SUSPENDED[minor], _WAITING.get(minor, _SUSPENDED[minor])}:
            return False
        if state == _CREATED[minor]:
            return True
        raise Torn(state)

    def _old_state(self, head: tuple[int, ...]) -> bool:
        """Do the same for a frame object."""
        if self._layouts.minor == _STACK_DEPTH:
            return self._state(byte_at(head, _FRAME_STATE))
        if byte_at(head, _EXECUTING) or not head[self._layouts.frame.top // WORD]:
            raise Torn(head)
        return bool(half_at(head, self._layouts.frame.position) >> 31)

    def _waits(self, source: Source, generator: int, call: Call) -> bool:
        """Tell whether it waits for another one, and not for its caller."""
        minor = self._layouts.minor
        if minor >= _STATED:
            place = self._layouts.generator_state or 0
            return source.read(generator + place // WORD * WORD, WORD)[place % WORD] == _WAITING[minor]
        at = call.code.start + call.offset + 2
        if minor <= _OLD:
            return self._code_byte(at) == _YIELD_FROM
        return self._code_byte(at + 1) & 3 >= 2  # noqa: PLR2004 - RESUME after a yield from (2) or an await (3)

    def _code_byte(self, address: int) -> int:
        return self._frames.instruction(address)

    def _top(self, source: Source, frame: int, head: tuple[int, ...]) -> int:
        """Give what is on top of a frame's stack of values: what it waits for."""
        layout, minor = self._layouts.frame, self._layouts.minor
        if minor >= _STACK_POINTER:
            end = head[layout.top // WORD]
        elif minor > _OLD:
            end = frame + layout.fast + half_at(head, layout.top) * WORD
        elif minor == _STACK_DEPTH:
            end = head[_VALUE_STACK // WORD] + half_at(head, layout.top) * WORD
        else:
            end = head[layout.top // WORD]
        return word(source, end - (2 if minor >= _INDEXED else 1) * WORD) & _TAGS
