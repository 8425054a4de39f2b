"""What a turn of a loop runs that leaves an inner loop at a given statement.

It is a turn after the first one that did: nothing more has come, so that what is collected anew on each turn is empty.
"""

import ast
from collections.abc import Iterable, Sequence

from diag.causes.calls import called, dotted, receiver
from diag.causes.reading import reads_in
from diag.causes.shape import below, jumps, stored
from diag.causes.truth import Truth
from diag.source import LoopNode, own_nodes

_COLLECTIONS = frozenset(
    {
        "list",
        "dict",
        "set",
        "tuple",
        "bytearray",
        "bytes",
        "str",
        "deque",
        "defaultdict",
        "Counter",
        "BytesIO",
    }
)
_BLOCKS = ("body", "orelse", "finalbody")


def passage(outer: ast.While, inner: LoopNode, target: ast.stmt) -> tuple[ast.AST, ...]:
    """Give the nodes of a turn of `outer` that leaves `inner` at `target`, in the order of the source.

    Branches beside the way are left out, and so is what follows a read whose exception leads to the target.
    """
    leaving = [*_head(inner), *_through(inner.body, target)]
    empty = Truth(dict.fromkeys(_collected(outer, inner, leaving), False))
    around = _through(outer.body, inner, onward=empty)
    at = around.index(inner)
    return (*below(outer.test), *around[:at], inner, *leaving, *around[at + 1 :])


def _collected(outer: ast.While, inner: LoopNode, leaving: Sequence[ast.AST]) -> set[str]:
    """Give the names that are made empty before the inner loop, and that nothing is added to where it is left."""
    made = {
        dotted(target)
        for statement in outer.body[: _index(outer.body, inner)]
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        and statement.value
        and _is_empty(statement.value)
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
    }
    added = {receiver(node) for node in leaving if isinstance(node, ast.Call)}
    return made - {""} - added - stored(leaving)


def _index(body: Sequence[ast.stmt], target: ast.stmt) -> int:
    return next(
        n for n, statement in enumerate(body) if statement is target or target in own_nodes(statement)
    )


def _is_empty(value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return called(value) in _COLLECTIONS and not value.args and not value.keywords
    if isinstance(value, ast.Constant):
        return not value.value
    return isinstance(value, ast.List | ast.Tuple | ast.Dict) and not list(ast.iter_child_nodes(value))[:-1]


def _head(loop: LoopNode) -> list[ast.AST]:
    return list(below(loop.test) if isinstance(loop, ast.While) else below(loop.target, loop.iter))


def _through(body: Sequence[ast.stmt], target: ast.stmt, *, onward: Truth | None = None) -> list[ast.AST]:
    """Give the nodes of a block that leads to the target; with `onward`, what follows it as well, given that truth."""
    found: list[ast.AST] = []
    reached = False
    for statement in body:
        if reached and onward:
            found += _after(statement, onward)
            if _jumps_then(statement, onward):
                break
            continue
        if not (statement is target or target in own_nodes(statement)):
            found += _before(statement)
            continue
        found += [statement] if statement is target else _into(statement, target, onward=onward)
        reached = True
        if onward is None:
            break
    return found


def _after(statement: ast.stmt, known: Truth) -> list[ast.AST]:
    """Give what is run of a statement, given the truth of some names."""
    if isinstance(statement, ast.If) and (holds := known.of(statement.test)) is not None:
        body = statement.body if holds else statement.orelse
        return [*below(statement.test), *(node for one in body for node in _after(one, known))]
    if isinstance(statement, ast.While) and known.of(statement.test) is False:
        return list(below(statement.test))
    if isinstance(statement, ast.For) and known.of(_iterated(statement.iter)) is False:
        return list(below(statement.iter))
    return list(below(statement))


def _iterated(node: ast.expr) -> ast.expr:
    """Give the collection that is gone through, as by `sorted(found)` or `found.items()`."""
    while isinstance(node, ast.Call):
        if (
            isinstance(node.func, ast.Attribute)
            and not node.args
            and node.func.attr in {"items", "values", "keys"}
        ):
            node = node.func.value
        elif (
            isinstance(node.func, ast.Name)
            and node.func.id in {"sorted", "list", "enumerate", "reversed"}
            and node.args
        ):
            node = node.args[0]
        else:
            break
    return node


def _jumps_then(statement: ast.stmt, known: Truth) -> bool:
    """Whether nothing that follows a statement is run, given the truth of some names."""
    if isinstance(statement, ast.If) and (holds := known.of(statement.test)) is not None:
        body = statement.body if holds else statement.orelse
        return bool(body) and jumps(body)
    return jumps([statement])


def _before(statement: ast.stmt) -> Iterable[ast.AST]:
    """Give what is run of a statement that is passed on the way: a branch that jumps away is not."""
    if isinstance(statement, ast.If) and jumps(statement.body):
        return below(statement.test, *statement.orelse)
    return below(statement)


def _into(statement: ast.stmt, target: ast.stmt, *, onward: Truth | None) -> list[ast.AST]:
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


def _matched(statement: ast.Match, target: ast.stmt, *, onward: Truth | None) -> list[ast.AST]:
    found = list(below(statement.subject))
    for case in statement.cases:
        found += below(case.pattern, *([case.guard] if case.guard else []))
        if _holds(case.body, target):
            return [*found, *_through(case.body, target, onward=onward)]
    return found


def _tried(statement: ast.Try | ast.TryStar, target: ast.stmt, *, onward: Truth | None) -> list[ast.AST]:
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
