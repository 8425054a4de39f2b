"""Subprocesses and executors made while somebody looks: they are noted as they are made, for to search for them is dear."""

from collections.abc import Callable
from sys import _getframe
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from diag.testing.remains import note_creator

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor
    from subprocess import Popen

_made: "WeakSet[Popen[Any]]" = WeakSet()
_executors: "WeakSet[ThreadPoolExecutor]" = WeakSet()


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


def noting_executors(inner: Callable[..., None]) -> Callable[..., None]:
    """Wrap `ThreadPoolExecutor.__init__`."""

    def __init__(self: "ThreadPoolExecutor", *args: Any, **options: Any) -> None:  # noqa: N807 - it stands in for one
        inner(self, *args, **options)
        _executors.add(self)

    return __init__


def forget_executors() -> None:
    """Take the executors that were noted for those of a wider scope: they may have workers that come and go."""
    _executors.clear()


def is_worker_of_older(thread: object) -> bool:
    """Whether a thread works for an executor that is older than what is looked at."""
    given = getattr(thread, "_args", None) or ()
    executor = given[0]() if given and callable(given[0]) else None
    return executor is not None and executor not in _executors
