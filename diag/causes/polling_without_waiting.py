"""HL004 polling-without-waiting: a loop that asks again and again for what it could wait for."""

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from diag.causes.calls import called, calls, dotted, lines, loop_nodes, names_in, target_names
from diag.causes.cause import Cause, Facts, Match, Scene, node_lines
from diag.causes.endless import endless
from diag.causes.failures import NEVER_WAITED
from diag.causes.polls import Poll, idle, polls, shown
from diag.causes.progress import fruitless, nothing_there, still
from diag.causes.routes import turns
from diag.causes.waiting import ASKS, AWAIT, PAUSE, VARIABLE, WORK, ZERO, Waiting
from diag.source import Loop

ASKING = "asking"

_QUESTION = re.compile(r"_*(is|has|can|should|check|was|are|any|all)_")

_OUTSIDE = re.compile(
    r"\b(lpop|rpop|llen|rpoplpush|lmove|spop|zpopmin|basic_get|get_message|poll|select|recv\w*|accept|read\w*|"
    r"drain_events|process_data_events|waitpid|is_alive|exists|in_waiting|inWaiting)\b"
)
"""Questions that go outside the process, to a socket, a child or a file: they are seen as I/O that answers at once."""


def find(scene: Scene) -> Match | None:
    """Find a loop that comes round without a pause where nothing is there of what it asks for."""
    loop = scene.loop
    if loop is None or not endless(loop):
        return None
    asked = polls(loop)
    waiting = Waiting(scene.module, scene.function)
    reading = idle(asked, loop, waiting)
    reading = replace(reading, marks=_marker(loop, waiting, asked))
    marks = [turn.marks for turn in turns(loop, reading) if not turn.marks & {PAUSE, ZERO, VARIABLE}]
    if frozenset() in marks and not _brings_on(loop):
        return _flag(loop)
    asking = [marked for marked in marks if ASKING in marked]
    if not asking:
        return None
    return _data(loop, asked[0], awaits=all(AWAIT in marked for marked in asking))


def agrees(match: Match, facts: Facts) -> float:
    """Judge by what the loop waits for, what it is told, and whether that is ever new."""
    text, *awaits = match.names
    likely = fruitless(facts)
    if _answered(facts):
        return 0.95 * likely
    if facts.waits == "io":
        return 0.85 * likely if (facts.verdicts or still(facts)) and _OUTSIDE.search(text) else 0.0
    if facts.waits in {"timeout", "settled"} or (awaits and facts.waits == "unknown"):
        return 0.0
    if nothing_there(facts):
        return 0.95 * likely
    if facts.waits == "never":
        return 0.9 * likely
    return (0.85 if still(facts) and facts.waits == "unknown" else 0.4) * likely


def _answered(facts: Facts) -> bool:
    """Whether an exception in flight is one that only a call that does not wait raises.

    It tells so also where the call asks outside the process, as the queue of a child does: that looks like I/O.
    """
    return any(name.rpartition(".")[2] in NEVER_WAITED for name in facts.raised)


def _marker(loop: Loop, waiting: Waiting, asked: Sequence[Poll]) -> Callable[[ast.AST], frozenset[str]]:
    """Mark what asks, what waits, and what may bring the loop on."""
    nodes = loop_nodes(loop.node)
    polled = {one.node for one in asked}
    assigned = {name for node in nodes for name in _bound(node)}
    read = {name for node in nodes for name in _read(node)}

    def marks(node: ast.AST) -> frozenset[str]:
        if node in polled:
            return frozenset({ASKING})
        if isinstance(node, ast.Call) and _QUESTION.match(called(node)):
            return frozenset()
        if isinstance(node, ast.AugAssign):
            return frozenset({WORK} if dotted(node.target) in read else ())
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            return frozenset({WORK} if node.value is not None and _advances(node.value, assigned) else ())
        if isinstance(node, ast.Delete | ast.With | ast.AsyncWith | ast.For | ast.While | ast.Raise):
            return frozenset({WORK}) | waiting.marks(node)
        return waiting.marks(node)

    return marks


def _brings_on(loop: Loop) -> bool:
    """Whether the loop itself changes what it tests: by a count, a step or a state of its own."""
    nodes = loop_nodes(loop.node)
    tests = [node.test for node in nodes if isinstance(node, ast.If | ast.While | ast.IfExp)]
    tests += [loop.node.test] if isinstance(loop.node, ast.While) else []
    tested = {name for test in tests for name in names_in(test)}
    assigned = {name for node in nodes for name in _bound(node)}
    own = {
        name
        for node in nodes
        if isinstance(node, ast.AugAssign)
        or (
            isinstance(node, ast.Assign | ast.AnnAssign)
            and isinstance(node.value, ast.expr)
            and (isinstance(node.value, ast.Name | ast.Constant) or _advances(node.value, assigned))
        )
        for name in _bound(node)
    }
    return bool(tested & own)


def _bound(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Assign):
        return [name for target in node.targets for name in target_names(target)]
    if isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
        return target_names(node.target)
    return []


def _read(node: ast.AST) -> list[str]:
    reads = isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load)
    return [dotted(node)] if reads and isinstance(node, ast.expr) else []


def _advances(value: ast.expr, assigned: set[str]) -> bool:
    """Whether an assigned value can differ from turn to turn by what the loop itself does."""
    return bool(names_in(value) & assigned) or any(isinstance(part, ast.BinOp) for part in ast.walk(value))


def _data(loop: Loop, asked: Poll, *, awaits: bool) -> Match:
    others = [node for node in loop_nodes(loop.node) if isinstance(node, ast.Await)] if awaits else []
    return Match(
        line=asked.node.lineno,
        lines=tuple(sorted({loop.first, asked.node.lineno})),
        message=f"The loop of {lines(loop.first, loop.last)} asks `{asked.text}` in line {asked.node.lineno} again and "
        "again, and does not wait where nothing is there.",
        names=(asked.text, *(shown(node.value) for node in others)),
    )


def _flag(loop: Loop) -> Match:
    question = _question(loop)
    where = lines(loop.first, loop.last)
    if question is None:
        text = f"The loop of {where} does nothing, and does not wait."
        return Match(line=loop.first, lines=(loop.first,), message=text, names=("",))
    return Match(
        line=question.lineno,
        lines=tuple(sorted({loop.first, *node_lines(question)})),
        message=f"The loop of {where} tests `{shown(question)}` in line {question.lineno} again and again, "
        "and does not wait for it.",
        names=(shown(question),),
    )


def _question(loop: Loop) -> ast.expr | None:
    """Give what the loop tests: its own condition, else the first one in its body."""
    if isinstance(loop.node, ast.While) and not isinstance(loop.node.test, ast.Constant):
        return loop.node.test
    nodes = loop_nodes(loop.node)
    tests = [node.test for node in nodes if isinstance(node, ast.If)]
    return next((call for call in calls(nodes) if called(call) in ASKS), None) or next(iter(tests), None)


CAUSE = Cause(
    code="HL004",
    name="polling-without-waiting",
    summary="A loop asks again and again whether something is there or has happened, and never waits for it.",
    remedy="Let the call wait: `queue.get()` in place of `get_nowait()`, `event.wait()` in place of a flag or `is_set()`, "
    "`process.wait()` and `thread.join()` in place of `poll()` and `is_alive()`, a select or a poll with a timeout; "
    "where there is nothing to wait for, sleep for a time (0.05 s and more) between two looks.",
    find=find,
    agrees=agrees,
)
