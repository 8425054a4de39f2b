"""The types of a process's objects: what is in an instance, and where, read once for each type."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

from diag.collectors import layout
from diag.collectors.peek import WORD, Source, Torn, words

_NAME_BYTES = 96
_MARK = 3 * WORD
"""Bytes by which a type is told from another one in its place: its name and the sizes of its instances."""

_MEMBER = 40
_MOST_MEMBERS = 32
_OBJECT_MEMBERS = frozenset({6, 16})
"""Kinds of PyMemberDef that hold a reference: T_OBJECT and T_OBJECT_EX."""

_MOST_BASES = 24

_TP_MEMBERS, _TP_BASE, _TP_DICT = 240, 256, 264
_HEAP_TYPE = 1 << 9
_MANAGED_DICT = 1 << 4
_INLINE_VALUES = 1 << 2

_SUBCLASSES = {
    24: "int",
    25: "list",
    26: "tuple",
    27: "bytes",
    28: "str",
    29: "dict",
    30: "exception",
    31: "type",
}
"""Bits of a type's flags that tell what it is derived from."""

_NAMED = {
    "NoneType": "none",
    "bool": "bool",
    "float": "float",
    "bytearray": "bytearray",
    "set": "set",
    "frozenset": "set",
    "collections.deque": "deque",
    "memoryview": "memoryview",
    "_asyncio.Future": "future",
    "_asyncio.Task": "future",
    "cell": "cell",
    "function": "function",
    "method": "method",
    "builtin_function_or_method": "builtin",
    "module": "module",
    "coroutine": "generator",
    "generator": "generator",
    "async_generator": "generator",
    "range": "range",
    "list_iterator": "steps",
    "list_reverseiterator": "steps",
    "tuple_iterator": "steps",
    "str_iterator": "steps",
    "str_ascii_iterator": "steps",
    "bytes_iterator": "steps",
    "bytearray_iterator": "steps",
    "iterator": "steps",
    "enumerate": "steps",
    "reversed": "steps",
    "range_iterator": "steps",
    "itertools.count": "steps",
    "_io.BytesIO": "steps",
    "_io.StringIO": "steps",
}
"""Static types that an instance's type is, or is derived from."""

_PLUMBING = {"BaseEventLoop", "Logger", "uvloop.loop.Loop"}
"""Types whose instances are not looked into: an event loop is described apart, a logger says nothing of a loop."""

_ENUMS = frozenset({"EnumMeta", "EnumType"})

_CACHED_KEYS = {11: 872, 12: 880, 13: 880, 14: 880, 15: 888}
"""In a class, the names of its instances' attributes, by minor version."""


@dataclass(slots=True)
class Kind:
    """A type."""

    address: int
    name: str
    what: str
    """What is known of its instances: a value of `_NAMED`, of `_SUBCLASSES`, "plumbing" or "object"."""
    size: int
    item_size: int
    dict_offset: int
    managed: bool
    inline: bool
    """Whether attributes stand in front of an instance, and right behind it."""
    enum: bool
    members: tuple[tuple[str, int], ...]
    """Names and places of references that are attributes (`__slots__`)."""
    digest: int
    bases: tuple[str, ...]
    """Names of the types that it is derived from, its own first."""
    sizes: tuple[int, ...]
    """Bytes of their instances."""
    cached_keys: int
    """Where in the type the names of attributes are that its instances share; 0 for none."""
    type_dict: int
    heap: bool
    """Whether it was made by a class statement, or like one."""

    @property
    def has_dict(self) -> bool:
        """Whether instances have a `__dict__`."""
        return self.managed or self.dict_offset != 0

    @property
    def has_attributes(self) -> bool:
        """Whether instances have attributes that can be read."""
        return self.has_dict or bool(self.members) or (self.heap and self.what == "tuple")


class _Base(NamedTuple):
    name: str
    size: int
    members: int


