"""The full names of types: with the module that a class statement stood in."""

from collections.abc import Iterable

from diag.collectors import layout
from diag.collectors.dicts import Dicts
from diag.collectors.objects import Objects
from diag.collectors.peek import Source, Torn, word

_TP_DICT = 264
"""Offset of a type's attributes. The interpreter's own types have none there since 3.12, and need none."""

_HEAP_TYPE = 1 << 9
"""Flag of a type that was made at run time, as by a class statement."""

_MODULE = frozenset({"__module__"})
_BUILT_IN = "builtins"


def full_names(
    source: Source, objects: Objects, offsets: layout.Layout, minor: int, addresses: Iterable[int]
) -> dict[int, str]:
    """Name the types at addresses; what is no type is left out.

    Types of C code have their module in their name (`tp_name`); those of Python code get it from `__module__`, as
    "app.models.User".
    """
    dicts = Dicts(source, offsets, minor)
    named = objects.type_names(addresses)
    return {
        address: name if "." in name else _with_module(source, dicts, address, name)
        for address, name in named.items()
        if name is not None
    }


def _with_module(source: Source, dicts: Dicts, address: int, name: str) -> str:
    """Put the module before a name, if the type was made at run time and tells it."""
    try:
        if not word(source, address + layout.TP_FLAGS) & _HEAP_TYPE:
            return name
        for _, value in dicts.find(word(source, address + _TP_DICT), _MODULE):
            module = dicts.name(value)
            return name if module in {"", _BUILT_IN} else f"{module}.{name}"
    except Torn:
        pass
    return name
