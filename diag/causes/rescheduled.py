"""HL008 callback-reschedules-itself: a callback that puts itself back into the event loop's queue on every run."""

import ast
from collections.abc import Iterator
from typing import NamedTuple

from diag.causes.agreement import fresh, number_of, same
from diag.causes.calls import (
    argument,
    assignments,
    called,
    calls,
    definition,
    dotted,
    is_plumbing,
    last,
    number,
    origin,
    simple,
)
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.source import Function, Module, own_nodes

AT_ONCE = {
    "call_soon": 0,
    "call_soon_threadsafe": 0,
    "add_callback": 0,
    "add_callback_from_signal": 0,
    "spawn_callback": 0,
    "add_done_callback": 0,
    "callFromThread": 0,
    "callInThread": 0,
    "deferLater": 2,
    "idle_add": 0,
    "after_idle": 0,
    "next_tick": 0,
    "nextTick": 0,
    "start_soon": 0,
    "create_task": 0,
    "ensure_future": 0,
    "run_coroutine_threadsafe": 0,
    "submit": 0,
    "run_in_executor": 1,
}
"""What runs a function as soon as it can, and the position of the function among the arguments: asyncio, Tornado,
Twisted, GLib, Tk, Qt, trio, executors."""

DELAYED = {
    "call_later": (0, 1),
    "call_at": (0, 1),
    "callLater": (0, 1),
    "add_timeout": (0, 1),
    "timeout_add": (0, 1),
    "after": (0, 1),
    "singleShot": (0, 1),
    "Timer": (0, 1),
    "enter": (0, 2),
    "enterabs": (0, 2),
}
"""What runs a function after a delay or at a time: the positions of the delay and of the function."""

ABSOLUTE = frozenset({"call_at", "enterabs"})

KEYWORDS = ("callback", "func", "function", "action", "coro", "fn")

TINY = 0.001
"""Seconds below which a delay is none: an event loop's clock and epoll count milliseconds."""

TASKS = frozenset(
    {
        "start_soon",
        "create_task",
        "ensure_future",
        "run_coroutine_threadsafe",
        "submit",
        "run_in_executor",
        "callInThread",
    }
)
"""Those that make a task or occupy a thread: a cycle through them makes one on every round."""

TASK = "by task"
"""Among a match's names: the cycle makes a task."""

ROUNDS = 100
"""Tasks a second from which a cycle that makes one a round is taken to go without pause."""

STEPS = 3
"""Functions of a cycle at most: A schedules B, which calls C, which schedules A."""

PLUMBING = frozenset({"_run_callback", "partial", "functools.partial", "method-wrapper", "_run_via_executor"})
"""What the ready queue shows in place of the function that it wraps."""


class _Edge(NamedTuple):
    """One function runs another, at once or by the event loop."""

    call: ast.Call
    target: Function
    delay: str
    """Name of the delay where it is a variable; "" where there is none."""
    scheduled: bool


def find(scene: Scene) -> Match | None:
    """Look for a way from the function back to itself through the event loop's queue.

    A function with a hot `while` of its own burns its time there, whoever starts it.
    """
    if not isinstance(scene.function.node, ast.FunctionDef | ast.AsyncFunctionDef) or is_plumbing(
        scene.module
    ):
        return None
    if scene.loop is not None and isinstance(scene.loop.node, ast.While | ast.AsyncFor):
        return None
    path = _cycle(scene.module, scene.function)
    if path is None:
        return None
    scheduling = next(edge for edge in path if edge.scheduled)
    how = [f"delay {edge.delay}" for edge in path if edge.delay]
    how += [TASK for edge in path if edge.scheduled and called(edge.call) in TASKS][:1]
    return Match(
        line=scheduling.call.lineno,
        lines=tuple(sorted({edge.call.lineno for edge in path})),
        message=_message(scene.function, path, scheduling),
        names=(scene.function.name, *(edge.target.name for edge in path), *how),
    )


def agrees(match: Match, facts: Facts) -> float:
    """Judge by the ready queue: the callback must be in it at most looks, or nothing must be known of the queue."""
    if fresh(facts, facts.variables):
        return 0.0
    delays = [name.removeprefix("delay ") for name in match.names if name.startswith("delay ")]
    functions = [name for name in match.names if " " not in name]
    if TASK in match.names and (facts.created_per_second or 0.0) < ROUNDS:
        return 0.0
    values = [number_of(facts.variables.get(name)) for name in delays]
    if any(value is not None and value > TINY for value in values):
        return 0.0
    if facts.callbacks:
        return _queued(functions, facts)
    known = all(value is not None for value in values) and not facts.frozen
    return _unqueued(facts) if known else 0.0


CAUSE = Cause(
    code="HL008",
    name="callback-reschedules-itself",
    summary="A callback schedules itself again to run at once, so that the event loop never comes to rest.",
    remedy=(
        "Wait for the event that the callback looks for (a future, an asyncio.Event, add_done_callback on what is "
        "pending), or give it a real delay with call_later(seconds, ...), and stop when there is nothing left to do."
    ),
    find=find,
    agrees=agrees,
)


