"""What an object holds: its size, a short text and a digest, read from another process's memory to a bounded depth."""

import struct
from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import NamedTuple

from diag.collectors import layout
from diag.collectors.atoms import TUPLE_WITH_HASH, bytes_of, items_of, text_of
from diag.collectors.dicts import Dicts
from diag.collectors.kinds import Kind, Kinds
from diag.collectors.peek import WORD, Peek, Torn, word, words

TEXT = 40
"""Characters of a text that are kept."""

MOST_ATTRIBUTES = 24

_BYTES_DIGESTED = 256
_FIRST_ITEMS, _LAST_ITEMS = 12, 4
_INNER_ITEMS = 8
"""Items of a container that are looked at: of an outer one, and of one that is itself an item or attribute."""

_HEAD = 96
"""Bytes read of an object at first: a short text or number lies in them as a whole."""

_LARGEST_REFCOUNT = 1 << 31
_MASK = (1 << 62) - 1
_LARGEST = 1 << 40
_DIGIT_BITS = 30
_LONG_DIGITS = 8
_LV_TAG = 12
"""Minor version since which an int has its sign in the low bits of a tag."""

_OLD_RESULT, _NEW_RESULT, _EXCEPTION = 56, 64, 48
_NEW_RESULT_STATE = 88
"""Places in a future: its result stands further behind where its state stands at 88 or behind."""

_STATES = ("pending", "cancelled", "finished")
_FUTURE_STATES = {8: 72, 9: 80, 10: 88, 11: 88, 12: 88, 13: 96, 14: 104, 15: 104}

_IMMUTABLE = frozenset({"none", "bool", "int", "float", "str", "bytes"})


class Content(NamedTuple):
    """What is known of an object."""

    kind: Kind | None
    size: int | None
    text: str
    digest: int


UNKNOWN = Content(None, None, "", 0)


