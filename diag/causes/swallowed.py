"""Failures that are swallowed: what is tried, who catches it, and what happens then."""

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from diag.causes.calls import called
from diag.causes.failures import caught, harmless, suppressed, words
from diag.causes.routes import Reading, TryNode
from diag.causes.truth import Truth
from diag.causes.waiting import PAUSE, VARIABLE, WORK, ZERO, Waiting
from diag.source import own_nodes

TRIED = "tried"
"""The word at the head of a match's names for what fails by an exception; the types that are caught follow it."""

ALL = "Exception"
"""Stands for the types of a handler that catches every error."""

WAITS_OR_FAILS = frozenset(
    {
        *(
            "accept",
            "select",
            "poll",
            "input",
            "waitpid",
            "recv",
            "receive",
            "communicate",
            "sigwait",
            "getch",
        ),
        *("blpop", "brpop", "brpoplpush", "blmove", "bzpopmin", "wait_closed", "drain_events", "get_many"),
    }
)
"""Calls that wait for what comes from outside, and fail at once when its source is closed, broken or used up."""


class Swallowed(NamedTuple):
    """A place where a failure is caught."""

    node: ast.stmt
    """The `try`, or the `with suppress(...)`."""
    tried: ast.expr
    """What fails."""
    line: int
    """Line of the handler."""
    body: Sequence[ast.stmt]
    """What the handler does."""
    types: tuple[str, ...]
    """What it catches: last parts of the names, `ALL` alone for a bare `except`."""
    words: str


def swallowed(nodes: Sequence[ast.AST], waiting: Waiting) -> Iterator[Swallowed]:
    """Give the failures caught among nodes, other than those that tell of no data, of its end or of bad data."""
    for node in nodes:
        if isinstance(node, TryNode) and (tried := _tried(node.body, waiting)) is not None:
            for handler in node.handlers:
                if not _harmless(types := caught(handler)):
                    yield Swallowed(
                        node, tried, handler.lineno, handler.body, types or (ALL,), words(handler)
                    )
        elif isinstance(node, ast.With) and (types := suppressed(node)) and not _harmless(types):
            tried = _tried(node.body, waiting)
            if tried is not None:
                yield Swallowed(node, tried, node.lineno, (), types, f"suppress({', '.join(types)})")


def reading(waiting: Waiting, failure: Swallowed) -> Reading:
    """Give how to read statements where what is tried fails: it does not wait then."""

    def marks(node: ast.AST) -> frozenset[str]:
        return frozenset({WORK}) if node is failure.tried else waiting.marks(node)

    return Reading(marks, Truth().of, {failure.node: failure.body}, frozenset({PAUSE, ZERO, VARIABLE}))


def _harmless(types: Sequence[str]) -> bool:
    return bool(types) and harmless(types)


def _tried(body: Sequence[ast.stmt], waiting: Waiting) -> ast.expr | None:
    """Give the first in a body that can fail; None if nothing does, or if something is waited for before it."""
    for node in sorted(_expressions(body), key=_evaluated):
        if isinstance(node, ast.Call):
            kind = waiting.kind(node)
            if called(node).endswith("_nowait"):
                return None  # what is caught then tells that nothing is there
            if kind == WORK or (kind == PAUSE and called(node) in WAITS_OR_FAILS):
                return node
            if kind in {PAUSE, VARIABLE}:
                return None
        elif not isinstance(node, ast.Await):
            return node
        elif not isinstance(node.value, ast.Call):
            return node.value
    return None


def _expressions(body: Sequence[ast.stmt]) -> Iterator[ast.expr]:
    """Give the calls and what is awaited, by `async for` as well."""
    for node in [part for statement in body for part in (statement, *own_nodes(statement))]:
        if isinstance(node, ast.Call | ast.Await):
            yield node
        elif isinstance(node, ast.AsyncFor):
            yield node.iter


def _evaluated(node: ast.expr) -> tuple[int, int]:
    """Order by where an expression ends: what is inside another is evaluated first, and ends first."""
    return node.end_lineno or node.lineno, node.end_col_offset or 0
