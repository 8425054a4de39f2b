"""Names and places of Python objects in another process's memory, many at once and each checked before it is believed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from diag.collectors import layout
from diag.collectors.memory import WORD, Reader, Words, gather, read_pieces

LONGEST = 4096
"""Characters of a name that are read; a longer one is cut."""

_TYPE_NAME_BYTES = 128

_KINDS = {1: "latin-1", 2: "utf-16-le", 4: "utf-32-le"}
"""Bytes a character of a compact str, and how they are encoded."""

_COMPACT, _ASCII = 1 << 5, 1 << 6
"""Bits of the state word of a str."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where code is defined."""

    file: str
    line: int


class Objects:
    """Types, strings and code objects of one process, each read once.

    Only for what outlives a look: type and code objects, names of functions.
    """

    def __init__(self, reader: Reader, offsets: layout.Layout) -> None:
        self._reader = reader
        self._offsets = offsets
        self._types: dict[int, str | None] = {0: None}

    def type_names(self, addresses: Iterable[int]) -> dict[int, str | None]:
        """Name the types at addresses (`tp_name`); None for what is no type object."""
        wanted = set(addresses)
        fresh = sorted(wanted - self._types.keys())
        if fresh:
            self._types.update(zip(fresh, self._read_types(fresh), strict=True))
        return {address: self._types[address] for address in wanted}

    def _read_types(self, addresses: Sequence[int]) -> list[str | None]:
        types, whole = gather(self._reader, np.array(addresses, dtype=np.uint64), layout.TP_FLAGS // WORD + 1)
        metas, meta_whole = gather(
            self._reader, types[:, layout.OB_TYPE // WORD], layout.TP_FLAGS // WORD + 1
        )
        good = whole & meta_whole & ((metas[:, -1] & np.uint64(layout.TPFLAGS_TYPE_SUBCLASS)) != 0)
        return [
            self._c_string(int(name)) if fine else None
            for name, fine in zip(types[:, layout.TP_NAME // WORD].tolist(), good.tolist(), strict=True)
        ]

    def _c_string(self, address: int) -> str | None:
        """Read a short string that ends with a zero byte; it may lie at the end of what is mapped."""
        for size in (_TYPE_NAME_BYTES, 16, 1):
            piece = read_pieces(self._reader, [(address, size)])[0] if address else None
            if piece is not None:
                name = piece.partition(b"\0")[0].decode("utf-8", "replace")
                return name if name.isprintable() and name else None
        return None

    def types_of(self, addresses: Words) -> Words:
        """Give the addresses of the types of the objects at addresses, 0 for what cannot be read."""
        return gather(self._reader, addresses, 2)[0][:, layout.OB_TYPE // WORD]

    def strings(self, addresses: Iterable[int]) -> dict[int, str | None]:
        """Read the str objects at addresses; None for what is no compact str."""
        unique = sorted(set(addresses))
        headers, whole = gather(self._reader, np.array(unique, dtype=np.uint64), 5)
        names = self.type_names(set(headers[:, 1].tolist()))
        found: dict[int, tuple[int, int, str]] = {}
        for address, fine, header in zip(unique, whole.tolist(), headers.tolist(), strict=True):
            if fine and names[header[1]] == "str":
                text = self._text(address, header[2], header[4] & 0xFFFFFFFF)
                if text:
                    found[address] = text
        pieces = read_pieces(self._reader, [(start, size) for start, size, _ in found.values()])
        texts = {
            address: piece.decode(encoding, "replace")
            for (address, (_, _, encoding)), piece in zip(found.items(), pieces, strict=True)
            if piece is not None
        }
        return {address: texts.get(address) for address in unique}

    def _text(self, address: int, length: int, state: int) -> tuple[int, int, str] | None:
        """Tell (start, bytes, encoding) of the characters of a str; None where its header makes no sense."""
        kind = state >> 2 & 7
        if not state & _COMPACT or kind not in _KINDS or not 0 < length < 1 << 32:
            return None
        start = self._offsets.str_ascii if state & _ASCII else self._offsets.str_other
        return address + start, min(length, LONGEST) * kind, _KINDS[kind]

    def places(self, addresses: Iterable[int]) -> dict[int, Place | None]:
        """Read where the code objects at addresses are defined; None for what is no code object."""
        unique = sorted(set(addresses))
        offsets = self._offsets
        words, whole = gather(self._reader, np.array(unique, dtype=np.uint64), offsets.code_file // WORD + 1)
        names = self.type_names(set(words[:, 1].tolist()))
        code = {
            address: (
                row[offsets.code_file // WORD],
                _half(row[offsets.code_line // WORD], offsets.code_line),
            )
            for address, fine, row in zip(unique, whole.tolist(), words.tolist(), strict=True)
            if fine and names[row[1]] == "code"
        }
        files = self.strings(file for file, _ in code.values())
        places: dict[int, Place | None] = dict.fromkeys(unique)
        for address, (file, line) in code.items():
            text = files[file]
            if text is not None:
                places[address] = Place(text, line)
        return places


def _half(word: int, offset: int) -> int:
    """Take the 32 bits at a byte offset out of the word around it."""
    return word >> (offset % WORD * 8) & 0xFFFFFFFF
