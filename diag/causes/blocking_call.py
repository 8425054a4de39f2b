"""HL011 blocking-call: a call or a loop that holds up the event loop, for it does not give way until it is done."""

import ast
from typing import NamedTuple

from diag.causes.blockers import by_method, by_name
from diag.causes.calls import awaited, called, calls, dotted, lines, simple, span
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.makers import COLLECTORS, TASKS, THREADS
from diag.origin import Origin, origin
from diag.source import own_nodes

HELD = 0.2
"""Seconds for which a call must hold the event loop to count where no verdict says so; asyncio's debug mode warns at 0.1."""

NAMED, METHOD, LOOP, CALL, LINE = "named", "method", "loop", "call", "line"
"""How the fault is known: by the full name of what is called, by a method's name, as a loop that does not give way, as a
call of which nothing is known, or as no more than a line."""

STRENGTH = {NAMED: 0.95, METHOD: 0.85, LOOP: 0.75, CALL: 0.7, LINE: 0.6}

ELSEWHERE = frozenset({*TASKS, *THREADS, *COLLECTORS})
"""Calls that come back at once: what they are given runs elsewhere or later."""

GENERIC = "`await asyncio.to_thread(...)` runs it in a thread, a process pool on another core"


class _Blocker(NamedTuple):
    """What holds up the event loop."""

    kind: str
    first: int
    end: int
    name: str
    advice: str


def find(scene: Scene) -> Match | None:
    """Look at the line seen for a call that is known to block, else for a loop that does not give way, else for a call."""
    blocker = _known(scene) or _loop(scene) or _unknown(scene)
    if blocker is None:
        return None
    return Match(
        line=blocker.first,
        lines=tuple(sorted({blocker.first, *_way(scene)[1]})),
        message=_message(scene, blocker),
        names=(blocker.kind,),
    )


def agrees(match: Match, facts: Facts) -> float:
    """Judge by a hold that was measured; where only the line tells, it must have been seen in this very function."""
    (kind,) = match.names
    held = facts.held is not None and facts.held >= HELD and facts.on_event_loop
    if "blocked" not in facts.verdicts and (facts.verdicts or not held):
        return 0.0
    if kind in {LOOP, CALL, LINE} and not facts.lines:
        return 0.0
    return STRENGTH[kind]


CAUSE = Cause(
    code="HL011",
    name="blocking-call",
    summary="A call on the event loop's thread does not give way until it is done, so that nothing else runs meanwhile.",
    remedy=(
        "Use the asynchronous counterpart of the call, or move it off the event loop: await asyncio.to_thread(f, ...) for "
        "what waits or lets go of the GIL, a ProcessPoolExecutor for pure Python; in a long loop, await asyncio.sleep(0) "
        "every few milliseconds."
    ),
    find=find,
    agrees=agrees,
)


def _calls_here(scene: Scene) -> list[ast.Call]:
    """Give the calls on the line seen, the outer before the inner."""
    return [call for call in calls(own_nodes(scene.function.node)) if scene.line in span(call)]


def _known(scene: Scene) -> _Blocker | None:
    nodes = own_nodes(scene.function.node)
    waited = awaited(nodes)
    within = {part for one in waited for part in ast.walk(one)} | _given_away(nodes)
    found = []
    for call in _calls_here(scene):
        if call in waited:
            continue
        if advice := by_name(scene.module, call):
            found.append(_blocker(NAMED, call, advice))
        elif call not in within and not _is_own(scene, call) and (advice := by_method(call)):
            found.append(_blocker(METHOD, call, advice))
    found.sort(key=lambda one: one.kind != NAMED)
    return found[0] if found else None


def _blocker(kind: str, call: ast.Call, advice: str) -> _Blocker:
    return _Blocker(kind, call.lineno, call.lineno, dotted(call.func) or called(call), advice)


def _given_away(nodes: list[ast.AST]) -> set[ast.AST]:
    """Give what is handed to calls that make tasks of it: coroutines, which do not run there."""
    makers = [call for call in calls(nodes) if called(call) in ELSEWHERE]
    return {part for call in makers for given in call.args for part in ast.walk(given)}


def _is_own(scene: Scene, call: ast.Call) -> bool:
    """Whether a method is the user's own: it was seen running, so what blocks is inside it."""
    return any(
        simple(function) == called(call) and origin(module.file) is Origin.OWN
        for module, function in scene.inner
    )


def _loop(scene: Scene) -> _Blocker | None:
    """Give the outermost loop around the line that never gives way."""
    waits = ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Yield | ast.YieldFrom
    for loop in scene.function.loops_at(scene.line):
        nodes = [part for statement in loop.node.body for part in (statement, *own_nodes(statement))]
        if not any(isinstance(node, waits) for node in nodes) and not isinstance(loop.node, ast.AsyncFor):
            return _Blocker(LOOP, loop.first, loop.last, "", GENERIC)
    return None


def _unknown(scene: Scene) -> _Blocker | None:
    waited = awaited(own_nodes(scene.function.node))
    here = _calls_here(scene)
    plain = [call for call in here if call not in waited and called(call) not in ELSEWHERE]
    if plain:
        return _blocker(CALL, plain[0], GENERIC)
    if here or scene.line == getattr(scene.function.node, "lineno", 0):
        return None
    return _Blocker(LINE, scene.line, scene.line, "", GENERIC)


def _way(scene: Scene) -> tuple[str, tuple[int, ...]]:
    """Tell which line of which coroutine leads to the function, if it is none itself; with the line if in this module."""
    if scene.function.is_async:
        return "", ()
    for module, function, line in scene.outer:
        if function.is_async:
            here = module.file == scene.module.file
            file = "" if here else f" of {module.file}"
            return f", to which line {line}{file} in `{function.name}` leads,", (line,) if here else ()
    return "", ()


def _message(scene: Scene, blocker: _Blocker) -> str:
    where = lines(blocker.first, blocker.end)
    what = f"`{blocker.name}` in {where}" if blocker.name else where.capitalize()
    if blocker.kind == LOOP:
        what = f"The loop in {where} of `{scene.function.name}`"
    way, _ = _way(scene)
    if blocker.kind in {NAMED, METHOD}:
        return f"{what}{way} blocks the event loop until it returns; {blocker.advice}."
    return f"{what}{way} holds the event loop until it is done; {blocker.advice}."
