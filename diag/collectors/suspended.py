"""How far coroutines and generators got, many at once: suspended at which instruction, and awaiting what.

Offsets are those of 64-bit release builds, from Include/internal/pycore_genobject.h, pycore_frame.h and
pycore_interpframe.h (since 3.11), Include/cpython/genobject.h and frameobject.h (before). What is awaited is on top
of a suspended frame's stack, if the instruction there awaits: `_PyGen_yf` of each version.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from diag.collectors.memory import WORD, Flags, Reader, Words, gather, read_pieces

UNKNOWN, NOT_STARTED, SUSPENDED, RUNNING = range(4)
"""Whether a coroutine began, waits or runs; a finished one is unknown."""

_BYTE = np.uint64(0xFF)
_HALF = np.uint64(0xFFFFFFFF)
_TAGS = np.uint64(7)
"""Bits of a reference on the stack that are no part of the address, since 3.14."""

_LARGEST_STACK = 1 << 16
"""Words of locals and stack above which a frame is not believed."""

_CODE_BYTES, _BYTES_DATA, _YIELD_FROM = 48, 32, 72
"""Offsets of `co_code` and of the content of a bytes object; the instruction that awaits. Up to 3.10."""


_ODD = 0x9E37_79B9_7F4A_7C15


@dataclass(frozen=True, slots=True)
class Steps:
    """How far coroutines got, a row each."""

    states: Words
    """UNKNOWN ... RUNNING."""
    offsets: Words
    """Bytes from the start of the bytecode to the instruction, of the suspended ones; 2**64 - n for one before."""
    awaited: Words
    """Addresses of what the suspended ones await; 0 for a bare `yield`, and where it could not be read."""


class StepReader(Protocol):
    """Whoever reads how far coroutines got."""

    def steps(self, addresses: Words, heads: Words, codes: Words) -> Steps:
        """Read it of the coroutines at addresses, given their first words (`Layout.coro_head`) and their code objects."""
        ...


def step_reader(reader: Reader, minor: int) -> StepReader:
    """Give the one for CPython 3.`minor`."""
    return Holding(reader, minor) if minor >= _OLDEST_HOLDING else Referring(reader, minor)


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame as part of its coroutine."""

    state: int
    """Byte that tells what the coroutine does."""
    not_started: int
    suspended: int
    awaiting: int | None
    """Its values; None where the state does not tell `await` from `yield`."""
    running: int
    instruction: int
    """Address of the instruction."""
    top: int
    """Depth of the stack with the locals, or since 3.14 its end."""
    locals: int
    bytecode: int
    """Offset in the code object."""
    above: int = 0
    """Words on the stack above what is awaited."""


_OLDEST_HOLDING, _NEWEST_HOLDING, _POINTS_TO_TOP = 11, 15, 14

_FRAMES = {
    11: _Frame(75, 0xFE, 0xFF, None, 0, 136, 144, 152, 184),
    12: _Frame(67, 0xFE, 0xFF, None, 0, 128, 136, 144, 192),
    13: _Frame(67, 0xFD, 0xFE, 0xFF, 0, 128, 136, 144, 200),
    14: _Frame(67, 0xFD, 0xFE, 0xFF, 0, 128, 136, 152, 208),
    15: _Frame(67, 0, 1, 2, 4, 128, 136, 152, 208, above=1),
}


