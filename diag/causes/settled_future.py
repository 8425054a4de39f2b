"""HL005 settled-future-awaited: what a loop waits for is done already, so that the wait is over at once, for ever."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from diag.causes.agreement import is_own, moves
from diag.causes.calls import called, dotted, loop_nodes, origin, receiver, target_names
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.polls import shown
from diag.causes.routes import Reading, turns
from diag.causes.shape import Guard, Step, is_rebound, keyword_of, steps, stored
from diag.causes.truth import Truth
from diag.source import Loop, own_nodes

_TAKES_OUT = frozenset(
    {"remove", "discard", "pop", "popleft", "popitem", "clear", "difference_update", "intersection_update"}
)
_FOR_SEVERAL = frozenset({"wait", "gather", "as_completed", "wait_for", "shield"})
_MODULES = re.compile(r"^(asyncio|aio|concurrent\.futures|futures|cf)(\.|$)")
_NO_EVENT = re.compile(
    r"proc|popen|child|cond|barrier|server|worker|thread|lock|^(p|cv|c|self|cls|os)$|_cv$", re.IGNORECASE
)
"""Names of what has a `wait` and is no event: a process's is over for good, a condition's waits each time."""
_WRAPS = frozenset(
    {"list", "tuple", "set", "frozenset", "shield", "ensure_future", "wrap_future", "values", "copy"}
)

_MAKES_TASK = frozenset({"create_task", "ensure_future", "start_soon", "submit", "run_coroutine_threadsafe"})
_DONE = frozenset({"done", "finished", "completed", "ready", "complete"})


@dataclass(frozen=True)
class _Wait:
    """A wait."""

    node: ast.expr
    held: tuple[str, ...]
    """Names of the futures, of the collection that they are in, or of the event."""


def find(scene: Scene) -> Match | None:
    """Find a wait in the hot loop for what stays the same on the next turn."""
    if scene.loop is None or not isinstance(scene.loop.node, ast.While):
        return None
    for wait in _waits(scene, scene.loop):
        kept = tuple(name for name in wait.held if not _is_renewed(scene.loop, name))
        lasting = tuple(name for name in kept if not _is_over(scene.loop, wait, name))
        if lasting:
            return _match(scene.loop, wait, lasting)
    return None


def agrees(match: Match, facts: Facts) -> float:
    """Weigh by the futures that are done: those waited for, or whatever the turns of the loop wait for."""
    if moves(facts):
        return 0.0
    if set(match.names) & set(facts.settled) or any(_is_set(facts, name) for name in match.names):
        return 0.95
    if facts.waits == "settled":
        return 0.85
    if any(kind.rpartition(".")[2] == "CancelledError" for kind in facts.raised):
        return 0.6
    return {"never": 0.5, "nothing": 0.4, "unknown": 0.3}.get(facts.waits, 0.0) if is_own(facts) else 0.0


def _waits(scene: Scene, loop: Loop) -> Iterator[_Wait]:
    """Give the waits of a loop for what has a name."""
    nodes = loop_nodes(loop.node)
    made = [node for node in nodes if isinstance(node, ast.Call) and called(node) in _MAKES_TASK]
    handed_on = {part for call in made for part in own_nodes(call) if isinstance(part, ast.Call)}
    for node in nodes:
        if isinstance(node, ast.Await) and (name := _plain(node.value)):
            yield _Wait(node, (name,))
        elif isinstance(node, ast.Call) and _is_of_asyncio(scene, node):
            several = node.args if called(node) == "gather" else node.args[:1]
            yield _Wait(node, tuple(name for argument in several for name in _futures(argument)))
        elif (
            isinstance(node, ast.Call)
            and node not in handed_on
            and _is_of_one(node)
            and not _is_held(scene, node)
        ):
            yield _Wait(node, (receiver(node),))


def _is_of_asyncio(scene: Scene, call: ast.Call) -> bool:
    return called(call) in _FOR_SEVERAL and bool(_MODULES.match(origin(scene.module, call.func)))


def _is_of_one(call: ast.Call) -> bool:
    """Whether it is `event.wait()` or `future.result()`."""
    owner = receiver(call).rpartition(".")[2]
    if called(call) == "wait":
        return (
            bool(owner) and len(call.args) <= 1 and not _NO_EVENT.search(owner) and not _MODULES.match(owner)
        )
    return called(call) == "result" and bool(owner)


def _is_held(scene: Scene, call: ast.Call) -> bool:
    """Whether the function enters what it waits at, as one must with a condition: `with self.not_empty:`."""
    return any(
        dotted(item.context_expr) == receiver(call)
        for node in own_nodes(scene.function.node)
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
    )


def _futures(node: ast.expr) -> list[str]:
    """Give the names in what is waited for; what is made right there is new on each turn and has none."""
    match node:
        case ast.Set(elts=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [name for part in parts for name in _futures(part)]
        case ast.Starred(value=value):
            return _futures(value)
        case ast.BinOp(left=left, right=right):
            return [*_futures(left), *_futures(right)]
        case ast.Call(args=[value, *_]) if called(node) in _WRAPS:
            return _futures(value)
        case ast.Call(func=ast.Attribute(value=value), args=[]) if called(node) in _WRAPS:
            return _futures(value)
    return [name] if (name := _plain(node)) else []


def _plain(node: ast.expr) -> str:
    """Give a name or attribute; what a call gives has none."""
    name = dotted(node)
    return "" if "(" in name else name


def _is_renewed(loop: Loop, name: str) -> bool:
    """Whether each turn makes it anew or takes out what is done."""
    return any(
        _touches(step.node, name) and all(_is_dispatch(guard, step) for guard in step.way.guards)
        for step in steps(loop.node.body)
        if step.way.handler is None
    )


def _touches(statement: ast.stmt, name: str) -> bool:
    """Whether a statement itself, not one inside it, rebinds a name or takes something out of it."""
    if isinstance(statement, ast.If | ast.While | ast.Try | ast.TryStar | ast.Match):
        return False
    inside = list(ast.iter_child_nodes(statement))
    if isinstance(statement, ast.For | ast.AsyncFor):
        inside = [statement.target]
    elif isinstance(statement, ast.With | ast.AsyncWith):
        inside = list(statement.items)
    return any(_renews(part, name) for node in inside for part in (node, *own_nodes(node)))


def _renews(node: ast.AST, name: str) -> bool:
    """Whether a node assigns to a name or takes something out of it."""
    if isinstance(node, ast.Call):
        return called(node) in _TAKES_OUT and receiver(node) == name
    if isinstance(node, ast.Subscript):
        return not isinstance(node.ctx, ast.Load) and dotted(node.value) == name
    return is_rebound(name, stored([node]))


def _is_dispatch(guard: Guard, step: Step) -> bool:
    """Whether a condition asks which future is done, and not what came of it."""
    test = guard.test
    if any(isinstance(inner, ast.For) and test is inner.iter for inner in step.way.loops):
        return True
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test = test.operand
    if isinstance(test, ast.Compare):
        by_identity = isinstance(test.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn)
        return by_identity and not isinstance(test.comparators[0], ast.Constant)
    return dotted(test) in _DONE or (
        isinstance(test, ast.Call) and called(test) in {"done", "is_set", "cancelled"}
    )


def _is_over(loop: Loop, wait: _Wait, name: str) -> bool:
    """Whether every way round the loop, once that is done, makes it anew; or there is none."""
    nodes = loop_nodes(loop.node)
    done = next(
        (target for node in nodes if isinstance(node, ast.Assign) for target in _done_of(node, wait)), ""
    )
    known: dict[ast.AST, bool] = {wait.node: True} if _is_event(wait) else {}
    for node in nodes:
        if isinstance(node, ast.Call) and called(node) in {"done", "is_set"} and receiver(node) == name:
            known[node] = True
        elif isinstance(node, ast.Compare) and dotted(node.left) == name and isinstance(node.ops[0], ast.In):
            known[node] = dotted(node.comparators[0]) == done
    by_name = {done: True} if done else {}

    def marks(node: ast.AST) -> Iterator[str]:
        if _renews(node, name):
            yield "renewed"
        if node is wait.node:
            yield "waited"

    return not any(way.marks == {"waited"} for way in turns(loop, Reading(marks, Truth(by_name, known).of)))


def _done_of(node: ast.Assign, wait: _Wait) -> list[str]:
    """Give the name of the set of those that are done."""
    value = node.value.value if isinstance(node.value, ast.Await) else node.value
    return target_names(node.targets[0])[:1] if value is wait.node else []


def _is_event(wait: _Wait) -> bool:
    return (
        isinstance(wait.node, ast.Call) and called(wait.node) == "wait" and receiver(wait.node) in wait.held
    )


def _is_set(facts: Facts, name: str) -> bool:
    """Whether it is an event that was set at all looks."""
    seen = [facts.variables.get(f"{name}.{attribute}") for attribute in ("_value", "_flag")]
    return any(value is not None and value.behaviour == "constant" and value.text == "True" for value in seen)


def _match(loop: Loop, wait: _Wait, held: tuple[str, ...]) -> Match:
    listed = " and ".join(f"`{name}`" for name in held)
    return Match(
        line=wait.node.lineno,
        lines=tuple(sorted({loop.first, wait.node.lineno})),
        message=(
            f"`{shown(wait.node)}` in line {wait.node.lineno} no longer waits once {listed} {'is' if len(held) == 1 else 'are'} done, "
            f"and the `{keyword_of(loop.node)}` of line {loop.first} waits for the same again on each turn"
        ),
        names=held,
    )


CAUSE = Cause(
    code="HL005",
    name="settled-future-awaited",
    summary="A loop waits again and again for a future, task or event that is done: each wait is over at once.",
    remedy=(
        "Wait only for what is not done yet: go on with the second set that `wait` returns, take finished tasks out, make a new "
        "future for each turn, `clear()` the event before the next wait, or leave the loop."
    ),
    find=find,
    agrees=agrees,
)
