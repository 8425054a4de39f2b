"""HL015 expired-timeout: a wait whose timeout has run out before it begins, on every turn."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from diag.causes.agreement import fresh, moves, number_of
from diag.causes.calls import (
    argument,
    assignments,
    called,
    calls,
    dotted,
    is_standard,
    last,
    lines,
    loop_nodes,
    number,
    origin,
    receiver,
)
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.failures import NEVER_WAITED
from diag.source import Loop, Module, own_nodes

POSITIONS = {
    "wait": 0,
    "wait_for": 1,
    "select": 3,
    "poll": 0,
    "get": 1,
    "put": 2,
    "join": 0,
    "acquire": 1,
    "result": 0,
    "sigtimedwait": 1,
    "timeout": 0,
    "timeout_at": 0,
    "move_on_after": 0,
    "move_on_at": 0,
    "fail_after": 0,
    "fail_at": 0,
    "settimeout": 0,
    "sleep": 0,
    "control": 2,
}
"""Calls that wait, and the position of their timeout; by its name it is understood for any call."""

KEYWORDS = ("timeout", "timeout_ms", "timeout_millis", "timeout_seconds", "timeout_s", "block_ms", "max_wait")

POLL = re.compile(r"poll(er|ster|_obj\w*)?\d?$", re.IGNORECASE)
"""What an object is called whose `poll` counts milliseconds: select.poll's and zmq's. An epoll counts seconds."""

TIMES = re.compile(
    r"time|delay|wait|remain|left|interval|period|deadline|sleep|pause|budget|sec|millis|(^|_)ms$",
    re.IGNORECASE,
)
"""How variables are called that hold a duration."""

ENDLESS = frozenset({"poll", "acquire"})
"""Calls that take a negative timeout for "without end"."""

ROUNDING = frozenset({"max", "min", "int", "float", "round", "ceil", "abs", "total_seconds"})

TINY = 0.001
"""Seconds below which a wait is none: select and epoll count milliseconds, and a loop that turns a thousand times a
second and more takes a noticeable part of a core."""

MILLISECOND = 0.001

WRITTEN, MISTAKEN, COMPUTED, GIVEN = "written", "mistaken", "computed", "given"
"""How a timeout comes to be nothing: 0 is written; a negative or tiny number is; it is computed as what is left of
something; it is a variable."""

STRENGTH = {WRITTEN: 0.5, MISTAKEN: 0.8, COMPUTED: 0.8, GIVEN: 0.5}
"""How surely the fault is this one where the wait is over at once. A 0 that is written is meant: there the fault is that
the loop polls."""

UNSEEN = {"timeout": 1.0, "nothing": 0.75, "never": 0.75, "unknown": 0.4}
"""What remains of it by what the turns were seen to wait for."""

ALIKE = {"select": "io", "poll": "io", "wait": "settled", "wait_for": "settled"}
"""Waits whose being over by time looks like something else: a select that found nothing like one that found something."""


TIMED_OUT = frozenset({"TimeoutError", "timeout", "Timeout", "Empty", "QueueEmpty"})
"""Exceptions by which a wait says that its time is over. Where one is raised on turn after turn, it was never much."""


class _Origin(NamedTuple):
    """How a timeout comes to be nothing, and the line where."""

    kind: str
    line: int


class _Wait(NamedTuple):
    """A call that waits with a timeout that can be nothing."""

    call: ast.Call
    timeout: ast.expr
    origin: _Origin


def find(scene: Scene) -> Match | None:
    """Look in the loop for a wait whose timeout is nothing, is what is left of a period, or is a variable."""
    if scene.loop is None or is_standard(scene.module):
        return None
    order = (COMPUTED, MISTAKEN, WRITTEN, GIVEN)
    waits = sorted(_waits(scene), key=lambda wait: (order.index(wait.origin.kind), wait.call.lineno))
    if not waits:
        return None
    wait = waits[0]
    return Match(
        line=wait.call.lineno,
        lines=tuple(sorted({scene.loop.first, wait.call.lineno, wait.origin.line})),
        message=_message(scene.loop, wait),
        names=(wait.origin.kind, called(wait.call), f"{_factor(wait.call):g}", _name(wait.timeout)),
    )


def agrees(match: Match, facts: Facts) -> float:
    """Judge by the timeout's measured value, else by a wait that was seen to be over at once."""
    kind, wait, unit, name = match.names
    if moves(facts) or fresh(facts, facts.variables) or (facts.lines and match.line not in facts.lines):
        return 0.0
    seen = facts.variables.get(name) or facts.returned.get(f"{wait}.timeout")
    if seen is not None and seen.types == ("NoneType",):
        return 0.0
    value = number_of(seen)
    if value is not None:
        passes = value * float(unit) > TINY or (value < 0 and wait in ENDLESS)
        return 0.0 if passes else 0.95
    if over := TIMED_OUT.intersection(facts.raised):
        polls = kind == WRITTEN and over <= NEVER_WAITED  # a queue asked with a 0 that is meant
        return 0.4 if polls else max(0.6, STRENGTH[kind])
    if kind == GIVEN and (facts.waits != "timeout" or wait not in facts.called):
        return 0.0
    left = 0.65 if kind == COMPUTED and ALIKE.get(wait) == facts.waits else UNSEEN.get(facts.waits, 0.0)
    return STRENGTH[kind] * left


CAUSE = Cause(
    code="HL015",
    name="expired-timeout",
    summary="A wait is given a timeout that is zero, negative or next to nothing, so that it is over at once on every turn.",
    remedy=(
        "Compute the timeout anew from the full period on every turn, also where the loop goes on early; when nothing "
        "is left of it, do what is due and begin a new period; mind the unit: select.poll and zmq count milliseconds."
    ),
    find=find,
    agrees=agrees,
)


