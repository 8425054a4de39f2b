"""The shape of a loop: what leaves it and under which conditions, what it binds, what it calls."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from diag.causes.calls import dotted, last, names_in
from diag.causes.truth import Truth
from diag.source import Loop, LoopNode, own_nodes

_CATCHES_ALL = {"", "Exception", "BaseException"}
_ENDS_THE_PROCESS = {"sys.exit", "os._exit", "os.abort", "exit", "quit", "os.execv", "os.execvp", "os.execve"}


@dataclass(frozen=True)
class Guard:
    """A condition on the way to a statement."""

    test: ast.expr
    holds: bool = True
    """Whether the way leads through the test's being true, or its being false."""


@dataclass(frozen=True)
class Way:
    """How a statement is reached from the head of a loop."""

    guards: tuple[Guard, ...] = ()
    """The outermost first; what must have been false for an earlier `continue` or `return` not to be taken is one
    as well."""
    loops: tuple[LoopNode, ...] = ()
    """The inner loops around it, the outermost first."""
    handler: ast.ExceptHandler | None = None
    """The innermost `except` clause that it is in."""
    caught: frozenset[str] = frozenset()
    """Names of exceptions that a `try` around it catches inside the loop; "" stands for all."""

    def under(self, test: ast.expr, *, holds: bool = True) -> "Way":
        """Add a condition."""
        return replace(self, guards=(*self.guards, Guard(test, holds)))


@dataclass(frozen=True)
class Step:
    """A statement of a loop's body, at any depth, and how it is reached; functions defined inside are left out."""

    node: ast.stmt
    way: Way = field(repr=False)


def steps(body: Sequence[ast.stmt], way: Way | None = None) -> Iterator[Step]:
    """Give the statements of a body in the order of the source, each before those inside it."""
    way = way or Way()
    for statement in body:
        yield Step(statement, way)
        yield from _inside(statement, way)
        if isinstance(statement, ast.If) and jumps(statement.body) and not statement.orelse:
            way = way.under(statement.test, holds=False)


def exits(loop: Loop) -> Iterator[Step]:
    """Give what leaves a loop: `break`, `return`, `raise` that nothing inside catches, `assert`, the process's end."""
    return (step for step in steps(loop.node.body) if _leaves(step))


def breaks_of(loop: LoopNode) -> Iterator[Step]:
    """Give the `break` statements that leave this loop, and no other."""
    return (step for step in steps(loop.body) if isinstance(step.node, ast.Break) and not step.way.loops)


def jumps(body: Sequence[ast.stmt]) -> bool:
    """Whether a body never runs on to what follows it."""
    return isinstance(body[-1], ast.Break | ast.Continue | ast.Return | ast.Raise)


def last_name(node: ast.expr | None) -> str:
    """Give the last part of what a name, an attribute or the function of a call is called; else ""."""
    return last(node.func if isinstance(node, ast.Call) else node)


def below(*nodes: ast.AST) -> Iterator[ast.AST]:
    """Give nodes and all below them, nested functions left out."""
    for node in nodes:
        yield node
        yield from own_nodes(node)


def names(*nodes: ast.AST) -> set[str]:
    """Give the dotted names used in nodes, and what each begins with: `self.a.b` gives that, `self.a` and `self`."""
    return set().union(*(names_in(node) for node in nodes))


def bound(*nodes: ast.AST) -> set[str]:
    """Give the dotted names that nodes and all below them assign, delete or import."""
    return stored(below(*nodes))


def stored(nodes: Iterable[ast.AST]) -> set[str]:
    """Give the dotted names that these very nodes assign, delete or import, by `with` and `except` as well."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            found.add(dotted(node))
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
    return found - {""}


def is_rebound(name: str, assigned: Iterable[str]) -> bool:
    """Whether an assignment to any of the names changes what a dotted name stands for."""
    return any(name == other or name.startswith(other + ".") for other in assigned)


def is_endless(loop: Loop) -> bool:
    """Whether it is a `while` whose test is true whatever happens: `True`, `1`, `not False`."""
    return isinstance(loop.node, ast.While) and Truth().of(loop.node.test) is True


def keyword_of(node: LoopNode) -> str:
    """Give the loop's keyword for a message."""
    if isinstance(node, ast.While):
        constant = isinstance(node.test, ast.Constant)
        return "while True" if constant else "while"
    return "async for" if isinstance(node, ast.AsyncFor) else "for"


