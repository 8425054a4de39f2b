"""Failures on input that is the same on every turn: what could not be read is read again, and nothing has changed."""

import ast
from collections.abc import Iterator, Sequence

from diag.causes.calls import called, calls, dotted, last, names_in, receiver
from diag.causes.failures import MALFORMED, NOTHING_THERE, caught, is_bad_input, words
from diag.causes.opened import words as parts
from diag.causes.reading import READS
from diag.causes.routes import TryNode
from diag.causes.shape import stored
from diag.causes.swallowed import Swallowed
from diag.causes.waiting import BUILT_IN, FREE, PAUSE, WORK, ZERO, Waiting
from diag.source import own_nodes

ANEW = frozenset({"read_text", "read_bytes"})
"""Reads that begin at the beginning each time."""

MOVES = frozenset(
    {"next", "random", "choice", "choices", "rand", "randint", "sample", "shuffle", "uuid4", "token"}
)
"""Words in the names of calls whose result differs from turn to turn."""


def same_input(nodes: Sequence[ast.AST], waiting: Waiting) -> Iterator[Swallowed]:
    """Give the failures for bad input among a loop's nodes that can only come again.

    That is so where a success leaves the loop, the handler changes nothing, and nothing that is tried is read on from
    where the last try came to, waited for, drawn by lot or made by the loop elsewhere.
    """
    for node in nodes:
        if not isinstance(node, TryNode) or not _leaves(node):
            continue
        tried = [part for statement in node.body for part in (statement, *own_nodes(statement))]
        first = next((call for call in calls(tried) if waiting.kind(call) == WORK), None)
        if first is None or any(_moves_on(call, tried, waiting) for call in calls(tried)):
            continue
        if _made(nodes, tried) & {name for part in tried for name in names_in(part)}:
            continue
        for handler in node.handlers:
            types = caught(handler)
            if types and all(_is_bad_input(one) for one in types) and _changes_nothing(handler, waiting):
                yield Swallowed(node, first, handler.lineno, handler.body, types, words(handler))


def _leaves(node: TryNode) -> bool:
    """Whether a success ends the loop."""
    return any(body and _goes(body[-1]) for body in (node.body, node.orelse))


def _goes(last_one: ast.stmt) -> bool:
    if isinstance(last_one, ast.With | ast.AsyncWith):
        return _goes(last_one.body[-1])
    return isinstance(last_one, ast.Return | ast.Break)


def _is_bad_input(name: str) -> bool:
    return (name in MALFORMED and name not in NOTHING_THERE) or is_bad_input(name)


def _moves_on(call: ast.Call, tried: Sequence[ast.AST], waiting: Waiting) -> bool:
    """Whether a call waits, or gives something else on each turn."""
    name = called(call)
    if waiting.kind(call) not in {WORK, ""} or parts(name) & MOVES:
        return True
    if not READS.match(name) or name in ANEW:
        return name == "pop"
    opened = {
        dotted(item.optional_vars)
        for node in tried
        if isinstance(node, ast.With)
        for item in node.items
        if item.optional_vars is not None
    }
    return not ("()" in receiver(call) or receiver(call) in opened)


def _made(nodes: Sequence[ast.AST], tried: Sequence[ast.AST]) -> set[str]:
    """Give the names that the loop binds outside of what is tried."""
    inside = {id(part) for part in tried}
    return stored(node for node in nodes if id(node) not in inside)


def _changes_nothing(handler: ast.ExceptHandler, waiting: Waiting) -> bool:
    parts_of = [part for statement in handler.body for part in (statement, *own_nodes(statement))]
    if any(isinstance(part, ast.Await) for part in parts_of if not _is_pause(part, waiting)):
        return False
    return all(
        last(call.func) in FREE | BUILT_IN or waiting.kind(call) in {"", ZERO, PAUSE}
        for call in calls(parts_of)
    )


def _is_pause(node: ast.AST, waiting: Waiting) -> bool:
    return (
        isinstance(node, ast.Await)
        and isinstance(node.value, ast.Call)
        and waiting.kind(node.value) in {ZERO, PAUSE}
    )