class Contents:
    """Reads objects of one process. A look begins with `begin`; within it each object is read once."""

    def __init__(self, peek: Peek, minor: int) -> None:
        self._peek = peek
        self._minor = minor
        self._objects = layout.layout(minor)
        self.kinds = Kinds(peek, minor)
        self.dicts = Dicts(peek, self._objects, minor)
        self._atoms: dict[int, tuple[bytes, Content]] = {}
        self._read: dict[tuple[int, int], Content] = {}
        self._future_state = _FUTURE_STATES[minor]
        self._readers: dict[str, Callable[[int, bytes, Kind, int], Content]] = {
            "none": lambda _address, _head, kind, _depth: Content(kind, None, "None", kind.digest),
            "bool": self._bool,
            "int": self._int,
            "float": self._float,
            "str": self._str,
            "bytes": self._bytes,
            "bytearray": self._bytearray,
            "list": self._list,
            "tuple": self._tuple,
            "dict": self._dict,
            "set": self._set,
            "deque": self._deque,
            "memoryview": self._memoryview,
            "range": self._range,
            "future": self._future,
            "exception": self._exception,
            "function": self._function,
            "method": self._method,
            "cell": self._opaque,
            "generator": self._opaque,
            "module": self._opaque,
            "builtin": self._opaque,
            "type": self._type,
            "object": self._object,
        }

    def begin(self) -> None:
        """Begin a look: what was read in the last one may have changed."""
        self._read.clear()
        if len(self._atoms) > 1 << 15:
            self._atoms.clear()

    def get(self, address: int, depth: int = 2) -> Content:
        """Read the object at an address; `depth` tells how far to follow references.

        Raises:
            Torn: there is none.
        """
        known = self._read.get((address, depth))
        if known is not None:
            return known
        head = self.head(address)
        atom = self._atoms.get(address)
        if atom is not None and atom[0] == head[WORD:]:
            return atom[1]
        kind = self._kind(address, head)
        content = self._readers[kind.what](address, head, kind, depth)
        if kind.what in _IMMUTABLE and not kind.heap and (content.size or 0) <= TEXT:
            self._atoms[address] = (head[WORD:], content)
        else:
            self._read[address, depth] = content
        return content

    def kind_of(self, address: int) -> Kind:
        """Give the type of the object at an address."""
        return self._kind(address, self._peek.read(address, 2 * WORD))

    def head(self, address: int) -> bytes:
        """Read the first bytes of an object; fewer where what is mapped ends behind it."""
        if address % WORD:
            raise Torn(address)
        try:
            return self._peek.read(address, _HEAD)
        except Torn:
            return self._peek.read(address, 3 * WORD)

    def _kind(self, address: int, head: bytes) -> Kind:
        count = int.from_bytes(head[:4], "little")
        if not count:
            raise Torn(address)  # freed
        return self.kinds.get(int.from_bytes(head[8:16], "little"))

    def attributes(self, address: int, kind: Kind) -> list[tuple[str, int]]:
        """Give the names and references of an instance's attributes."""
        return self.dicts.attributes(address, kind, MOST_ATTRIBUTES)

    # Atoms

    def _bool(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        text = "True" if self._number(address, head) else "False"
        return Content(kind, None, text, _digest(kind.digest, text == "True"))

    def _int(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        number = self._number(address, head)
        if kind.heap:
            return self._instance(address, kind, depth, str(number)[:TEXT], (number,))
        return Content(kind, None, str(number)[:TEXT], _digest(kind.digest, number))

    def _number(self, address: int, head: bytes) -> int:
        """Read an int: its sign and number of digits, then digits of 30 bits, the lowest first."""
        tag = int.from_bytes(head[16:24], "little")
        if self._minor >= _LV_TAG:
            count, sign = tag >> 3, 1 - (tag & 3)
        else:
            tag = tag - (1 << 64) if tag >> 63 else tag
            count, sign = abs(tag), (tag > 0) - (tag < 0)
        if count > _LARGEST:
            raise Torn(address)
        count = min(count, _LONG_DIGITS)
        end = 24 + 4 * count
        data = head[24:end] if end <= len(head) else self._peek.read(address + 24, 4 * count)
        value = 0
        for index in range(count):
            value |= int.from_bytes(data[4 * index : 4 * index + 4], "little") << (_DIGIT_BITS * index)
        return sign * value

    def _float(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        (value,) = struct.unpack("<d", head[16:24])
        return Content(
            kind, None, repr(value)[:TEXT], _digest(kind.digest, int.from_bytes(head[16:24], "little"))
        )

    def _str(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        size, text = text_of(self._peek, self._objects, address, _BYTES_DIGESTED)
        number = _of_bytes(text.encode("utf-8", "replace"))
        if kind.heap:
            content = self._instance(address, kind, depth, text[:TEXT], (size, number))
            return content._replace(size=size)
        return Content(kind, size, text[:TEXT], _digest(kind.digest, size, number))

    def _bytes(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        size, data = bytes_of(self._peek, address, _BYTES_DIGESTED)
        return self._octets(kind, size, data, address + 4 * WORD)

    def _bytearray(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        size, start = int.from_bytes(head[16:24], "little"), int.from_bytes(head[40:48], "little")
        if size > _LARGEST:
            raise Torn(address)
        data = self._peek.read(start, min(size, _BYTES_DIGESTED)) if size else b""
        return self._octets(kind, size, data, start)

    def _octets(self, kind: Kind, size: int, data: bytes, start: int) -> Content:
        """Describe bytes by the first and the last of them."""
        more = size - len(data)
        end = (
            self._peek.read(start + size - min(more, _BYTES_DIGESTED), min(more, _BYTES_DIGESTED))
            if more
            else b""
        )
        text = repr(data[:TEXT])[2:-1][:TEXT]
        return Content(kind, size, text, _digest(kind.digest, size, _of_bytes(data + end)))

    def _memoryview(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        start, _, size = words(self._peek, address + 56, 3)
        if size > _LARGEST:
            raise Torn(address)
        data = self._peek.read(start, min(size, _BYTES_DIGESTED)) if size and start else b""
        return Content(kind, size, "", _digest(kind.digest, size, _of_bytes(data)))

    def _range(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        parts = [self.get(part, 0) for part in words(self._peek, address + 16, 4)]
        size = int(parts[3].text) if parts[3].text.isdecimal() else None
        return Content(kind, size, "", _digest(kind.digest, *(part.digest for part in parts)))

    # Containers

    def _list(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        size, items = int.from_bytes(head[16:24], "little"), int.from_bytes(head[24:32], "little")
        if size > _LARGEST:
            raise Torn(address)
        return self._sequence(
            kind, size, lambda first, count: words(self._peek, items + first * WORD, count), depth
        )

    def _tuple(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        size = int.from_bytes(head[16:24], "little")
        if size > _LARGEST:
            raise Torn(address)
        start = address + (32 if self._minor >= TUPLE_WITH_HASH else 24)
        return self._sequence(
            kind, size, lambda first, count: words(self._peek, start + first * WORD, count), depth
        )

    def _sequence(
        self, kind: Kind, size: int, items: Callable[[int, int], Sequence[int]], depth: int
    ) -> Content:
        """Describe a sequence by the first and the last of its items."""
        if not size or not depth:
            return Content(kind, size, "", _digest(kind.digest, size))
        first = _FIRST_ITEMS if depth > 1 else _INNER_ITEMS
        some = list(items(0, min(size, first)))
        if size > first:
            last = min(size - first, _LAST_ITEMS)
            some += items(size - last, last)
        return Content(kind, size, "", _digest(kind.digest, size, *self._digests(some, depth - 1)))

    def _digests(self, addresses: Sequence[int], depth: int) -> list[int]:
        return [self.get(address, depth).digest if address else 0 for address in addresses]

    def _dict(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        size = int.from_bytes(head[16:24], "little")
        if size > _LARGEST:
            raise Torn(address)
        if not size or not depth:
            return Content(kind, size, "", _digest(kind.digest, size))
        some = self.dicts.pairs(address, _FIRST_ITEMS if depth > 1 else _INNER_ITEMS)
        keys = self._digests([key for key, _ in some], 0)
        return Content(
            kind,
            size,
            "",
            _digest(kind.digest, size, *keys, *self._digests([item for _, item in some], depth - 1)),
        )

    def _set(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        used, mask, table = words(self._peek, address + 24, 3)
        if used > _LARGEST or mask > _LARGEST:
            raise Torn(address)
        if not used or not depth:
            return Content(kind, used, "", _digest(kind.digest, used))
        slots = words(self._peek, table, 2 * min(mask + 1, 2 * _FIRST_ITEMS))
        items = [key for key in slots[::2] if key][:_INNER_ITEMS]
        total = 0
        for item in items:  # the order of a set says nothing
            try:
                total += self.get(item, 0).digest
            except Torn:
                continue  # the mark of a removed item
        return Content(kind, used, "", _digest(kind.digest, used, total & _MASK))

    def _deque(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        size = int.from_bytes(head[16:24], "little")
        if size > _LARGEST:
            raise Torn(address)
        if not size or not depth:
            return Content(kind, size, "", _digest(kind.digest, size))
        some = self.deque_items(address, _INNER_ITEMS)
        return Content(kind, size, "", _digest(kind.digest, size, *self._digests(some, depth - 1)))

    def deque_items(self, address: int, most: int) -> list[int]:
        """Give references to the first items of a deque, at most so many, all from its first block."""
        size, left, _, index = words(self._peek, address + 16, 4)
        if index > 64:  # noqa: PLR2004 - items of a block
            raise Torn(address)
        count = min(size, most, 64 - index)
        return list(words(self._peek, left + WORD * (1 + index), count)) if count else []

    # Instances

    def _future(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        state = int.from_bytes(self._peek.read(address + self._future_state, 4), "little")
        if state >= len(_STATES):
            raise Torn(address)
        result = error = 0
        if _STATES[state] == "finished" and depth:
            where = _NEW_RESULT if self._future_state >= _NEW_RESULT_STATE else _OLD_RESULT
            result = word(self._peek, address + where)
            error = word(self._peek, address + _EXCEPTION)
        found = self._digests([result, error], 0)
        return Content(kind, None, _STATES[state], _digest(kind.digest, state, *found))

    def _exception(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        arguments = items_of(self._peek, self._minor, int.from_bytes(head[24:32], "little"), _LAST_ITEMS)
        contents = [self.get(argument, 0) for argument in arguments]
        text = ""
        if contents and contents[0].kind and contents[0].kind.what in ("str", "int"):
            text = contents[0].text
        return Content(kind, None, text, _digest(kind.digest, *(content.digest for content in contents)))

    def _function(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        return Content(kind, None, self.function_name(address)[:TEXT], kind.digest)

    def function_name(self, address: int) -> str:
        """Give the qualified name of a function."""
        where = 104 if self._minor < 10 else 40  # noqa: PLR2004 - `func_qualname` went to the front in 3.10
        return text_of(self._peek, self._objects, word(self._peek, address + where), 4096)[1]

    def _method(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        function = int.from_bytes(head[16:24], "little")
        name = self.function_name(function) if self.kind_of(function).what == "function" else ""
        return Content(kind, None, name[:TEXT], kind.digest)

    def _type(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        return Content(kind, None, self.kinds.get(address).name[:TEXT], self.kinds.get(address).digest)

    def _opaque(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        return Content(kind, None, "", kind.digest)

    def _object(self, address: int, head: bytes, kind: Kind, depth: int) -> Content:
        return self._instance(address, kind, depth, "", ())

    def _instance(self, address: int, kind: Kind, depth: int, text: str, parts: tuple[int, ...]) -> Content:
        """Describe an instance by its attributes, and a member of an enum by its name."""
        if not (kind.members or kind.has_dict) or not (depth or kind.enum):
            return Content(kind, None, text, _digest(kind.digest, *parts))
        found = self.attributes(address, kind)
        if kind.enum:
            name = next((value for name, value in found if name == "_name_"), 0)
            text = self.get(name, 0).text if name else text
            return Content(kind, None, text, _digest(kind.digest, *parts, _of_bytes(text.encode())))
        digests = self._digests([value for _, value in found], depth - 1)
        names = [_of_name(name) for name, _ in found]
        return Content(kind, None, text, _digest(kind.digest, *parts, *names, *digests))


def _digest(*parts: int) -> int:
    """Mix numbers to one of 62 bits, the same in every run (the hash of ints and of their tuples is not random)."""
    return hash(parts) & _MASK


def _of_bytes(data: bytes) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little") & _MASK


_NAMES: dict[str, int] = {}


def _of_name(name: str) -> int:
    known = _NAMES.get(name)
    if known is None:
        known = _NAMES[name] = _of_bytes(name.encode("utf-8", "replace"))
    return known
