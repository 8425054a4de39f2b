"""What objects hold: size, a short text and a digest, read from another process's memory to a bounded depth."""

from collections.abc import Callable, Sequence

from diag.collectors import containers, instances, layout, scalars
from diag.collectors.content import TEXT, Content, Item, Reading
from diag.collectors.dicts import Dicts
from diag.collectors.kinds import Kind, Kinds
from diag.collectors.peek import WORD, Source, Torn

MOST_ATTRIBUTES = 24

DEPTH = 2
"""References followed from a variable: to items or attributes, and to theirs."""

_HEAD = 96
"""Bytes read of an object at first: a short text or number lies in them as a whole."""

_MOST_ATOMS = 1 << 15

_IMMUTABLE = frozenset({"none", "bool", "int", "float", "str", "bytes"})

_READERS: dict[str, Callable[[Reading, Item], Content]] = {
    "none": scalars.none,
    "bool": scalars.boolean,
    "int": scalars.integer,
    "float": scalars.real,
    "str": scalars.string,
    "bytes": scalars.octets,
    "bytearray": scalars.bytearray_,
    "memoryview": scalars.memoryview_,
    "range": scalars.range_,
    "steps": scalars.steps,
    "list": containers.derived(containers.list_),
    "tuple": containers.tuple_,
    "dict": containers.derived(containers.dict_),
    "set": containers.set_,
    "deque": containers.deque,
    "future": instances.future,
    "exception": instances.exception,
    "function": instances.function,
    "method": instances.method,
    "type": instances.type_,
    "object": instances.object_,
}
"""By `Kind.what`; the others are opaque."""


class Contents:
    """Reads objects of one process. A look begins with `begin`; within it each object is read once."""

    def __init__(self, source: Source, minor: int) -> None:
        self.source = source
        self.minor = minor
        self.objects = layout.layout(minor)
        self.kinds = Kinds(source, minor)
        self.dicts = Dicts(source, self.objects, minor)
        self._atoms: dict[int, tuple[bytes, Content]] = {}
        self._read: dict[tuple[int, int], Content] = {}
        self._attributes: dict[tuple[int, int], list[tuple[str, int]]] = {}

    def begin(self) -> None:
        """Begin a look: what was read in the last one may have changed."""
        self._read.clear()
        self._attributes.clear()
        self.kinds.begin()
        self.dicts.begin()
        if len(self._atoms) > _MOST_ATOMS:
            self._atoms.clear()

    def get(self, address: int, depth: int = DEPTH) -> Content:
        """Read the object at an address.

        Args:
            address: of the object.
            depth: how far references are followed.

        Raises:
            Torn: there is none.
        """
        known = self._read.get((address, depth))
        if known is not None:
            return known
        head = self._head(address)
        atom = self._atoms.get(address)
        if atom is not None and atom[0] == head[WORD:]:
            self._read[address, depth] = atom[1]
            return atom[1]
        kind = self._kind(address, head)
        content = _READERS.get(kind.what, instances.opaque)(self, Item(address, head, kind, depth))
        if kind.what in _IMMUTABLE and not kind.heap and (content.size or 0) <= TEXT:
            self._atoms[address] = (head[WORD:], content)
        self._read[address, depth] = content
        return content

    def digests(self, addresses: Sequence[int], depth: int) -> list[int]:
        """Give the digests of the objects at addresses; 0 for none."""
        return [self.get(address, depth).digest if address else 0 for address in addresses]

    def kind_of(self, address: int) -> Kind:
        """Give the type of the object at an address."""
        return self._kind(address, self.source.read(address, 2 * WORD))

    def attributes(self, address: int, kind: Kind, most: int = MOST_ATTRIBUTES) -> list[tuple[str, int]]:
        """Give the names and references of an instance's attributes, at most so many."""
        known = self._attributes.get((address, most))
        if known is None:
            known = self._attributes[address, most] = self.dicts.attributes(address, kind, most)
        return known

    def _head(self, address: int) -> bytes:
        """Read the first bytes of an object; fewer where what is mapped ends behind it."""
        if address % WORD:
            raise Torn(address)
        try:
            return self.source.read(address, _HEAD)
        except Torn:
            return self.source.read(address, 3 * WORD)

    def _kind(self, address: int, head: bytes) -> Kind:
        if not int.from_bytes(head[:4], "little"):
            raise Torn(address)  # freed: no reference is left
        return self.kinds.get(int.from_bytes(head[8:16], "little"))
