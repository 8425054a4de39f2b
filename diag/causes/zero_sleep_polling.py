"""HL003 zero-sleep-polling: a loop that waits for something with `sleep(0)`."""

import ast
from collections.abc import Iterable, Sequence

from diag.causes.agreement import number_of
from diag.causes.blocking import INSTANT
from diag.causes.calls import argument, calls, definition, dotted, lines, loop_nodes, origin
from diag.causes.cause import Cause, Facts, Match, Scene, node_lines
from diag.causes.endless import endless
from diag.causes.polls import Poll, idle, polls, shown
from diag.causes.progress import fruitless, still
from diag.causes.routes import turns
from diag.causes.swallowed import swallowed
from diag.causes.waiting import ASKS, PAUSE, VARIABLE, WORK, ZERO, Waiting
from diag.source import Loop, own_nodes

IN_THREADS = ("time.", "gevent", "eventlet", "os.", "trio", "curio")
"""Where a pause comes from that asyncio knows nothing of, so that nothing is seen to suspend."""


def find(scene: Scene) -> Match | None:
    """Find a loop that can come round with a zero sleep for its only pause."""
    loop = scene.loop
    if loop is None or not endless(loop):
        return None
    waiting = Waiting(scene.module, scene.function)
    nodes = loop_nodes(loop.node)
    after = _after_failures(nodes, waiting)
    pauses = {
        kind: [node for node in _of_kind(nodes, waiting, kind) if node not in after]
        for kind in (ZERO, VARIABLE)
    }
    if not any(pauses.values()) and not scene.inner:
        return None
    asked = polls(loop)
    marks = [turn.marks for turn in turns(loop, idle(asked, loop, waiting)) if PAUSE not in turn.marks]
    kind = next(
        (kind for kind, found in pauses.items() if found and any(kind in marked for marked in marks)), None
    )
    if kind is not None:
        return _match(scene, loop, asked, pauses[kind][0])
    return _below(scene, loop, waiting) if marks and not any(pauses.values()) else None


def agrees(match: Match, facts: Facts) -> float:
    """Judge by what the loop waits for: nothing, and nothing that it looks at is ever new."""
    source, *delays = match.names
    measured = [number_of(facts.variables.get(name)) for name in delays]
    if any(seconds is not None and seconds >= INSTANT for seconds in measured):
        return 0.0
    if facts.waits == "nothing":
        return 0.95 * fruitless(facts)
    suspends = facts.on_event_loop and not source.startswith(IN_THREADS)
    if facts.waits == "settled" and still(facts):
        # A pause of 0 that is made of a future and a timer is over at once by a future that is done.
        return 0.8 * fruitless(facts)
    if facts.waits == "settled" or (suspends and facts.waits != "unknown"):
        return 0.0
    if None in measured:
        return 0.0
    return (0.85 if still(facts) or facts.verdicts else 0.4) * fruitless(facts)


def _of_kind(nodes: Iterable[ast.AST], waiting: Waiting, kind: str) -> list[ast.expr]:
    return [node for node in nodes if isinstance(node, ast.expr) and kind in waiting.marks(node)]


def _after_failures(nodes: Sequence[ast.AST], waiting: Waiting) -> set[ast.AST]:
    """Give what handlers of failures do: a zero sleep there belongs to a retry."""
    bodies = [failure.body for failure in swallowed(nodes, waiting)]
    return {node for body in bodies for part in body for node in (part, *own_nodes(part))}


def _below(scene: Scene, loop: Loop, waiting: Waiting) -> Match | None:
    """Find a function of the same module, called in the loop, that pauses with a zero sleep alone."""
    seen = {
        function.name for module, function in scene.inner if module is scene.module and not function.loops
    }
    for call in calls(loop_nodes(loop.node)):
        function = definition(scene.module, call.func, scene.function) if waiting.kind(call) == WORK else None
        if function is None or function.name not in seen:
            continue
        inside = Waiting(scene.module, function)
        zero = _of_kind(own_nodes(function.node), inside, ZERO)
        if zero and not _of_kind(own_nodes(function.node), inside, VARIABLE):
            return Match(
                line=call.lineno,
                lines=tuple(sorted({loop.first, *node_lines(call, zero[0])})),
                message=f"The loop of {lines(loop.first, loop.last)} calls `{shown(call)}` in line {call.lineno} again "
                f"and again, and its only pause is `{shown(zero[0])}` in line {zero[0].lineno}.",
                names=(_source(scene, zero[0]),),
            )
    return None


def _match(scene: Scene, loop: Loop, asked: Sequence[Poll], pause: ast.expr) -> Match:
    question = asked[0].node if asked else _question(loop)
    does = "comes round again and again"
    if question is not None:
        verb = "asks" if isinstance(question, ast.Call) else "tests"
        does = f"{verb} `{shown(question)}` in line {question.lineno} again and again"
    delays = _delays(pause)
    zero = f", with `{delays[0]}` at 0" if delays else ""
    return Match(
        line=pause.lineno,
        lines=tuple(sorted({loop.first, *node_lines(pause, *([question] if question else []))})),
        message=f"The loop of {lines(loop.first, loop.last)} {does}, "
        f"and its only pause is `{shown(pause)}` in line {pause.lineno}{zero}.",
        names=(_source(scene, pause), *delays),
    )


def _question(loop: Loop) -> ast.expr | None:
    """Give what the loop waits for: its own test, or the first question or condition in its body."""
    if isinstance(loop.node, ast.While) and not isinstance(loop.node.test, ast.Constant):
        return loop.node.test
    nodes = loop_nodes(loop.node)
    asking = [call for call in calls(nodes) if dotted(call.func).rpartition(".")[2] in ASKS]
    return asking[0] if asking else next((node.test for node in nodes if isinstance(node, ast.If)), None)


def _delays(pause: ast.expr) -> tuple[str, ...]:
    """Give the variable, or the expression, that the length of the pause depends on."""
    given = argument(pause, 0, "delay", "seconds") if isinstance(pause, ast.Call) else None
    return () if given is None or isinstance(given, ast.Constant) else (dotted(given) or shown(given),)


def _source(scene: Scene, pause: ast.expr) -> str:
    return origin(scene.module, pause.func) if isinstance(pause, ast.Call) else "yield"


CAUSE = Cause(
    code="HL003",
    name="zero-sleep-polling",
    summary="A loop waits for something by looking again and again, and gives way only with `sleep(0)`, which does not wait.",
    remedy="Wait for what the loop looks for: `await event.wait()`, `await queue.get()`, `await task`, or a condition; "
    "where nothing can be waited for, sleep for a time (0.05 s and more) between two looks.",
    find=find,
    agrees=agrees,
)
