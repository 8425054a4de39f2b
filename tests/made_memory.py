"""A memory made by hand, with Python objects as CPython 3.12 lays them out."""

import itertools
import struct
from typing import TYPE_CHECKING

import numpy as np

from diag.collectors import layout
from diag.collectors.memory import Flags, Octets, Words

if TYPE_CHECKING:
    from collections.abc import Callable

BASE = 0x7F00_0000_0000
SPACING = 0x1000
"""Objects stand apart, so that reading beyond one fails as at the end of a mapping."""


class MadeMemory:
    """Bytes at addresses; reads like a process's memory, and counts what it is asked for."""

    def __init__(self) -> None:
        self.pieces: dict[int, bytearray] = {}
        self.calls = 0
        self.runs = 0
        self.before_call: Callable[[int], None] = lambda _number: None
        """Called with the number of each call, so that a test can change the memory while it is read."""
        self.before_run: Callable[[int], None] = lambda _start: None
        """Called with the start of each run of a call."""

    def put(self, address: int, data: bytes) -> int:
        """Place bytes."""
        self.pieces[address] = bytearray(data)
        return address

    def words(self, address: int, *values: int) -> int:
        """Place words."""
        return self.put(address, struct.pack(f"<{len(values)}Q", *values))

    def set_word(self, address: int, value: int) -> None:
        """Change a word that stands somewhere."""
        start = max(start for start in self.pieces if start <= address)
        struct.pack_into("<Q", self.pieces[start], address - start, value)

    def read_runs(self, starts: Words, sizes: Words, into: Octets) -> Flags:
        """Copy runs that lie within one piece."""
        self.before_call(self.calls)
        self.calls += 1
        self.runs += len(starts)
        whole = np.zeros(len(starts), dtype=np.bool_)
        at = 0
        for number, (start, size) in enumerate(zip(starts.tolist(), sizes.tolist(), strict=True)):
            self.before_run(start)
            data = self._within(start, size)
            if data is not None:
                into[at : at + size] = np.frombuffer(data, dtype=np.uint8)
                whole[number] = True
            at += size
        return whole

    def _within(self, start: int, size: int) -> bytes | None:
        for address, data in self.pieces.items():
            if address <= start and start + size <= address + len(data):
                return bytes(data[start - address : start - address + size])
        return None


class MadeHeap:
    """Objects of CPython 3.12 in a `MadeMemory`."""

    minor = 12

    def __init__(self) -> None:
        self.memory = MadeMemory()
        self.offsets = layout.layout(self.minor)
        self.task = layout.TASKS[self.minor, 176]
        self._places = itertools.count(BASE, SPACING)
        self.type_type = self._type("type", 0, flags=layout.TPFLAGS_TYPE_SUBCLASS)
        self.memory.set_word(self.type_type + layout.OB_TYPE, self.type_type)
        self.str_type = self._type("str", self.type_type)
        self.code_type = self._type("code", self.type_type)
        self.coroutine_type = self._type("coroutine", self.type_type)
        self.task_type = self._type("_asyncio.Task", self.type_type, size=176)
        self.loop = self.object(self._type("Loop", self.type_type), 0, 0)

    def place(self) -> int:
        """Give a place where nothing stands."""
        return next(self._places)

    def object(self, kind: int, *fields: int, references: int = 1) -> int:
        """Place an object: its fields are words behind the head."""
        return self.memory.words(self.place(), references, kind, *fields)

    def type(self, name: str, *, base: int = 0, size: int = 64) -> int:
        """Place a type object."""
        return self._type(name, self.type_type, base=base, size=size)

    def _type(self, name: str, meta: int, *, flags: int = 0, base: int = 0, size: int = 64) -> int:
        text = self.memory.put(self.place(), name.encode() + b"\0" * 128)
        words = [0] * 40
        words[0:2] = 1, meta
        words[layout.TP_NAME // 8] = text
        words[layout.TP_BASICSIZE // 8] = size
        words[layout.TP_FLAGS // 8] = flags
        words[layout.TP_BASE // 8] = base
        return self.memory.words(self.place(), *words)

    def string(self, text: str) -> int:
        """Place a compact str, as narrow as its characters allow."""
        widest = max(map(ord, text), default=0)
        kind = 1 if widest < 1 << 8 else 2 if widest < 1 << 16 else 4
        plain = widest < 1 << 7
        state = kind << 2 | 1 << 5 | plain << 6
        head = struct.pack("<5Q", 1, self.str_type, len(text), 0, state)
        encoding = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}[kind]
        gap = bytes((self.offsets.str_ascii if plain else self.offsets.str_other) - len(head))
        address = self.place()
        for _ in range(len(text) * kind // SPACING):
            self.place()  # taken by this one
        return self.memory.put(address, head + gap + text.encode(encoding) + bytes(kind))

    def code(self, file: str, line: int) -> int:
        """Place a code object."""
        words = [0] * (self.offsets.code_file // 8 + 1)
        words[0:2] = 1, self.code_type
        words[self.offsets.code_line // 8] = line << (self.offsets.code_line % 8 * 8)
        words[self.offsets.code_file // 8] = self.string(file)
        return self.memory.words(self.place(), *words)

    def coroutine(self, name: int, code: int = 0, *, kind: int = 0, references: int = 1) -> int:
        """Place a coroutine, with its qualified name given as the address of a str."""
        words = [0] * self.offsets.coro_words
        words[0:2] = references, kind or self.coroutine_type
        words[self.offsets.coro_name // 8] = words[self.offsets.coro_name // 8 + 1] = name
        words[self.offsets.coro_code // 8] = code
        return self.memory.words(self.place(), *words)

    def task_object(
        self, coro: int, state: int = layout.PENDING, *, references: int = 1, name: int | None = None
    ) -> int:
        """Place a C task."""
        words = [0] * (self.task.words)
        words[0:3] = references, self.task_type, self.loop
        words[self.task.state // 8] = state << (self.task.state % 8 * 8)
        words[self.task.coro // 8] = coro
        words[self.task.name // 8] = self.string("Task-1") if name is None else name
        return self.memory.words(self.place(), *words)
