"""HL016 input-not-consumed: a loop over what is left of its input, and a call that leaves all of it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from diag.causes.agreement import moves
from diag.causes.calls import assignments, called, definition, dotted, loop_nodes, names_in, receiver
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.ends import truth
from diag.causes.reading import reads_in
from diag.causes.shape import below, exits, is_endless, keyword_of
from diag.source import own_nodes

_INPUT = frozenset({"bytes", "bytearray", "memoryview", "str", "deque", "list", "BytesIO", "int"})
_SIZES = frozenset({"len", "bool", "any"})
_LONG = 1.0
"""Seconds that one call may hold the thread: with more, the input is the same because one turn takes long."""


@dataclass(frozen=True)
class _Leftover:
    """Input that a loop goes on with as long as there is any."""

    name: str
    node: ast.expr | ast.stmt
    """What is to make it less."""
    counts: tuple[str, ...]
    """Names of the variables that say how much was taken."""


def find(scene: Scene) -> Match | None:
    """Find a `while` over leftover input that is made less only by what a call says."""
    if scene.loop is None or not isinstance(scene.loop.node, ast.While):
        return None
    node = scene.loop.node
    for name in _tested(scene, node):
        leftover = _assigned(name, node) or _cut(name, node) or _used_up_elsewhere(scene, name, node)
        if leftover is not None and not _is_noticed(scene, leftover):
            return Match(
                line=leftover.node.lineno,
                lines=tuple(sorted({node.lineno, leftover.node.lineno})),
                message=(
                    f"the `{keyword_of(node)}` of line {node.lineno} goes on as long as `{name}` is not through, and "
                    f"line {leftover.node.lineno} need not make it less: where nothing is taken, every turn sees the same input"
                ),
                names=(name, *leftover.counts),
            )
    return None


def agrees(match: Match, facts: Facts) -> float:
    """Weigh by the input: there is some, and it is the same at all looks."""
    if moves(facts) or facts.waits in {"io", "timeout", "settled"} or (facts.held or 0.0) > _LONG:
        return 0.0
    seen = facts.variables.get(match.names[0])
    if seen is None or seen.behaviour != "constant" or seen.text in {"True", "False", "None"}:
        return 0.0
    taken = [facts.variables[name].behaviour for name in match.names[1:] if name in facts.variables]
    if "changing" in taken or "counting" in taken:
        return 0.0
    return 0.9 if not seen.types or _INPUT.intersection(seen.types) else 0.5


def _tested(scene: Scene, node: ast.While) -> Iterator[str]:
    """Give the names that the loop goes on for as long as they are not empty, or not at their end."""
    assert scene.loop is not None
    tests = [node.test]
    if is_endless(scene.loop):
        tests = [guard.test for step in exits(scene.loop) for guard in step.way.guards]
    found: dict[str, None] = {}
    for test in tests:
        for part in test.values if isinstance(test, ast.BoolOp) else [test]:
            found |= dict.fromkeys(_sized(part))
    yield from found


def _sized(test: ast.expr) -> Iterator[str]:
    """Give the names whose size or position a condition looks at: `buf`, `len(buf)`, `pos < len(buf)`, `left > 0`."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield from _sized(operand)
        case ast.Name() | ast.Attribute():
            yield dotted(test)
        case ast.Call(args=[only]) if called(test) in _SIZES:
            yield dotted(only)
        case ast.Compare(
            left=left, ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE() | ast.NotEq()], comparators=[right]
        ):
            for side in (left, right):
                if not isinstance(side, ast.Constant):
                    yield from _sized(side)
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[ast.Constant(value=0 | b"" | "")]):
            yield from _sized(left)
        case ast.BinOp(left=left, right=right):
            yield from [*_sized(left), *_sized(right)]