class Kinds:
    """The types of a process."""

    def __init__(self, source: Source, minor: int) -> None:
        self._source = source
        self._minor = minor
        self._known: dict[int, tuple[bytes, Kind]] = {}
        self._checked: set[int] = set()

    def begin(self) -> None:
        """Begin a look: types that are known are checked again."""
        self._checked.clear()

    def get(self, address: int) -> Kind:
        """Give the type at an address.

        Raises:
            Torn: there is none.
        """
        known = self._known.get(address)
        if known is not None and address in self._checked:
            return known[1]
        mark = self._source.read(address + layout.TP_NAME, _MARK)
        if known is None or known[0] != mark:
            known = self._known[address] = (mark, self._read(address))
        self._checked.add(address)
        return known[1]

    def _read(self, address: int) -> Kind:
        table = words(self._source, address, 40)
        meta = words(self._source, table[1], layout.TP_FLAGS // WORD + 1)
        flags = table[layout.TP_FLAGS // WORD]
        if not meta[-1] & layout.TPFLAGS_TYPE_SUBCLASS:
            raise Torn(address)
        name = self.c_string(table[layout.TP_NAME // WORD])
        bases = self._bases(address)
        offset = table[layout.TP_DICTOFFSET // WORD]
        heap = bool(flags & _HEAP_TYPE)
        what = self._what(flags, [base.name for base in bases])
        return Kind(
            address=address,
            name=name,
            what=what,
            size=table[layout.TP_BASICSIZE // WORD],
            item_size=table[layout.TP_ITEMSIZE // WORD],
            dict_offset=offset - (1 << 64) if offset >> 63 else offset,
            managed=self._minor >= layout.MANAGED_DICT and bool(flags & _MANAGED_DICT),
            inline=self._minor >= layout.INLINE_VALUES and bool(flags & _INLINE_VALUES),
            enum=self.c_string(meta[layout.TP_NAME // WORD]) in _ENUMS,
            members=self._members(bases) if heap or name == "functools.partial" else (),
            digest=int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little") >> 2,
            bases=tuple(base.name for base in bases),
            sizes=tuple(base.size for base in bases),
            cached_keys=_CACHED_KEYS.get(self._minor, 0) if heap else 0,
            type_dict=table[_TP_DICT // WORD],
            heap=heap,
        )

    def _what(self, flags: int, bases: list[str]) -> str:
        if not _PLUMBING.isdisjoint(bases):
            return "plumbing"
        for base in bases:
            if base in _NAMED:
                return _NAMED[base]
        for bit, what in _SUBCLASSES.items():
            if flags >> bit & 1:
                return what
        return "object"

    def _bases(self, address: int) -> list[_Base]:
        """Follow the first bases, from the type itself on."""
        found: list[_Base] = []
        while address and len(found) < _MOST_BASES:
            table = words(self._source, address, _TP_BASE // WORD + 1)
            name = self.c_string(table[layout.TP_NAME // WORD])
            found.append(_Base(name, table[layout.TP_BASICSIZE // WORD], table[_TP_MEMBERS // WORD]))
            address = table[_TP_BASE // WORD]
        return found

    def _members(self, bases: list[_Base]) -> tuple[tuple[str, int], ...]:
        """Read names and places of the references that the types define as members."""
        found = []
        for base in bases:
            for number in range(_MOST_MEMBERS if base.members else 0):
                name, kind, offset = words(self._source, base.members + number * _MEMBER, 3)
                if not name:
                    break
                text = self.c_string(name)
                if kind & 0xFFFFFFFF in _OBJECT_MEMBERS and not text.startswith("__"):
                    found.append((text, offset))
        return tuple(found)

    def c_string(self, address: int) -> str:
        """Read a text that ends with a zero byte; it may lie at the end of what is mapped."""
        for size in (_NAME_BYTES, 16, 1):
            try:
                data = self._source.read(address, size)
            except Torn:
                continue
            return data.partition(b"\0")[0].decode("utf-8", "replace")
        raise Torn(address)