def _waits(scene: Scene) -> Iterator[_Wait]:
    assert scene.loop is not None
    sources: dict[str, list[_Origin]] = {}
    for name, value, node in assignments(own_nodes(scene.function.node)):
        if kind := _kind(value, node):
            sources.setdefault(name, []).append(_Origin(kind, node.lineno))
    for call in calls(loop_nodes(scene.loop.node)):
        timeout = _timeout(scene.module, call)
        if timeout is not None and (found := _origin(call, timeout, sources)):
            yield _Wait(call, timeout, found)


def _timeout(module: Module, call: ast.Call) -> ast.expr | None:
    """Give the expression for the timeout of a call that waits."""
    name, owner = called(call), receiver(call)
    position = POSITIONS.get(name, -1)
    if name == "wait" and (
        not owner or origin(module, call.func) in {"asyncio.wait", "concurrent.futures.wait"}
    ):
        position = -1 if origin(module, call.func) == "asyncio.wait" else 1
    elif name == "select" and owner and origin(module, call.func) != "select.select":
        position = 0
    elif name in {"get", "put"} and not _blocks(argument(call, position - 1, "block")):
        position = -1
    elif name == "join" and (not owner or owner.endswith("path") or len(call.args) > 1):
        return None
    return argument(call, position, *KEYWORDS)


def _blocks(flag: ast.expr | None) -> bool:
    """Whether an argument says to wait; without it, a second one is a default and no timeout."""
    return isinstance(flag, ast.Constant) and flag.value is True


def _origin(call: ast.Call, timeout: ast.expr, sources: dict[str, list[_Origin]]) -> _Origin | None:
    written = number(timeout)
    if written is not None:
        return _written(call, written)
    if _kind(timeout) == COMPUTED:
        return _Origin(COMPUTED, timeout.lineno)
    name = dotted(timeout)
    known = sources.get(name, [])
    computed = [source for source in known if source.kind == COMPUTED]
    if computed or known:
        return (computed or known)[0]
    return _Origin(GIVEN, call.lineno) if TIMES.search(name) else None


def _written(call: ast.Call, seconds: float) -> _Origin | None:
    if called(call) == "sleep" or (seconds < 0 and called(call) in ENDLESS):
        return None  # a sleep of 0 gives way and is another cause's business
    if seconds == 0:
        return _Origin(WRITTEN, call.lineno)
    if seconds < 0 or seconds * _factor(call) <= TINY:
        return _Origin(MISTAKEN, call.lineno)
    return None


def _name(timeout: ast.expr) -> str:
    """Give the name of a timeout that is a variable; "" where it is computed in place."""
    return dotted(timeout) if isinstance(timeout, ast.Name | ast.Attribute) else ""


def _kind(value: ast.expr, node: ast.AST | None = None) -> str:
    """Tell whether an expression is what is left of something, or a number that is nothing; "" for anything else."""
    if isinstance(node, ast.AugAssign):
        return COMPUTED if isinstance(node.op, ast.Sub) else ""
    for part in _arithmetic(value):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub):
            return COMPUTED
        if (
            isinstance(part, ast.Call)
            and last(part.func) == "max"
            and any(number(one) == 0 for one in part.args)
        ):
            return COMPUTED
    written = number(value)
    return GIVEN if written is not None and written <= 0 else ""


def _arithmetic(value: ast.expr) -> Iterator[ast.expr]:
    """Give an expression and its parts, what is passed to other functions than those that round left out."""
    parts = [value]
    while parts:
        part = parts.pop()
        yield part
        if not isinstance(part, ast.Call):
            parts += [child for child in ast.iter_child_nodes(part) if isinstance(child, ast.expr)]
        elif last(part.func) in ROUNDING:
            owner = [part.func.value] if isinstance(part.func, ast.Attribute) else []
            parts += [*part.args, *owner]


def _factor(call: ast.Call) -> float:
    """Give the seconds that 1 stands for in a call's timeout."""
    if any(keyword.arg in {"timeout_ms", "timeout_millis", "block_ms"} for keyword in call.keywords):
        return MILLISECOND
    owner = last(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    counts = called(call) == "poll" and POLL.search(owner) and "epoll" not in owner.lower()
    return MILLISECOND if counts else 1.0


def _message(loop: Loop, wait: _Wait) -> str:
    how = f"`{called(wait.call)}` in line {wait.call.lineno}"
    again = f"the loop in {lines(loop.first, loop.last)} turns without pause"
    name = _name(wait.timeout)
    if wait.origin.kind in {WRITTEN, MISTAKEN}:
        amount = number(wait.timeout)
        unit = "milliseconds" if _factor(wait.call) == MILLISECOND else "seconds"
        return f"{how} has a timeout of {amount:g} {unit}, so it is over at once and {again}."
    if wait.origin.kind == GIVEN:
        return (
            f"{how} waits for `{name}`; that is zero or next to it, so the wait is over at once and {again}."
        )
    skipped = _skipped(loop, wait)
    skips = f", and `continue` in line {skipped} goes round it" if skipped else ""
    what = f"for `{name}`, which line {wait.origin.line} computes as" if name else "for no more than"
    return f"{how} waits {what} what is left{skips}; once that is nothing, it is over at once and {again}."


def _skipped(loop: Loop, wait: _Wait) -> int | None:
    """Give the line of a `continue` between the wait and the line that computes its timeout anew."""
    between = range(wait.call.lineno, wait.origin.line)
    found = [node.lineno for node in loop_nodes(loop.node) if isinstance(node, ast.Continue)]
    return next((line for line in found if line in between), None)
