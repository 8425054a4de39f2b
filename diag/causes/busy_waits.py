"""Loops that do nothing but ask and give way: `while not ready: await sleep(0)`."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from diag.causes.calls import called, number
from diag.causes.shape import below, names, stored
from diag.causes.waiting import ZERO, Waiting
from diag.source import Function, Module

_CLOCKS = frozenset(
    {"time", "monotonic", "perf_counter", "process_time", "time_ns", "monotonic_ns", "now", "utcnow"}
)
"""A loop that looks at one ends by itself."""

_HOLDS_NOTHING = (ast.Pass, ast.Continue)


@dataclass(frozen=True)
class BusyWait:
    """A loop that waits for what others do, and never sleeps."""

    node: ast.While
    pause: ast.Expr
    """The statement that gives way."""


def busy_waits(module: Module, function: Function) -> Iterator[BusyWait]:
    """Give those of one function, in the order of the source.

    Its test only asks for a state that others change: a call that does work, an assignment or a clock in it is another matter.
    """
    waiting = Waiting(module, function)
    for loop in function.loops:
        if (
            isinstance(loop.node, ast.While)
            and (pause := _only_pause(loop.node, waiting))
            and _asks(loop.node, waiting)
        ):
            yield BusyWait(loop.node, pause)


def _only_pause(node: ast.While, waiting: Waiting) -> ast.Expr | None:
    """Give the zero sleep that is all there is in a loop's body."""
    body = [part for part in node.body if not isinstance(part, _HOLDS_NOTHING)]
    if len(body) != 1 or not isinstance(body[0], ast.Expr):
        return None
    value = body[0].value
    awaited = value.value if isinstance(value, ast.Await) else value
    is_zero = isinstance(awaited, ast.Call) and waiting.kind(awaited) == ZERO and _is_written(awaited)
    return body[0] if is_zero or (isinstance(value, ast.Await) and waiting.marks(value) == {ZERO}) else None


def _is_written(call: ast.Call) -> bool:
    """Whether the length of a pause is a zero that stands there, or there is none."""
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return all(number(argument) == 0 for argument in given)


def _asks(node: ast.While, waiting: Waiting) -> bool:
    """Whether the loop's test only asks for a state."""
    if isinstance(node.test, ast.Constant) or stored(below(node.test)):
        return False
    parts = list(below(node.test))
    if any(isinstance(part, ast.Await | ast.Yield | ast.YieldFrom) for part in parts):
        return False
    calls = [part for part in parts if isinstance(part, ast.Call)]
    return bool(names(node.test)) and all(
        not waiting.kind(call) and called(call) not in _CLOCKS for call in calls
    )
