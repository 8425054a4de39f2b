"""HL014 task-without-end: a task started for each event, whose own loop or wait does not end."""

import ast
from functools import lru_cache
from typing import NamedTuple

from diag.causes.agreement import names_any
from diag.causes.blocking import waits
from diag.causes.calls import awaited, called, calls, dotted, lines, names_in, simple, span
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.makers import Made
from diag.causes.makers import made as made_by
from diag.causes.naming import functions_naming
from diag.causes.shape import exits, is_endless
from diag.source import Function, Loop, Module, own_nodes

WAITS = frozenset(
    {
        *(
            "wait",
            "wait_for",
            "wait_closed",
            "get",
            "join",
            "acquire",
            "sleep",
            "sleep_forever",
            "receive",
            "recv",
            "read",
        ),
        *(
            "readline",
            "readexactly",
            "readuntil",
            "accept",
            "result",
            "pause",
            "select",
            "poll",
            "wait_readable",
            "listen",
        ),
        *("receive_bytes", "receive_text", "receive_json", "next", "anext", "__anext__", "suspend", "event"),
    }
)
"""Calls that come back when something comes, which may be never."""

ENDLESS, CONDITIONAL, WAITING = "endless", "conditional", "waiting"
"""A loop with no way out; one that ends when something is set; one wait."""

STRENGTH = {ENDLESS: 0.95, CONDITIONAL: 0.85, WAITING: 0.6}

SHOWN = 3
"""Names of conditions that a message has room for."""


class _Creation(NamedTuple):
    """The line that starts a task."""

    module: Module
    function: Function
    line: int


def find(scene: Scene) -> Match | None:
    """Look in the function for a loop or a wait that need not end, and in its module for who starts it."""
    if isinstance(scene.function.node, ast.Module | ast.Lambda):
        return None
    loop = _loop(scene)
    wait = _wait(scene) if loop is None else None
    if loop is None and wait is None:
        return None
    creation = _creation(scene)
    if loop is None and not scene.function.is_async and creation is None:
        return None
    kind, text, line = _of_loop(loop) if loop else (WAITING, _of_wait(wait), wait.lineno if wait else 0)
    here = {line}
    if creation and creation.module.file == scene.module.file:
        here.add(creation.line)
    return Match(
        line=line,
        lines=tuple(sorted(here)),
        message=f"A task of `{simple(scene.function)}` does not end: {text}{_started(scene, creation)}.",
        names=(kind, scene.function.name),
    )


def agrees(match: Match, facts: Facts) -> float:
    """Judge by the live tasks of that coroutine, which must grow while the event loop turns."""
    kind, function = match.names
    if facts.frozen or (facts.verdicts and "leak" not in facts.verdicts):
        return 0.0
    if facts.growth_per_second is not None and facts.growth_per_second <= 0:
        return 0.0
    if not names_any((function,), facts.growing):
        return 0.0
    return STRENGTH[kind]


CAUSE = Cause(
    code="HL014",
    name="task-without-end",
    summary="A task is started for each event, request or connection, and none of them ends.",
    remedy=(
        "Start one such task for all, or one for each key and look whether it is there already; keep it, and cancel it "
        "(or set what its loop looks at) when the request or connection that it serves is over; give its wait a timeout."
    ),
    find=find,
    agrees=agrees,
)


def _loop(scene: Scene) -> Loop | None:
    """Give the outermost loop that can go on for ever and waits on its turns."""
    around = scene.function.loops_at(scene.line) or scene.function.loops
    for loop in around:
        if isinstance(loop.node, ast.For):
            continue
        if isinstance(loop.node, ast.AsyncFor) or _waits_within(loop):
            return loop
    return None


def _waits_within(loop: Loop) -> bool:
    nodes = [part for statement in loop.node.body for part in (statement, *own_nodes(statement))]
    kinds = ast.Await | ast.AsyncFor | ast.AsyncWith
    return any(isinstance(node, kinds) for node in nodes) or any(
        called(call) in WAITS for call in calls(nodes)
    )


def _of_loop(loop: Loop) -> tuple[str, str, int]:
    where = lines(loop.first, loop.last)
    if isinstance(loop.node, ast.AsyncFor):
        source = dotted(loop.node.iter)
        return CONDITIONAL, f"the `async for` in {where} goes on as long as `{source}` does", loop.first
    ways = [step for step in exits(loop) if not isinstance(step.node, ast.Assert)]
    if is_endless(loop) and not ways:
        return ENDLESS, f"the loop in {where} has no way out", loop.first
    tests = [guard.test for step in ways for guard in step.way.guards]
    if isinstance(loop.node, ast.While):
        tests.insert(0, loop.node.test)
    names = _conditions(tests)
    what = f"only {_listed(names)} can end" if names else "nothing came yet that ends"
    return CONDITIONAL, f"{what} the loop in {where}", loop.first


def _conditions(tests: list[ast.expr]) -> list[str]:
    """Give the names that conditions look at, each as long as it is written."""
    found = [name for test in tests for name in sorted(names_in(test))]
    return [
        name
        for name in dict.fromkeys(found)
        if not any(other.startswith((f"{name}.", f"{name}(")) for other in found)
    ]


def _listed(names: list[str]) -> str:
    shown = [f"`{name}`" for name in names[:SHOWN]]
    if len(names) > SHOWN:
        return f"{', '.join(shown)} and others"
    return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def _wait(scene: Scene) -> ast.expr | None:
    """Give what the function waits for: at the line seen if there is a wait, else the last wait in its body."""
    nodes = own_nodes(scene.function.node)
    found: list[ast.expr] = [one for one in awaited(nodes) if _may_never_come(one)]
    if not scene.function.is_async:
        found += [call for call in calls(nodes) if waits(call)]
    found.sort(key=lambda one: one.lineno)
    at_line = [one for one in found if scene.line in span(one)]
    if at_line:
        return at_line[0]
    return found[-1] if found else None


def _may_never_come(expression: ast.expr) -> bool:
    if isinstance(expression, ast.Call):
        return called(expression) in WAITS
    return isinstance(expression, ast.Name | ast.Attribute | ast.Subscript)


def _of_wait(wait: ast.expr | None) -> str:
    name = dotted(wait)
    what = f" for `{name}`" if name else ""
    return f"line {wait.lineno if wait else 0} waits{what}, which does not come in time"


def _creation(scene: Scene) -> _Creation | None:
    """Find the line that starts the function as a task: at a known creator, else in the module, its own class first."""
    name = simple(scene.function)
    for module, function, _ in scene.outer:
        for maker, made in _all_made(module, name):
            if maker.node is function.node:
                return _Creation(module, function, made.call.lineno)
    found = [
        _Creation(scene.module, function, made.call.lineno)
        for function, made in _all_made(scene.module, name)
    ]
    owner = scene.function.name.rpartition(".")[0]
    found.sort(key=lambda creation: not creation.function.name.startswith(owner))
    return found[0] if found else None


@lru_cache(maxsize=256)
def _all_made(module: Module, name: str) -> tuple[tuple[Function, Made], ...]:
    """Give where a module makes tasks and threads of what has that name."""
    return tuple(
        (function, one)
        for function in functions_naming(module, frozenset({name}))
        for one in made_by(own_nodes(function.node))
        if one.runs == name
    )


def _started(scene: Scene, creation: _Creation | None) -> str:
    if creation is None:
        return ""
    by = f" by `{creation.function.name}`" if creation.function.name != "<module>" else ""
    file = "" if creation.module.file == scene.module.file else f" of {creation.module.file}"
    return f", and line {creation.line}{file} starts another one{by} each time"