def _assigned(name: str, node: ast.While) -> _Leftover | None:
    """Find where it is assigned what a call leaves of it, or moved on by what a call has taken."""
    nodes = loop_nodes(node)
    takers = [
        part
        for part in nodes
        if isinstance(part, ast.Call) and called(part) not in _SIZES and name in _given(part)
    ]
    results = {
        assigned for assigned, value, _ in assignments(nodes) if any(part in takers for part in below(value))
    }
    known = {name, *results, *(receiver(call) for call in takers)} - {"self", "cls", ""}
    for assigned, value, statement in assignments(nodes):
        if assigned != name or _is_sure(value, statement) or not known & names_in(value):
            continue
        if any(read.call not in takers for read in reads_in(value)):
            continue  # it is received anew
        counts = tuple(sorted(used for used in names_in(value) if used != name and _is_assigned(used, nodes)))
        return _Leftover(name, statement, counts)
    return None


def _cut(name: str, node: ast.While) -> _Leftover | None:
    """Find `del buf[:n]`."""
    nodes = loop_nodes(node)
    for part in nodes:
        match part:
            case ast.Delete(targets=[ast.Subscript(value=value, slice=ast.Slice(upper=upper))]) if (
                dotted(value) == name
            ):
                if upper is not None and not isinstance(upper, ast.Constant):
                    return _Leftover(name, part, tuple(sorted(names_in(upper))))
    return None


def _used_up_elsewhere(scene: Scene, name: str, node: ast.While) -> _Leftover | None:
    """Find the method that is to use up an attribute: `while self._buffer: self._parse()`."""
    if "." not in name:
        return None
    for part in loop_nodes(node):
        if isinstance(part, ast.Call) and receiver(part) == name.rpartition(".")[0]:
            defined = definition(scene.module, part.func, scene.function)
            if defined is not None and any(
                dotted(used) == name for used in own_nodes(defined.node) if isinstance(used, ast.Attribute)
            ):
                return _Leftover(name, part, ())
    return None


def _given(call: ast.Call) -> set[str]:
    """Give the names handed to a call, and the object whose method it is."""
    parts = [*call.args, *(keyword.value for keyword in call.keywords)]
    return {receiver(call), *(name for part in parts for name in names_in(part))}


def _is_sure(value: ast.expr, statement: ast.AST) -> bool:
    """Whether an assignment moves on by itself: by a constant, or to one."""
    if isinstance(value, ast.Constant):
        return True
    if isinstance(statement, ast.AugAssign) and not isinstance(statement.op, ast.Add | ast.Sub):
        return True
    match value:
        case ast.Subscript(slice=ast.Slice(lower=ast.Constant(value=int(step)))) if step > 0:
            return True
        case ast.BinOp(right=ast.Constant()):
            return not isinstance(statement, ast.AugAssign)
    return False


def _is_assigned(name: str, nodes: list[ast.AST]) -> bool:
    return any(assigned == name for assigned, _, _ in assignments(nodes))


def _is_noticed(scene: Scene, leftover: _Leftover) -> bool:
    """Whether the loop is left where a count, or what is left beside what there was, says that nothing was taken."""
    assert scene.loop is not None
    counts = frozenset(leftover.counts)
    guards = [guard for step in exits(scene.loop) for guard in step.way.guards]
    return any(
        (counts & names_in(guard.test) and truth(guard.test, counts, "empty") == guard.holds)
        or any(_compares(node, leftover) for node in ast.walk(guard.test))
        for guard in guards
    )


def _compares(node: ast.AST, leftover: _Leftover) -> bool:
    """Whether it is a comparison for equality of what is left, or of what the call leaves, with what is not written out."""
    if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq | ast.Is):
        return False
    sides = (node.left, node.comparators[0])
    return not any(isinstance(side, ast.Constant) for side in sides) and leftover.name in names_in(node)


CAUSE = Cause(
    code="HL016",
    name="input-not-consumed",
    summary="A loop runs as long as there is input left, and the call in it takes nothing of what is left.",
    remedy=(
        "Leave the loop, or raise an error, when a turn has taken nothing: compare what is left with what there was, and treat what "
        "cannot be taken (trailing bytes, half a message) explicitly."
    ),
    find=find,
    agrees=agrees,
)