def _cycle(module: Module, start: Function) -> list[_Edge] | None:
    """Give the shortest way from a function to itself of which at least one step is scheduled."""
    ways: list[list[_Edge]] = [[]]
    seen: set[tuple[str, bool]] = set()
    for _ in range(STEPS):
        longer = []
        for way in ways:
            for edge in _edges(module, way[-1].target if way else start):
                scheduled = edge.scheduled or any(step.scheduled for step in way)
                if edge.target.node is start.node and scheduled:
                    return [*way, edge]
                if (edge.target.name, scheduled) not in seen and edge.target.node is not start.node:
                    seen.add((edge.target.name, scheduled))
                    longer.append([*way, edge])
        ways = longer
    return None


def _edges(module: Module, function: Function) -> Iterator[_Edge]:
    """Give what a function runs in its own module."""
    nodes = own_nodes(function.node)
    local = {name: value for name, value, _ in assignments(nodes)}
    for call in calls(nodes):
        scheduled = _scheduled(module, call)
        if scheduled is None:
            if _own(call.func, function) and (target := definition(module, call.func, function)):
                yield _Edge(call, target, "", scheduled=False)
            continue
        reference, delay = scheduled
        for one in _references(local.get(dotted(reference), reference)):
            if _own(one, function) and (target := definition(module, one, function)):
                yield _Edge(call, target, delay, scheduled=True)


def _own(reference: ast.expr, function: Function) -> bool:
    """Whether a name or a method of the same object or class is meant; of another object it would be no cycle."""
    if isinstance(reference, ast.Name):
        return True
    owner = dotted(reference.value) if isinstance(reference, ast.Attribute) else ""
    return bool(owner) and owner in {"self", "cls", *function.name.split(".")}


def _scheduled(module: Module, call: ast.Call) -> tuple[ast.expr, str] | None:
    """Give the function that a call schedules to run at once, and the name of the delay where that is a variable."""
    name = called(call)
    if name in AT_ONCE:
        given = argument(call, AT_ONCE[name], *KEYWORDS)
        return (given, "") if given is not None else None
    if name not in DELAYED:
        return None
    delay, function = DELAYED[name]
    after, given = (
        argument(call, delay, "delay", "interval", "when", "deadline"),
        argument(call, function, *KEYWORDS),
    )
    if after is None or given is None:
        return None
    wait = _delay(module, name, after)
    return None if wait is None else (given, wait)


def _delay(module: Module, name: str, after: ast.expr) -> str | None:
    """Give "" for no delay, the name of a variable one ("until NAME" for a time), None for a real or computed one."""
    written = number(after)
    if written is not None:
        return "" if written <= TINY and name not in ABSOLUTE else None
    if isinstance(after, ast.Call):
        now = name in ABSOLUTE and last(after.func) in {"time", "monotonic"}
        none = origin(module, after.func).endswith("timedelta") and not any(map(_some, _given(after)))
        return "" if now or none else None
    named = dotted(after)
    return f"until {named}" if named and name in ABSOLUTE else named or None


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(keyword.value for keyword in call.keywords)]


def _some(given: ast.expr) -> bool:
    return number(given) != 0


def _references(given: ast.expr | None) -> Iterator[ast.expr]:
    """Give the functions that an argument stands for: itself, within a partial, a lambda or a coroutine's call."""
    if isinstance(given, ast.Name | ast.Attribute):
        yield given
    elif isinstance(given, ast.Lambda):
        for call in calls(ast.walk(given.body)):
            yield call.func
    elif isinstance(given, ast.Call):
        yield given.func
        yield from (one for one in given.args[:1] if isinstance(one, ast.Name | ast.Attribute))


def _unqueued(facts: Facts) -> float:
    """Judge where the ready queue was empty at most looks, or could not be read."""
    if facts.waits == "nothing":
        return 0.75  # a callback that is at work, or about to be, at most looks
    return 0.5 if facts.waits == "never" or facts.on_event_loop else 0.0


def _queued(functions: list[str], facts: Facts) -> float:
    """Judge the names in the ready queue; a lambda is named after the function that it was made in."""
    parts = [callback.replace("<locals>.", "").removesuffix(".<lambda>") for callback in facts.callbacks]
    if any(same(function, part) for function in functions for part in parts):
        return 0.95
    wrapped = any(part.rpartition(".")[2] in PLUMBING or part in PLUMBING for part in parts)
    return (0.8 if facts.waits == "nothing" else 0.6) if wrapped else 0.0


def _message(start: Function, path: list[_Edge], scheduling: _Edge) -> str:
    how = f"`{called(scheduling.call)}` in line {scheduling.call.lineno}"
    soon = _soon(scheduling.delay)
    if len(path) == 1:
        return f"`{start.name}` passes itself to {how}, so that it runs again {soon}, on turn after turn of the event loop."
    steps = ", ".join(
        f"{'schedules' if edge.scheduled else 'calls'} `{simple(edge.target)}` (line {edge.call.lineno})"
        for edge in path
    )
    return f"`{start.name}` comes back to itself {soon} through {how}: it {steps.replace(', ', ', which ')}."


def _soon(delay: str) -> str:
    if not delay:
        return "at once"
    return f"when `{delay[6:]}` has come" if delay.startswith("until ") else f"after `{delay}` seconds"
