"""What is made of the results of calls, by assignments: a response, its body, its content, a part of that."""

import ast
from collections.abc import Collection, Iterable, Sequence

from diag.causes.calls import assignments, called, calls, names_in, target_names
from diag.causes.reading import READS
from diag.source import own_nodes

CHAIN = 4
"""Assignments in a row that are followed: one more than the longest seen."""

TAKES = frozenset({"pop", "popleft", "popitem", "get", "get_nowait", "next", "anext", "accept"})
"""Calls that take one thing away from where it was, besides those that read."""

PUTS = frozenset({"put", "put_nowait", "append", "appendleft", "insert", "push", "add", "requeue", "nack"})
"""Calls that put it back."""


def made_of(sources: Collection[ast.AST], nodes: Sequence[ast.AST]) -> frozenset[str]:
    """Give the names that hold the result of one of these calls, or what is made of it."""
    held = {
        name
        for node in nodes
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
        if item.optional_vars is not None and holds(item.context_expr, sources)
        for name in target_names(item.optional_vars)
    }
    given = [(name, value) for name, value, node in assignments(nodes) if not isinstance(node, ast.AugAssign)]
    for _ in range(CHAIN):
        held |= {name for name, value in given if holds(value, sources, held)}
    return frozenset(held)


def holds(value: ast.AST, sources: Collection[ast.AST], held: Iterable[str] = ()) -> bool:
    """Whether an expression contains one of these calls, or a name that holds what came of it."""
    return any(part in sources for part in (value, *own_nodes(value))) or bool(reached(held, names_in(value)))


def reached(held: Iterable[str], names: Iterable[str]) -> set[str]:
    """Give those of some names that are held, or a part of what is: `answer.status` of `answer`."""
    held = tuple(held)
    return {name for name in names if any(name == one or name.startswith(f"{one}.") for one in held)}


def on_something_new(tried: ast.expr, handler: Sequence[ast.stmt], nodes: Sequence[ast.AST]) -> bool:
    """Whether what is tried on a turn is done with something that the loop has taken on that turn, and does not put back.

    What comes next is then no second try: a server's loop that answers one request after the other, a worker's.

    Args:
        tried: the call.
        handler: the statements that run when it fails.
        nodes: those of the loop.
    """
    within = {tried, *own_nodes(tried)}
    takes = {call for call in calls(nodes) if call not in within and _takes(call)}
    taken = made_of(takes, nodes)
    given = [*tried.args, *(one.value for one in tried.keywords)] if isinstance(tried, ast.Call) else [tried]
    if not any(reached(taken, names_in(one)) for one in given):
        return False
    inside = (part for statement in handler for part in (statement, *own_nodes(statement)))
    back = [call for call in calls(inside) if called(call) in PUTS]
    return not any(reached(taken, names_in(one)) for call in back for one in call.args)


def _takes(call: ast.Call) -> bool:
    """Whether a call takes one thing after the other, and does not look one up: `config.get("url")`, `read_config(path)`."""
    name = called(call)
    if name == "get" and call.args:
        return isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, int | float)
    return name in TAKES or (isinstance(call.func, ast.Attribute) and bool(READS.match(name)))
