"""The ways through statements: where each leads, and what happens on it."""

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from diag.causes.shape import case_test
from diag.source import Loop, own_nodes

Exit = Literal["next", "continue", "break", "return", "raise"]

TryNode = ast.Try | ast.TryStar

ENDS = frozenset({"exit", "_exit", "abort", "execv", "execve", "execvp"})
"""Calls that do not come back: of `sys` and `os`."""


class Way(NamedTuple):
    """One way through statements, or several that do the same."""

    exit: Exit
    marks: frozenset[str]
    """What happens on it, in the reader's own words."""


Ways = frozenset[Way]

NOTHING: Ways = frozenset({Way("next", frozenset())})

FAILED = frozenset({"failed"})
"""Marked where a statement of `Reading.fails` fails."""


def _unknown(_: ast.expr) -> bool | None:
    return None


@dataclass(frozen=True)
class Reading:
    """How to read statements."""

    marks: Callable[[ast.AST], Iterable[str]]
    """What a node does, those below it aside."""
    truth: Callable[[ast.expr], bool | None] = _unknown
    """Whether a condition holds; None where both can be."""
    fails: Mapping[ast.AST, Sequence[ast.stmt]] = field(default_factory=dict)
    """`try` and `with` statements taken to fail, and the statements that handle it."""
    harmless: frozenset[str] = frozenset()
    """Marks of what does not fail: a statement with another mark is the first of a `try` that can."""

    def of(self, *nodes: ast.AST | None) -> frozenset[str]:
        """Give the marks of nodes and of all below them."""
        return frozenset(
            mark
            for node in nodes
            if node is not None
            for part in (node, *own_nodes(node))
            for mark in self.marks(part)
        )


def turns(loop: Loop, reading: Reading) -> Ways:
    """Give the ways on which a loop comes round: from its head through the body and back."""
    node = loop.node
    if isinstance(node, ast.While):
        if reading.truth(node.test) is False:
            return frozenset()
        head = reading.of(node.test)
    else:
        head = reading.of(node.iter) | frozenset(reading.marks(node))
    return frozenset(
        Way("continue", head | way.marks)
        for way in ways(node.body, reading)
        if way.exit in {"next", "continue"}
    )


def ways(body: Sequence[ast.stmt], reading: Reading) -> Ways:
    """Give the ways through statements; each loop among them runs not at all or once."""
    found = NOTHING
    for statement in body:
        if not any(way.exit == "next" for way in found):
            break
        found = _then(found, _statement(statement, reading))
    return found


def heads(statement: ast.stmt) -> list[ast.expr]:
    """Give what a statement evaluates before any statement inside it; a simple one wholly."""
    match statement:
        case ast.If() | ast.While():
            return [statement.test]
        case ast.For() | ast.AsyncFor():
            return [statement.iter]
        case ast.With() | ast.AsyncWith():
            return [item.context_expr for item in statement.items]
        case ast.Match():
            return [statement.subject]
        case ast.Try() | ast.TryStar() | ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return []
        case _:
            return [child for child in ast.iter_child_nodes(statement) if isinstance(child, ast.expr)]


def _then(first: Ways, second: Ways) -> Ways:
    """Join two stretches: `second` goes on where `first` does."""
    going = [way for way in first if way.exit == "next"]
    joined = {Way(after.exit, way.marks | after.marks) for way in going for after in second}
    return frozenset(way for way in first if way.exit != "next") | joined


def _marked(found: Ways, marks: frozenset[str]) -> Ways:
    return frozenset(Way(way.exit, way.marks | marks) for way in found) if marks else found


def _statement(node: ast.stmt, reading: Reading) -> Ways:  # noqa: PLR0911 - a line for each kind of statement
    match node:
        case ast.If():
            return _branches(node, reading)
        case ast.While() | ast.For() | ast.AsyncFor():
            return _loop(node, reading)
        case ast.With() | ast.AsyncWith():
            return _with(node, reading)
        case ast.Try() | ast.TryStar():
            return _then_finally(_try(node, reading), ways(node.finalbody, reading))
        case ast.Match():
            return _match(node, reading)
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return NOTHING
        case _:
            return frozenset({Way(_exit(node), reading.of(node))})


