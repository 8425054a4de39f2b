"""HL009 task-per-turn: a loop makes a task or a thread on every turn, and nothing holds it back."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from diag.causes.agreement import DATA, moves, names_any
from diag.causes.calls import (
    called,
    calls,
    definition,
    is_standard,
    lines,
    loop_nodes,
    names_in,
    receiver,
    simple,
    target_names,
)
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.makers import Made, made
from diag.source import Function, Loop, own_nodes

FAST = 300.0
"""Tasks a second from which they are taken to be made without pause: a loop that makes them for nothing makes tens of
thousands."""

GROWTH = 10.0
"""Growth of live tasks, a second, that counts: the load of a server wavers by less."""

SURE, UNSURE = 0.85, 0.55
"""Confidence where the loop leaves what it makes to itself, and where it waits for it: then what it gets from it says more
about the fault, and is another cause's business."""

NAMED = 0.97
"""Confidence where the live tasks of the very coroutine grow: no other cause of the same loop explains that."""

STARTERS = frozenset(
    {"start", "_bootstrap", "_bootstrap_inner", "submit", "run_in_executor", "_adjust_thread_count"}
)
"""Functions that are seen at work where threads are started or given work without pause: there is no count of them."""

ENDS = frozenset({"join", "result", "shutdown"})
"""Methods that wait for a thread or a future."""


class _Making(NamedTuple):
    """Something made in a loop."""

    made: Made
    line: int
    """Line in the loop: of the call that makes it, or of the function that does."""
    through: str
    """The function that makes it; "" if the loop does so itself."""
    awaited: bool
    """Whether the loop waits for it."""


def find(scene: Scene) -> Match | None:
    """Look in the loop, and in the functions that it calls, for what makes tasks or threads."""
    if scene.loop is None or is_standard(scene.module):
        return None
    makings = sorted(_makings(scene, scene.loop), key=lambda one: (one.awaited, bool(one.through)))
    if not makings:
        return None
    making = makings[0]
    call = making.made.call
    kind = ("thread" if making.made.thread else "task") + (" waited for" if making.awaited else "")
    return Match(
        line=call.lineno,
        lines=tuple(sorted({scene.loop.first, making.line, call.lineno})),
        message=_message(scene.loop, making),
        names=(kind, str(making.line), making.made.runs, *sorted(names_in(call))),
    )


def agrees(match: Match, facts: Facts) -> float:
    """Judge by the tasks made and the growth of the live ones, and by data that is new from look to look."""
    kind, line, runs, *arguments = match.names
    sure = UNSURE if kind.endswith("waited for") else SURE
    if facts.growth_per_second is not None and facts.growth_per_second >= GROWTH and facts.growing:
        if runs:
            return NAMED if names_any((runs,), facts.growing) else 0.0
        return UNSURE
    if facts.lines and int(line) not in facts.lines:
        return 0.0  # what is made without pause is seen being made
    if moves(facts) or _fresh(facts, arguments):
        return 0.0
    if kind.startswith("thread"):
        return 0.7 * sure if STARTERS.intersection(facts.called) else 0.0
    return sure if (facts.created_per_second or 0.0) >= FAST else 0.0


CAUSE = Cause(
    code="HL009",
    name="task-per-turn",
    summary="A loop that does not wait makes a new task, thread or future on every turn.",
    remedy=(
        "Make the task once before the loop and go on with the same one, end the loop when there is nothing more to do, "
        "and await what is made (or bound it with a semaphore or a TaskGroup) before making the next."
    ),
    find=find,
    agrees=agrees,
)


def _makings(scene: Scene, loop: Loop) -> Iterator[_Making]:
    nodes = loop_nodes(loop.node)
    waited, groups = _waited_names(nodes), _groups(nodes)
    within = _within_awaits(nodes)
    own = {one.call: one for one in made(nodes)}
    for one in own.values():
        awaited = (
            one.call in within or receiver(one.call) in groups or bool(waited & _kept_in(one.call, nodes))
        )
        yield _Making(one, one.call.lineno, "", awaited=awaited)
    for call in calls(nodes):
        function = None if call in own else _function(scene, call)
        if function is None:
            continue
        within = _within_awaits(body := own_nodes(function.node))
        for one in made(body):
            yield _Making(one, call.lineno, simple(function), awaited=one.call in within)


def _function(scene: Scene, call: ast.Call) -> Function | None:
    """Give the function that is called, from the module or from those that were seen running below the loop."""
    seen = (
        function
        for module, function in scene.inner
        if simple(function) == called(call) and not is_standard(module)
    )
    return definition(scene.module, call.func, scene.function) or next(seen, None)


def _within_awaits(nodes: list[ast.AST]) -> set[ast.AST]:
    """Give all that is below an `await`, or is iterated as it is done: what is made there is waited for."""
    waits: list[ast.AST] = [node for node in nodes if isinstance(node, ast.Await)]
    waits += [call for call in calls(nodes) if called(call) == "as_completed"]
    return {part for node in waits for part in ast.walk(node)}


def _waited_names(nodes: list[ast.AST]) -> set[str]:
    """Give the names of tasks, threads and collections of them that the loop waits for."""
    waited: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Await):
            waited |= names_in(node.value)
        elif isinstance(node, ast.Call) and called(node) in ENDS:
            waited.add(receiver(node))
    for node in nodes:
        if isinstance(node, ast.For | ast.AsyncFor) and waited.intersection(target_names(node.target)):
            waited |= names_in(node.iter)
    return waited - {""}


def _kept_in(call: ast.Call, nodes: list[ast.AST]) -> set[str]:
    """Give the names under which the loop keeps what a call makes."""
    kept: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and _holds(node.value, call):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            kept.update(name for target in targets for name in target_names(target))
        elif (
            isinstance(node, ast.Call) and node is not call and any(_holds(part, call) for part in node.args)
        ):
            kept.add(receiver(node))
    return kept - {""}


def _groups(nodes: list[ast.AST]) -> set[str]:
    """Give the groups that end within the loop, and wait for all that is made in them."""
    items = (item for node in nodes if isinstance(node, ast.With | ast.AsyncWith) for item in node.items)
    return {name for item in items if item.optional_vars for name in target_names(item.optional_vars)}


def _holds(node: ast.expr | None, call: ast.Call) -> bool:
    return node is not None and any(part is call for part in ast.walk(node))


def _fresh(facts: Facts, arguments: list[str]) -> bool:
    """Whether a task is given data that is new from look to look: then it is work and not the fault."""
    seen = (facts.variables[name] for name in arguments if name in facts.variables)
    return any(one.behaviour == "changing" and DATA.intersection(one.types) for one in seen)


def _message(loop: Loop, making: _Making) -> str:
    what = "a thread's work" if making.made.thread else "a task"
    what += f" of `{making.made.runs}`" if making.made.runs else ""
    line = making.made.call.lineno
    where = (
        f"in line {line}"
        if not making.through
        else f"in line {line}, through `{making.through}` in line {making.line},"
    )
    end = "and comes back for the next without pause" if making.awaited else "and does not wait for it"
    return f"The loop in {lines(loop.first, loop.last)} makes {what} {where} on every turn {end}."
