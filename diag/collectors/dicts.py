"""Dicts and instances' attributes of one process, one at a time, as each version keeps them."""

from diag.collectors import layout
from diag.collectors.atoms import items_of, text_of
from diag.collectors.kinds import Kind
from diag.collectors.peek import WORD, Source, Torn, word, words

_LARGEST = 1 << 24
_LONGEST_NAME = 128
_MOST_KEYS = 512
_MOST_GLOBALS = 4096
_INDEX_SIZES = ((0xFF, 1), (0xFFFF, 2), (0xFFFF_FFFF, 4))
_FIELDS = frozenset({"_fields"})
_SIGNED = 1 << 63

Pairs = list[tuple[int, int]]


class Dicts:
    """Reads dicts and attributes."""

    def __init__(self, source: Source, objects: layout.Layout, minor: int) -> None:
        self._source = source
        self._objects = objects
        self._minor = minor
        self._names: dict[int, tuple[bytes, str]] = {}
        self._checked: set[int] = set()
        self._keys: dict[tuple[int, int], tuple[int, ...]] = {}
        self._field_names: dict[int, tuple[int, ...]] = {}
        self._found: dict[tuple[int, int, frozenset[str]], Pairs] = {}

    def pairs(self, address: int, most: int) -> Pairs:
        """Give the references to keys and values of the dict at an address, at most so many, in its order.

        Raises:
            Torn: it is no dict, or changed meanwhile.
        """
        head = words(self._source, address, 6)
        used, keys, values = head[2], head[4], head[5]
        if used > _LARGEST:
            raise Torn(address)
        if not used:
            return []
        start, stride, count = self._entries(keys)
        count = min(count, most)
        width = stride // WORD
        table = words(self._source, start, count * width)
        names = table[width - 2 :: width]
        if values:
            items = words(self._source, values + (WORD if self._minor >= layout.INLINE_VALUES else 0), count)
        else:
            items = table[width - 1 :: width]
        return [(name, item) for name, item in zip(names, items, strict=True) if name and item]

    def find(self, address: int, wanted: frozenset[str]) -> Pairs:
        """Give the references to keys and values of those entries of a dict whose keys are names that are wanted.

        Raises:
            Torn: it is no dict, or changed meanwhile.
        """
        head = words(self._source, address, 6)
        keys, values = head[4], head[5]
        if not head[2] or values:
            return []
        start, stride, count = self._entries(keys)
        width = stride // WORD
        known = self._found.get((keys, count, wanted))
        if known is None:
            table = words(self._source, start, min(count, _MOST_GLOBALS) * width)
            known = self._found[keys, count, wanted] = [
                (number, name)
                for number, name in enumerate(table[width - 2 :: width])
                if name and self.name(name) in wanted
            ]
        found = []
        for number, name in known:
            *_, key, value = words(self._source, start + number * stride, width)
            if key == name and value:
                found.append((name, value))
        return found

    def _entries(self, keys: int) -> tuple[int, int, int]:
        """Give where the entries of a dict's keys start, the bytes of one, and their number."""
        head = words(self._source, keys, 5)
        if self._minor < layout.MANAGED_DICT:
            size, count = head[1], head[4]
            width = next((width for limit, width in _INDEX_SIZES if size <= limit), 8)
            start, stride = keys + 5 * WORD + size * width, 3 * WORD
        else:
            size, count = 1 << (head[1] & 0xFF), head[3]
            start = keys + 4 * WORD + (1 << min(head[1] >> 8 & 0xFF, 40))
            stride = 2 * WORD if head[1] >> 16 & 0xFF else 3 * WORD
        if not 0 <= count <= size <= _LARGEST * 4:
            raise Torn(keys)
        return start, stride, count

    def begin(self) -> None:
        """Begin a look: names that are known are checked again."""
        self._checked.clear()

    def name(self, address: int) -> str:
        """Read the name of an attribute or variable; one that is known is told by its length and hash."""
        known = self._names.get(address)
        if known is not None and address in self._checked:
            return known[1]
        mark = self._source.read(address + 2 * WORD, 2 * WORD)
        if known is None or known[0] != mark:
            known = (mark, text_of(self._source, self._objects, address, _LONGEST_NAME)[1])
            self._names[address] = known
        self._checked.add(address)
        return known[1]

    def attributes(self, address: int, kind: Kind, most: int) -> list[tuple[str, int]]:
        """Give names and references of an instance's attributes, at most so many.

        Raises:
            Torn: it is no such instance, or changed meanwhile.
        """
        found = []
        if kind.what == "tuple" and kind.heap:
            found = self._fields(address, kind)
        if kind.members:
            body = words(self._source, address, max(offset for _, offset in kind.members) // WORD + 1)
            found += [(name, body[offset // WORD]) for name, offset in kind.members if body[offset // WORD]]
        if kind.has_dict and len(found) < most:
            found += self._from_dict(address, kind, most - len(found))
        return found[:most]

    def _fields(self, address: int, kind: Kind) -> list[tuple[str, int]]:
        """Give the fields of a named tuple, by the names that its class has as `_fields`."""
        names = self._field_names.get(kind.address)
        if names is None:
            entries = self.find(kind.type_dict, _FIELDS)
            names = items_of(self._source, self._minor, entries[0][1]) if entries else ()
            self._field_names[kind.address] = names
        items = items_of(self._source, self._minor, address, len(names)) if names else ()
        return [(self.name(name), item) for name, item in zip(names, items, strict=False)]

    def _from_dict(self, address: int, kind: Kind, most: int) -> list[tuple[str, int]]:
        """Give the attributes in an instance's `__dict__`, or in what stands for it."""
        if kind.inline:
            start = address + kind.size
            head = word(self._source, start)
            if head >> 24 & 0xFF:
                return self._shared(kind, start + WORD, head & 0xFF, most)
        table = 0
        if not kind.managed:
            table = word(self._source, address + self._dict_offset(address, kind))
        elif self._minor == layout.MANAGED_DICT:
            values, table = words(self._source, address - 4 * WORD, 2)
            if values:
                return self._shared(kind, values, _MOST_KEYS, most)
        else:
            table = word(self._source, address - 3 * WORD)
            if self._minor < layout.INLINE_VALUES and table & 1:  # the mark of values without a dict
                return self._shared(kind, table + 1, _MOST_KEYS, most)
        if not table:
            return []
        return [(self.name(name), value) for name, value in self.pairs(table, most)]

    def _dict_offset(self, address: int, kind: Kind) -> int:
        """Give the place of the reference to the dict; it is counted from the end where items have a size."""
        if kind.dict_offset >= 0:
            return kind.dict_offset
        items = word(self._source, address + 2 * WORD)
        items = (1 << 64) - items if items & _SIGNED else items
        if items > _LARGEST:
            raise Torn(address)
        whole = kind.size + items * kind.item_size
        return (whole + WORD - 1) // WORD * WORD + kind.dict_offset

    def _shared(self, kind: Kind, start: int, count: int, most: int) -> list[tuple[str, int]]:
        """Give attributes whose names the type keeps for all its instances."""
        names = self._shared_names(kind)
        count = min(count, len(names))
        values = words(self._source, start, count) if count else ()
        found = [(self.name(name), value) for name, value in zip(names, values, strict=False) if value]
        return found[:most]

    def _shared_names(self, kind: Kind) -> tuple[int, ...]:
        if not kind.cached_keys:
            raise Torn(kind.address)
        keys = word(self._source, kind.address + kind.cached_keys)
        start, stride, count = self._entries(keys)
        known = self._keys.get((keys, count))
        if count > _MOST_KEYS:
            raise Torn(keys)
        if known is None:
            width = stride // WORD
            known = words(self._source, start, count * width)[width - 2 :: width] if count else ()
            self._keys[keys, count] = known
        return known
