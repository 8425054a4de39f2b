"""HL007 exhausted-iterator-restarted: an outer loop begins an iteration again that has nothing more to give."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from diag.causes.agreement import is_own, moves
from diag.causes.calls import assignments, called, definition, dotted, loop_nodes, receiver, target_names
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.polls import shown
from diag.causes.routes import Reading, turns
from diag.causes.shape import is_rebound, keyword_of, stored
from diag.causes.truth import Truth
from diag.causes.waiting import WORK, ZERO, Waiting
from diag.source import Loop, own_nodes

_WRAPS = frozenset(
    {"enumerate", "map", "filter", "zip", "islice", "chain", "reversed", "iter", "aiter", "list", "tuple", "sorted", "reader", "DictReader"}
)  # fmt: skip
_STREAMS = re.compile(
    r"^_*(iter\w*|readlines|xreadlines|lines|chunks|stream\w*|messages|events|listen|records|__aiter__|__iter__)$"
)
"""Methods that give an iterator over what their object has left."""
_MAKES_ITERATOR = frozenset(
    {
        *(
            "iter",
            "aiter",
            "open",
            "fdopen",
            "makefile",
            "popen",
            "reader",
            "DictReader",
            "map",
            "filter",
            "zip",
        ),
        *("enumerate", "chain", "islice", "finditer", "scandir", "iterdir", "walk"),
    }
)
_FILES = frozenset({"stdin", "stdout", "stderr", "content", "body_iterator"})
_NEXT = frozenset({"next", "anext", "__next__", "__anext__"})


@dataclass(frozen=True)
class _Iteration:
    """An iteration inside a loop over what was made outside it."""

    node: ast.For | ast.AsyncFor | ast.Call
    over: ast.expr
    source: str
    """Dotted name of what is iterated over, or whose method gives the iterator."""
    targets: tuple[str, ...]
    once: bool
    """Whether it can be gone through only once, by what it is."""


def find(scene: Scene) -> Match | None:
    """Find an iteration in the hot `while` over the same iterator on each turn."""
    if scene.loop is None or not isinstance(scene.loop.node, ast.While):
        return None
    changed = stored(loop_nodes(scene.loop.node))
    for one in _iterations(scene, scene.loop):
        if not is_rebound(one.source, changed) and _turns_on(scene, scene.loop, one):
            return _match(scene.loop, one)
    return None


def agrees(match: Match, facts: Facts) -> float:
    """Weigh by what the iteration gave: nothing at all, or nothing new."""
    if moves(facts) or facts.waits in {"io", "timeout"} or facts.lines.intersection(match.idle):
        return 0.0
    source, *targets = match.names
    seen = [facts.variables[name] for name in targets if name in facts.variables]
    over = facts.variables.get(source)
    if any(value.behaviour in {"changing", "counting"} for value in seen):
        return 0.0
    if over is not None and over.behaviour == "empty":
        return 0.95
    if over is not None and {"list", "tuple", "dict", "set"}.intersection(over.types):
        return 0.0
    if match.line in facts.lines or seen:
        return 0.75
    return 0.4 if is_own(facts) else 0.0


def _iterations(scene: Scene, loop: Loop) -> Iterator[_Iteration]:
    for node in loop_nodes(loop.node):
        if isinstance(node, ast.For | ast.AsyncFor):
            over = _unwrapped(node.iter)
            is_stream = isinstance(over, ast.Call) and bool(_STREAMS.match(called(over)))
            source = receiver(over) if isinstance(over, ast.Call) and is_stream else dotted(over)
            once = isinstance(node, ast.AsyncFor) or is_stream or _is_used_up(scene, source)
            if source and "(" not in source:
                yield _Iteration(node, over, source, tuple(target_names(node.target)), once)
        elif isinstance(node, ast.Call) and called(node) in _NEXT and _has_default(node):
            holders = tuple(
                name for name, value, _ in assignments(loop_nodes(loop.node)) if _is_it(value, node)
            )
            yield _Iteration(node, node, dotted(node.args[0]), holders, once=True)


def _has_default(call: ast.Call) -> bool:
    match call.args:
        case [iterator, _]:
            return bool(dotted(iterator))
    return False


def _is_used_up(scene: Scene, name: str) -> bool:
    """Whether a name stands for a file, a generator or an iterator, as far as the function tells."""
    if name.rpartition(".")[2] in _FILES:
        return True
    nodes = own_nodes(scene.function.node)
    made = [value for assigned, value, _ in assignments(nodes) if assigned == name]
    made += [
        item.context_expr
        for node in nodes
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
        if dotted(item.optional_vars) == name
    ]
    return any(
        isinstance(value, ast.GeneratorExp) or (isinstance(value, ast.Call) and _gives_iterator(scene, value))
        for value in made
    )


def _gives_iterator(scene: Scene, call: ast.Call) -> bool:
    if called(call) in _MAKES_ITERATOR or _STREAMS.match(called(call)):
        return True
    made_by = definition(scene.module, call.func, scene.function)
    return made_by is not None and any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in own_nodes(made_by.node)
    )


def _turns_on(scene: Scene, loop: Loop, one: _Iteration) -> bool:
    """Whether the loop, when nothing comes, comes round without a pause and with nothing else to do."""
    waiting = Waiting(scene.module, scene.function)
    head = loop.node.test if isinstance(loop.node, ast.While) else loop.node.iter
    free = {id(part) for node in (one.over, head) for part in (node, *own_nodes(node))}
    free |= {
        id(node) for node in loop_nodes(loop.node) if isinstance(node, ast.Await) and node.value is one.over
    }
    if isinstance(one.node, ast.For | ast.AsyncFor):
        free |= {id(part) for part in (one.node, one.node.iter, *own_nodes(one.node.iter))}

    def marks(node: ast.AST) -> Iterator[str]:
        if id(node) not in free:
            found = waiting.marks(node) - {ZERO}
            yield from found - {WORK} if one.once else found

    empty = one.targets if isinstance(one.node, ast.Call) else () if one.once else (one.source,)
    by_name = dict.fromkeys(empty, False)
    by_node: dict[ast.AST, bool] = {one.over: False}
    if isinstance(one.node, ast.For | ast.AsyncFor):
        by_node[one.node.iter] = False
    return any(not way.marks for way in turns(loop, Reading(marks, Truth(by_name, by_node).of)))


def _match(loop: Loop, one: _Iteration) -> Match:
    line = one.node.lineno
    what = shown(one.over)
    begun = (
        f"the `{keyword_of(one.node)}` of line {line}"
        if isinstance(one.node, ast.For | ast.AsyncFor)
        else f"line {line}"
    )
    return Match(
        line=line,
        lines=tuple(sorted({loop.first, line})),
        message=(
            f"{begun} goes over `{what}`, which is made outside the `{keyword_of(loop.node)}` of line {loop.first}: once it has nothing "
            "more to give, each turn begins it again and is over at once"
        ),
        names=(one.source, *one.targets),
        idle=tuple(_body(one.node)) if isinstance(one.node, ast.For | ast.AsyncFor) else (),
    )


def _unwrapped(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Call) and called(node) in _WRAPS and node.args:
        node = node.args[1 if called(node) in {"map", "filter"} and len(node.args) > 1 else 0]
    return node


def _is_it(value: ast.expr, call: ast.Call) -> bool:
    return value is call or (isinstance(value, ast.Await) and value.value is call)


def _body(node: ast.For | ast.AsyncFor) -> range:
    return range(node.body[0].lineno, (node.body[-1].end_lineno or node.body[-1].lineno) + 1)


CAUSE = Cause(
    code="HL007",
    name="exhausted-iterator-restarted",
    summary="A loop begins an iteration again that has come to its end: there is nothing in it, and nothing to wait for.",
    remedy=(
        "Leave the outer loop when the inner one is through, or make the iterator (the connection, the file, the generator) anew on "
        "each turn, after a pause."
    ),
    find=find,
    agrees=agrees,
)