def _exit(node: ast.stmt) -> Exit:
    match node:
        case ast.Break():
            return "break"
        case ast.Continue():
            return "continue"
        case ast.Return():
            return "return"
        case ast.Raise():
            return "raise"
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id="sys" | "os"), attr=attr))):
            return "raise" if attr in ENDS else "next"
        case _:
            return "next"


def _branches(node: ast.If, reading: Reading) -> Ways:
    truth = reading.truth(node.test)
    taken = ways(node.body, reading) if truth is not False else frozenset()
    passed = ways(node.orelse, reading) if truth is not True else frozenset()
    return _marked(taken | passed, reading.of(node.test))


def _loop(node: ast.While | ast.For | ast.AsyncFor, reading: Reading) -> Ways:
    test = node.test if isinstance(node, ast.While) else node.iter
    truth = reading.truth(test)
    body = ways(node.body, reading) if truth is not False else frozenset()
    endless = isinstance(node, ast.While) and truth is True
    left = {way for way in body if way.exit in {"return", "raise"}}
    left |= {Way("next", way.marks) for way in body if way.exit == "break"}
    ended = {Way("next", way.marks) for way in body if way.exit in {"next", "continue"}} | NOTHING
    through = frozenset() if endless else _then(frozenset(ended), ways(node.orelse, reading))
    own = frozenset(reading.marks(node))  # an `async for` waits
    return _marked(frozenset(left) | through, reading.of(test) | own) or frozenset({Way("return", own)})


def _with(node: ast.With | ast.AsyncWith, reading: Reading) -> Ways:
    entered = reading.of(*(item.context_expr for item in node.items)) | frozenset(reading.marks(node))
    if (handling := reading.fails.get(node)) is not None:
        return _marked(ways(handling, reading), _until_failure(node.body, reading) | entered | FAILED)
    through = ways(node.body, reading)
    return _marked(through | NOTHING if _suppresses(node) else through, entered)


def _suppresses(node: ast.With | ast.AsyncWith) -> bool:
    return any(
        isinstance(call := item.context_expr, ast.Call)
        and getattr(call.func, "attr", getattr(call.func, "id", "")) == "suppress"
        for item in node.items
    )


def _try(node: TryNode, reading: Reading) -> Ways:
    """Read a `try` without its `finally`."""
    before = _until_failure(node.body, reading)
    if (handling := reading.fails.get(node)) is not None:
        return _marked(ways(handling, reading), before | FAILED)
    body = _then(ways(node.body, reading), ways(node.orelse, reading))
    return body.union(*(_marked(ways(handler.body, reading), before) for handler in node.handlers))


def _until_failure(body: Sequence[ast.stmt], reading: Reading) -> frozenset[str]:
    """Give the marks of the statements up to the first that can fail, it included."""
    marks: frozenset[str] = frozenset()
    for statement in body:
        here = reading.of(*heads(statement))
        marks |= here
        if here - reading.harmless or isinstance(statement, ast.Try | ast.TryStar):
            break
    return marks


def _then_finally(through: Ways, last: Ways) -> Ways:
    """Run a `finally` after ways of any exit; its own exit, if it has one, wins."""
    return frozenset(
        Way(way.exit if after.exit == "next" else after.exit, way.marks | after.marks)
        for way in through
        for after in last
    )


def _match(node: ast.Match, reading: Reading) -> Ways:
    found: Ways = frozenset()
    for case in node.cases:
        truth = reading.truth(case_test(node.subject, case))
        if truth is not False:
            found |= ways(case.body, reading)
        if truth is True or _takes_all(case):
            break
    else:
        found |= NOTHING
    return _marked(found, reading.of(node.subject))


def _takes_all(case: ast.match_case) -> bool:
    return case.guard is None and isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
