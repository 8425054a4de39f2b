"""Who made a task, noted on the task itself while it is made."""

from asyncio import AbstractEventLoop, all_tasks, current_task
from collections.abc import Callable, Container
from contextlib import suppress
from dataclasses import dataclass
from sys import _getframe
from typing import Any, Literal

from diag.testing.places import Place, caller

Root = Literal["test", "outside", "handler", "wide"]
"""What a task stems from: from what was given to the loop to run (a test, a fixture); it was made for what came in by I/O
or a timer; it was made by such a task; or by what a fixture of wider scope has started."""

_NOTE = "_diag_birth"


@dataclass(frozen=True, slots=True)
class Birth:
    """Where a task comes from."""

    creator: Place | None
    root: Root


def noting(loop: AbstractEventLoop, also: Callable[[], None] | None = None) -> Callable[[Any, Any], None]:
    """Give what notes on each new task of a loop who made it, and then does something else."""

    def note(_coro: Any, task: Any) -> None:
        frame = _getframe(2)
        root: Root = "test"
        if loop.is_running():
            parent = current_task(loop)
            known = getattr(parent, _NOTE, None)
            root = "outside" if parent is None else _child(known.root if known is not None else "outside")
        with suppress(AttributeError):  # a task of another make takes no notes
            setattr(task, _NOTE, Birth(caller(frame), root))
        if also is not None:
            also()

    return note


def birth(task: Any) -> Birth | None:
    """Give what was noted on a task; None if it was made while nobody took notes."""
    return getattr(task, _NOTE, None)


def given(loop: AbstractEventLoop, known: Container[object]) -> None:
    """Note that the tasks that a loop begins with stem from the test; `known` are those of others.

    A task that has no note later was made without the loop's `create_task`, as servers make theirs for connections.
    """
    for task in all_tasks(loop):
        if task not in known and birth(task) is None:
            with suppress(AttributeError):
                setattr(task, _NOTE, Birth(None, "test"))


def widen(task: Any) -> None:
    """Note that a task belongs to a fixture of wider scope, and what it will make as well."""
    noted = birth(task)
    if noted is not None and noted.root == "outside":
        return  # it serves whoever asks next
    with suppress(AttributeError):
        setattr(task, _NOTE, Birth(noted.creator if noted else None, "wide"))


def _child(root: Root) -> Root:
    return "handler" if root == "outside" else root
