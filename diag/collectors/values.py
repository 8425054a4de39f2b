"""The values of variables, interned: what is read of one process in all looks, each different value once."""

import contextlib

from diag.collectors.content import Content
from diag.collectors.contents import Contents
from diag.collectors.frames import Call
from diag.collectors.peek import Source, Torn, word
from diag.recording import Value

MOST_VARIABLES = 40
MOST_GLOBALS = 12

_MOST_NAMES = 1 << 10
"""Names of a module among which those that say something are chosen."""

_RENEWED = 16
"""Looks after which they are chosen anew."""

_OPAQUE = frozenset({"plumbing", "module", "function", "type", "builtin", "method", "generator"})
"""What a module's variables mostly are, and what says nothing about its state."""

_NO_ATTRIBUTES = frozenset(
    {"plumbing", "type", "module", "function", "method", "builtin", "cell", "generator", "exception"}
)

_TYPING = ("_Special", "_GenericAlias", "_Union", "TypeVar")
"""Beginnings of the names of the types that `typing` puts in the place of classes."""

Variables = tuple[tuple[str, int], ...]


class Values:
    """The values of one process's variables."""

    def __init__(self, source: Source, contents: Contents) -> None:
        self._source = source
        self.contents = contents
        self._numbers: dict[Value, int] = {}
        self._seen: dict[int, int] = {}
        self._bodies: dict[int, frozenset[str]] = {}
        self._looks = 0

    def begin(self) -> None:
        """Begin a look."""
        self.contents.begin()
        self._seen.clear()
        self._looks += 1

    def all(self) -> tuple[Value, ...]:
        """Give all values, in the order of their numbers."""
        return tuple(self._numbers)

    def number(self, address: int) -> int:
        """Read the object at an address, and give the number of its value.

        Raises:
            Torn: there is none.
        """
        known = self._seen.get(address)
        if known is None:
            content = self.contents.get(address)
            known = self._seen[address] = self._intern(address, content, self._attributes(address, content))
        return known

    def variables(self, call: Call) -> Variables:
        """Read the local variables of a call, and the globals that it refers to; what cannot be read is left out."""
        found: list[tuple[str, int]] = []
        for (name, cell), reference in zip(call.code.variables, call.fast, strict=True):
            if reference and name:
                self._read(found, name, reference, cell=cell)
            if len(found) >= MOST_VARIABLES:
                break
        if call.locals and not call.code.variables:
            self._of_body(found, call.locals)
        if call.locals != call.globals:
            self._of_globals(found, call)
        return tuple(found)

    def attribute(self, address: int, name: str) -> str:
        """Give the text of an instance's attribute; "" if it has none or it cannot be read."""
        try:
            for own, value in self.contents.attributes(address, self.contents.kind_of(address)):
                if own == name:
                    return self.contents.get(value, 0).text
        except Torn:
            return ""
        return ""

    def _read(self, found: list[tuple[str, int]], name: str, reference: int, *, cell: bool) -> None:
        try:
            if cell and self.contents.kind_of(reference).what == "cell":
                reference = word(self._source, reference + 16)
            if reference:
                found.append((name, self.number(reference)))
        except Torn:
            return

    def _of_body(self, found: list[tuple[str, int]], table: int) -> None:
        """Read the variables of a module's or class's body, which stand in a dict."""
        try:
            if table not in self._bodies or self._looks % _RENEWED == 0:
                self._bodies[table] = self._telling(table)
            pairs = self.contents.dicts.find(table, self._bodies[table])
        except Torn:
            return
        for key, value in pairs:
            with contextlib.suppress(Torn):
                found.append((self.contents.dicts.name(key), self.number(value)))

    def _telling(self, table: int) -> frozenset[str]:
        """Choose the names in a dict whose values say something."""
        names: list[str] = []
        for key, value in self.contents.dicts.pairs(table, _MOST_NAMES):
            with contextlib.suppress(Torn):
                name, kind = self.contents.dicts.name(key), self.contents.kind_of(value)
                telling = kind.what not in _OPAQUE and not kind.name.startswith(_TYPING)
                if telling and not name.startswith("__"):
                    names.append(name)
        return frozenset(names[:MOST_VARIABLES])

    def _of_globals(self, found: list[tuple[str, int]], call: Call) -> None:
        """Read the global variables that the code of a call refers to by name."""
        count = 0
        for name, reference in self._global_references(call):
            try:
                if self.contents.kind_of(reference).what in _OPAQUE:
                    continue
                found.append((f"global {name}", self.number(reference)))
            except Torn:
                continue
            count += 1
            if count == MOST_GLOBALS:
                return

    def _global_references(self, call: Call) -> list[tuple[str, int]]:
        if not call.code.names:
            return []
        try:
            found = self.contents.dicts.find(call.globals, call.code.names)
            return [(self.contents.dicts.name(key), value) for key, value in found]
        except Torn:
            return []

    def _attributes(self, address: int, content: Content) -> Variables:
        kind = content.kind
        if kind.what in _NO_ATTRIBUTES or not kind.has_attributes:
            return ()
        found = []
        for name, reference in self.contents.attributes(address, kind):
            try:
                found.append((name, self._intern(reference, self.contents.get(reference, 1), ())))
            except Torn:
                continue
        return tuple(found)

    def _intern(self, address: int, content: Content, attributes: Variables) -> int:
        value = Value(
            type=content.kind.name,
            size=content.size,
            text=content.text,
            digest=content.digest,
            identity=address,
            attributes=attributes,
        )
        return self._numbers.setdefault(value, len(self._numbers))