def _inside(statement: ast.stmt, way: Way) -> Iterator[Step]:
    match statement:
        case ast.If():
            yield from steps(statement.body, way.under(statement.test))
            yield from steps(statement.orelse, way.under(statement.test, holds=False))
        case ast.While():
            within = replace(way.under(statement.test), loops=(*way.loops, statement))
            yield from steps(statement.body, within)
            yield from steps(statement.orelse, way)
        case ast.For() | ast.AsyncFor():
            within = replace(way.under(statement.iter), loops=(*way.loops, statement))
            yield from steps(statement.body, within)
            yield from steps(statement.orelse, way)
        case ast.With() | ast.AsyncWith():
            yield from steps(statement.body, way)
        case ast.Try() | ast.TryStar():
            yield from _tried(statement, way)
        case ast.Match():
            yield from _matched(statement, way)


def _tried(statement: ast.Try | ast.TryStar, way: Way) -> Iterator[Step]:
    caught = way.caught.union(*(caught_by(handler) for handler in statement.handlers))
    yield from steps(statement.body, replace(way, caught=caught))
    for handler in statement.handlers:
        yield from steps(handler.body, replace(way, handler=handler))
    yield from steps(statement.orelse, way)
    yield from steps(statement.finalbody, way)


def _matched(statement: ast.Match, way: Way) -> Iterator[Step]:
    for case in statement.cases:
        test = case_test(statement.subject, case)
        yield from steps(case.body, way.under(test))
        way = way.under(test, holds=False)


def case_test(subject: ast.expr, case: ast.match_case) -> ast.expr:
    """Give the test that a case of a `match` makes of its subject."""
    test = _as_test(subject, case.pattern)
    if case.guard is None:
        return test
    return ast.copy_location(ast.BoolOp(ast.And(), [test, case.guard]), subject)


def _as_test(subject: ast.expr, pattern: ast.pattern) -> ast.expr:
    """Give the test that a pattern makes of its subject; what has no such form becomes a call that nothing is known of."""
    match pattern:
        case ast.MatchValue():
            test: ast.expr = ast.Compare(subject, [ast.Eq()], [pattern.value])
        case ast.MatchSingleton():
            test = ast.Compare(subject, [ast.Is()], [ast.copy_location(ast.Constant(pattern.value), subject)])
        case ast.MatchOr():
            test = ast.BoolOp(ast.Or(), [_as_test(subject, part) for part in pattern.patterns])
        case ast.MatchAs(pattern=None):
            test = ast.Constant(value=True)
        case ast.MatchAs(pattern=ast.pattern() as inner):
            test = _as_test(subject, inner)
        case _:
            test = ast.Call(ast.copy_location(ast.Name("isinstance", ast.Load()), subject), [subject], [])
    return ast.copy_location(test, subject)


def caught_by(handler: ast.ExceptHandler) -> set[str]:
    """Give the last parts of the names of the exceptions that a clause catches; "" for a bare one and for all."""
    if handler.type is None:
        return {""}
    parts = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    found = {last_name(part) for part in parts}
    return found | {""} if found & _CATCHES_ALL else found


def _leaves(step: Step) -> bool:
    match step.node:
        case ast.Break():
            return not step.way.loops
        case ast.Return():
            return True
        case ast.Raise(exc=raised):
            return "" not in step.way.caught and (not raised or last_name(raised) not in step.way.caught)
        case ast.Assert():
            return not step.way.caught & {"", "AssertionError"}
        case ast.Expr(value=ast.Call(func=function)):
            return dotted(function) in _ENDS_THE_PROCESS
    return False
