"""Readers of containers: their size, and a digest of the first and the last of their items."""

from collections.abc import Callable, Sequence

from diag.collectors.atoms import TUPLE_WITH_HASH
from diag.collectors.content import LARGEST, Content, Item, Reading, digest
from diag.collectors.instances import instance
from diag.collectors.peek import WORD, Source, Torn, words

_FIRST, _LAST = 12, 4
_INNER = 6
"""Items that are looked at: of an outer container, and of one that is itself an item or an attribute."""

_BLOCK = 64
"""Items of a block of a deque."""

_SLOTS = 32
"""Slots of a set that are looked at."""


def list_(reading: Reading, item: Item) -> Content:
    """Read a list."""
    items = words(reading.source, item.address + 3 * WORD, 1)[0]
    return _sequence(reading, item, lambda first, count: words(reading.source, items + first * WORD, count))


def tuple_(reading: Reading, item: Item) -> Content:
    """Read a tuple."""
    start = item.address + WORD * (4 if reading.minor >= TUPLE_WITH_HASH else 3)
    return _sequence(reading, item, lambda first, count: words(reading.source, start + first * WORD, count))


def _sequence(reading: Reading, item: Item, items: Callable[[int, int], Sequence[int]]) -> Content:
    size = item.word(2)
    if size > LARGEST:
        raise Torn(item.address)
    if not size or not item.depth:
        return _plain(item, size)
    first = _FIRST if item.depth > 1 else _INNER
    some = list(items(0, min(size, first)))
    if size > first:
        last = min(size - first, _LAST)
        some += items(size - last, last)
    return _plain(item, size, *reading.digests(some, item.depth - 1))


def _plain(item: Item, size: int, *parts: int) -> Content:
    return Content(item.kind, size, "", digest(item.kind.digest, size, *parts))


def dict_(reading: Reading, item: Item) -> Content:
    """Read a dict."""
    size = item.word(2)
    if size > LARGEST:
        raise Torn(item.address)
    if not size or not item.depth:
        return _plain(item, size)
    some = reading.dicts.pairs(item.address, _FIRST if item.depth > 1 else _INNER)
    keys = reading.digests([key for key, _ in some], 0)
    return _plain(item, size, *keys, *reading.digests([value for _, value in some], item.depth - 1))


def set_(reading: Reading, item: Item) -> Content:
    """Read a set, whose order says nothing."""
    used, mask, table = words(reading.source, item.address + 3 * WORD, 3)
    if used > LARGEST or mask > LARGEST:
        raise Torn(item.address)
    if not used or not item.depth:
        return _plain(item, used)
    slots = words(reading.source, table, 2 * min(mask + 1, _SLOTS))
    total = 0
    for key in [key for key in slots[::2] if key][:_INNER]:
        try:
            total += reading.get(key, 0).digest
        except Torn:
            continue  # the mark of a removed item
    return _plain(item, used, digest(total))


def deque(reading: Reading, item: Item) -> Content:
    """Read a deque."""
    size = item.word(2)
    if size > LARGEST:
        raise Torn(item.address)
    if not size or not item.depth:
        return _plain(item, size)
    some = deque_items(reading.source, item.address, _INNER)
    return _plain(item, size, *reading.digests(some, item.depth - 1))


def deque_items(source: Source, address: int, most: int) -> list[int]:
    """Give references to the first items of a deque, at most so many, all of them from its first two blocks."""
    size, left, _, index = words(source, address + 2 * WORD, 4)
    if index > _BLOCK or size > LARGEST:
        raise Torn(address)
    wanted = min(size, most)
    block = words(source, left, _BLOCK + 2)  # a link to the left, the items, a link to the right
    found = list(block[1 + index : 1 + min(index + wanted, _BLOCK)])
    if len(found) < wanted:
        found += words(source, block[-1] + WORD, min(wanted - len(found), _BLOCK))
    return found


def derived(reader: Callable[[Reading, Item], Content]) -> Callable[[Reading, Item], Content]:
    """Make a reader that also looks at the attributes of instances of derived types."""

    def read(reading: Reading, item: Item) -> Content:
        content = reader(reading, item)
        if item.kind.has_dict and item.depth:
            return instance(reading, item, content.text, content.digest)._replace(size=content.size)
        return content

    return read
