"""What is known of an object in another process, and what the readers of the various types share."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple, Protocol

from diag.collectors import layout
from diag.collectors.dicts import Dicts
from diag.collectors.kinds import Kind, Kinds
from diag.collectors.peek import Source

TEXT = 40
"""Characters of a text that are kept."""

LARGEST = 1 << 40
"""A size that is not believed."""

_MASK = (1 << 62) - 1


class Item(NamedTuple):
    """An object that is being read."""

    address: int
    head: bytes
    """Its first bytes, three words at least."""
    kind: Kind
    depth: int
    """How far references are followed."""

    def word(self, number: int) -> int:
        """Give one of the first three words."""
        return int.from_bytes(self.head[8 * number : 8 * number + 8], "little")


class Content(NamedTuple):
    """What is known of an object."""

    kind: Kind
    size: int | None
    text: str
    digest: int


class Reading(Protocol):
    """What a reader of one type needs to read others."""

    source: Source
    minor: int
    objects: layout.Layout
    kinds: Kinds
    dicts: Dicts

    def get(self, address: int, depth: int) -> Content:
        """Read the object at an address."""
        ...

    def kind_of(self, address: int) -> Kind:
        """Give the type of the object at an address."""
        ...

    def digests(self, addresses: Sequence[int], depth: int) -> list[int]:
        """Give the digests of the objects at addresses; 0 for none."""
        ...

    def attributes(self, address: int, kind: Kind, most: int = ...) -> list[tuple[str, int]]:
        """Give the names and references of an instance's attributes, at most so many."""
        ...


def digest(*parts: int) -> int:
    """Mix numbers to one of 62 bits, the same in every run (the hash of ints and of their tuples is not random)."""
    return hash(parts) & _MASK


def digest_of(data: bytes) -> int:
    """Give the digest of bytes."""
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little") & _MASK


@lru_cache(maxsize=1 << 13)
def digest_of_name(name: str) -> int:
    """Give the digest of a name that is met again and again."""
    return digest_of(name.encode("utf-8", "replace"))
