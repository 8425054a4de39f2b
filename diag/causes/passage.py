"""What a turn of a loop runs that leaves an inner loop at a given statement."""

import ast
from collections.abc import Iterable, Sequence

from diag.causes.reading import reads_in
from diag.causes.shape import below, jumps
from diag.source import LoopNode, own_nodes

_BLOCKS = ("body", "orelse", "finalbody")


def passage(outer: ast.While, inner: LoopNode, target: ast.stmt) -> tuple[ast.AST, ...]:
    """Give the nodes of a turn of `outer` that leaves `inner` at `target`, in the order of the source.

    Branches beside the way are left out, and so is what follows a read whose exception leads to the target.
    """
    leaving = [*_head(inner), *_through(inner.body, target)]
    around = _through(outer.body, inner, onward=True)
    at = around.index(inner)
    return (*below(outer.test), *around[:at], inner, *leaving, *around[at + 1 :])


def _head(loop: LoopNode) -> list[ast.AST]:
    return list(below(loop.test) if isinstance(loop, ast.While) else below(loop.target, loop.iter))


def _through(body: Sequence[ast.stmt], target: ast.stmt, *, onward: bool = False) -> list[ast.AST]:
    """Give the nodes of a block that leads to the target; with `onward`, what follows it as well."""
    found: list[ast.AST] = []
    reached = False
    for statement in body:
        if reached or not (statement is target or target in own_nodes(statement)):
            found += below(statement) if reached else _before(statement)
            continue
        found += [statement] if statement is target else _into(statement, target, onward=onward)
        reached = True
        if not onward:
            break
    return found


def _before(statement: ast.stmt) -> Iterable[ast.AST]:
    """Give what is run of a statement that is passed on the way: a branch that jumps away is not."""
    if isinstance(statement, ast.If) and jumps(statement.body):
        return below(statement.test, *statement.orelse)
    return below(statement)


def _into(statement: ast.stmt, target: ast.stmt, *, onward: bool) -> list[ast.AST]:
    """Give what is run of a statement that holds the target."""
    found: list[ast.AST] = [statement]
    if isinstance(statement, ast.Match):
        return [*found, *_matched(statement, target, onward=onward)]
    if isinstance(statement, ast.Try | ast.TryStar):
        return [*found, *_tried(statement, target, onward=onward)]
    for field, value in ast.iter_fields(statement):
        parts = value if isinstance(value, list) else [value]
        if field not in _BLOCKS:
            found += below(*(part for part in parts if isinstance(part, ast.AST)))
        elif _holds(parts, target):
            found += _through(parts, target, onward=onward)
    return found


def _matched(statement: ast.Match, target: ast.stmt, *, onward: bool) -> list[ast.AST]:
    found = list(below(statement.subject))
    for case in statement.cases:
        found += below(case.pattern, *([case.guard] if case.guard else []))
        if _holds(case.body, target):
            return [*found, *_through(case.body, target, onward=onward)]
    return found


def _tried(statement: ast.Try | ast.TryStar, target: ast.stmt, *, onward: bool) -> list[ast.AST]:
    found: list[ast.AST] = []
    for handler in statement.handlers:
        if _holds(handler.body, target):
            found += [
                *_until_raised(statement.body),
                handler,
                *below(*([handler.type] if handler.type else [])),
            ]
            found += _through(handler.body, target, onward=onward)
    if _holds(statement.body, target):
        found += _through(statement.body, target, onward=onward)
        found += below(*statement.orelse) if onward else ()
    elif _holds(statement.orelse, target):
        found += [*below(*statement.body), *_through(statement.orelse, target, onward=onward)]
    if _holds(statement.finalbody, target):
        return [*below(*statement.body), *_through(statement.finalbody, target, onward=onward)]
    return [*found, *below(*statement.finalbody)]


def _until_raised(body: Sequence[ast.stmt]) -> list[ast.AST]:
    """Give what is run of a `try` before what it reads raises."""
    found: list[ast.AST] = []
    for statement in body:
        if read := next(reads_in(statement), None):
            return [*found, *below(read.call)]
        found += below(statement)
    return found


def _holds(body: Sequence[ast.stmt], target: ast.stmt) -> bool:
    return any(statement is target or target in own_nodes(statement) for statement in body)
