"""Subprocesses made while somebody looks: they are noted as they are made, for to search for them is dear."""

from collections.abc import Callable
from sys import _getframe
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from diag.testing.remains import note_creator

if TYPE_CHECKING:
    from subprocess import Popen

_made: "WeakSet[Popen[Any]]" = WeakSet()


def processes() -> list["Popen[Any]"]:
    """Give those that were noted and are still known to somebody."""
    return list(_made)


def noting(inner: Callable[..., None]) -> Callable[..., None]:
    """Wrap `Popen.__init__`."""

    def __init__(self: "Popen[Any]", *args: Any, **options: Any) -> None:  # noqa: N807 - it stands in for one
        inner(self, *args, **options)
        note_creator(self, _getframe(1))
        _made.add(self)

    return __init__
