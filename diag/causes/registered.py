"""Where a function is registered to be called when a descriptor is ready."""

import ast
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from diag.causes.calls import argument, called, calls, last, receiver, simple
from diag.causes.naming import functions_naming
from diag.source import Function, Module, own_nodes

REGISTER = {
    "add_reader": 1,
    "_add_reader": 1,
    "addReader": 1,
    "add_writer": 1,
    "_add_writer": 1,
    "add_handler": 1,
    "createFileHandler": 2,
    "createfilehandler": 2,
    "io_add_watch": 2,
    "unix_fd_add": 2,
    "unix_fd_add_full": 3,
    "register": 2,
    "watch_file": 1,
}
"""Calls that register a function for a descriptor, and its position: asyncio, Tornado, Tk, GLib, selectors, urwid."""

SELECTOR = re.compile(r"sel|poll|loop|reactor", re.IGNORECASE)
"""How objects are called whose `register` is for descriptors."""

WRITERS = frozenset({"add_writer", "_add_writer"})


class Registration(NamedTuple):
    """A call that registers a function."""

    module: Module
    line: int
    name: str
    """Of what is called to register it."""

    @property
    def for_writing(self) -> bool:
        """Whether it is called when the descriptor can be written to."""
        return self.name in WRITERS


def registration(function: Function, modules: Iterable[Module]) -> Registration | None:
    """Find where a function is registered for a descriptor, in the first of the modules that does so."""
    found = (_registrations(module).get(simple(function)) for module in modules)
    return next((one for one in found if one is not None), None)


@lru_cache(maxsize=64)
def _registrations(module: Module) -> dict[str, Registration]:
    """Give the first registration of each function that a module registers, by its name."""
    found: dict[str, Registration] = {}
    for place in functions_naming(module, frozenset(REGISTER)):
        for call in calls(own_nodes(place.node)):
            for name in _registered(call):
                found.setdefault(name, Registration(module, call.lineno, called(call)))
    return found


def _registered(call: ast.Call) -> set[str]:
    """Name what a call registers: a function or method, within a lambda or a partial as well."""
    position = REGISTER.get(called(call))
    if called(call) == "register" and not SELECTOR.search(receiver(call)):
        return set()
    given = (
        argument(call, position, "callback", "handler", "data", "function") if position is not None else None
    )
    if given is None:
        return set()
    if isinstance(given, ast.Name | ast.Attribute):
        return {last(given)}
    return {
        name
        for part in ast.walk(given)
        if isinstance(part, ast.Name | ast.Attribute) and (name := last(part))
    }