class Holding:
    """Reads coroutines that hold their frame: CPython 3.11 and later."""

    def __init__(self, reader: Reader, minor: int) -> None:
        self._reader = reader
        self._frame = _FRAMES[min(minor, _NEWEST_HOLDING)]
        self._points = minor >= _POINTS_TO_TOP

    def steps(self, addresses: Words, heads: Words, codes: Words) -> Steps:
        """Read them."""
        frame = self._frame
        state = heads[:, frame.state // WORD] >> np.uint64(frame.state % WORD * 8) & _BYTE
        instructions = heads[:, frame.instruction // WORD]
        awaits = state == np.uint64(frame.suspended if frame.awaiting is None else frame.awaiting)
        suspended = awaits | (state == np.uint64(frame.suspended))
        if frame.awaiting is None:
            awaits &= self._awaiting(instructions)
        states = np.full(len(addresses), UNKNOWN, dtype=np.uint64)
        states[state == np.uint64(frame.not_started)] = NOT_STARTED
        states[state == np.uint64(frame.running)] = RUNNING
        states[suspended] = SUSPENDED
        slots = np.where(awaits, self._slots(addresses, heads), np.uint64(0))
        awaited = gather(self._reader, slots, 1)[0][:, 0] & ~_TAGS
        return Steps(states, instructions - codes - np.uint64(frame.bytecode), awaited)

    def _slots(self, addresses: Words, heads: Words) -> Words:
        """Give the places on the stacks where what is awaited stands; 0 where a stack makes no sense."""
        frame = self._frame
        top = heads[:, frame.top // WORD]
        if not self._points:
            depth = top & _HALF
            sane = (depth > 0) & (depth < _LARGEST_STACK)
            return np.where(
                sane, addresses + np.uint64(frame.locals - WORD) + depth * np.uint64(WORD), np.uint64(0)
            )
        size = top - addresses - np.uint64(frame.locals)
        sane = (size > 0) & (size < _LARGEST_STACK * WORD)
        return np.where(sane, top - np.uint64((1 + frame.above) * WORD), np.uint64(0))

    def _awaiting(self, instructions: Words) -> Flags:
        """Tell by the instruction behind: RESUME, whose argument is 2 behind `yield from`, and 3 behind `await`."""
        unique, rows = np.unique(instructions, return_inverse=True)
        pieces = read_pieces(self._reader, [(address + 3, 1) for address in unique.tolist()])
        waits = np.array([piece is not None and piece[0] & 3 >= 2 for piece in pieces], dtype=np.bool_)  # noqa: PLR2004 - as above
        return waits[rows]


class Referring:
    """Reads coroutines that refer to their frame: CPython 3.8-3.10."""

    _REFERENCE = 16

    def __init__(self, reader: Reader, minor: int) -> None:
        self._reader = reader
        self._counts_depth = minor >= 10  # noqa: PLR2004 - before, the frame refers to the top of its stack
        self._frame_words = 14

    def steps(self, addresses: Words, heads: Words, codes: Words) -> Steps:
        """Read them."""
        frames, _ = gather(self._reader, heads[:, self._REFERENCE // WORD], self._frame_words)
        alive = (frames[:, 4] == codes) & (codes != 0)
        stack, offsets, running = self._depths(frames, heads)
        states = np.full(len(addresses), UNKNOWN, dtype=np.uint64)
        before = offsets >> np.uint64(63) != 0
        suspended = alive & ~before & ~running & (stack != 0)
        states[alive & before] = NOT_STARTED
        states[alive & running] = RUNNING
        states[suspended] = SUSPENDED
        waits = suspended & self._awaiting(codes, offsets)
        slots = np.where(waits, stack - np.uint64(WORD), np.uint64(0))
        return Steps(states, offsets, gather(self._reader, slots, 1)[0][:, 0])

    def _depths(self, frames: Words, heads: Words) -> tuple[Words, Words, Flags]:
        """Give the ends of the stacks, the offsets of the instructions, and which frames run."""
        if self._counts_depth:
            depth = frames[:, 10] & _HALF
            offsets = (frames[:, 12] & _HALF).astype(np.uint32).view(np.int32).astype(np.int64) * 2
            stack = np.where(depth > 0, frames[:, 8] + depth * np.uint64(WORD), np.uint64(0))
            running = (frames[:, 13] >> np.uint64(32)) & _BYTE == 0
            return stack, offsets.view(np.uint64), running
        offsets = (frames[:, 13] & _HALF).astype(np.uint32).view(np.int32).astype(np.int64)
        return frames[:, 9], offsets.view(np.uint64), heads[:, 3] & _BYTE != 0

    def _awaiting(self, codes: Words, offsets: Words) -> Flags:
        """Tell by the instruction that follows: YIELD_FROM goes on with what it awaits."""
        mixed = codes * np.uint64(_ODD) ^ offsets  # one column to sort by; equal pairs mix equally
        _, first, rows = np.unique(mixed, return_index=True, return_inverse=True)
        some, behind = codes[first], offsets[first] + np.uint64(_BYTES_DATA + 2)
        contents, _ = gather(self._reader, some + np.uint64(_CODE_BYTES), 1)
        known = (contents[:, 0] != 0) & (behind < 1 << 32)
        places = np.where(known, contents[:, 0] + behind, np.uint64(0))
        pieces = read_pieces(self._reader, [(place, 1) for place in places.tolist()])
        waits = np.array([piece is not None and piece[0] == _YIELD_FROM for piece in pieces], dtype=np.bool_)
        return waits[rows]
