"""Functions that an event loop calls when a descriptor is ready, and that leave it ready."""

import ast
import re
from typing import NamedTuple

from diag.causes.agreement import names_any
from diag.causes.calls import called, calls, definition, simple
from diag.causes.cause import Facts, Match, Scene
from diag.causes.registered import Registration, registration
from diag.causes.taken_out import results, takes_out, unhandled
from diag.source import Function, Module, own_nodes

CALLBACK, WRITER = "callback", "writer"
"""What is at fault: a function that is called when there is something to read, or room to write."""

HANDLES = re.compile(
    r"read|recv|receive|process|drain|handle|feed|get|consume|poll|dispatch|pump|loop|accept", re.IGNORECASE
)
"""How functions are called that may read what is there, elsewhere."""

QUEUED = 0.9
"""Confidence in a callback that is in the ready queue at most looks."""


class _Fault(NamedTuple):
    """What is at fault in a callback."""

    kind: str
    line: int
    text: str
    variable: str = ""


def as_callback(scene: Scene) -> Match | None:
    """Look for where the function is registered to be called, and for what it does at the end."""
    if not isinstance(scene.function.node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    modules = (
        scene.module,
        *(module for module, _, _ in scene.outer),
        *(module for module, _ in scene.inner),
    )
    registered = registration(scene.function, modules)
    if registered is None:
        return None
    nodes = _body(scene.module, scene.function)
    fault = _fault(nodes, registered, scene.function)
    if fault is None:
        return None
    here = registered.module.file == scene.module.file
    place = f"line {registered.line}" if here else f"line {registered.line} of {registered.module.file}"
    name = scene.function.name
    return Match(
        line=fault.line,
        lines=tuple(sorted({fault.line, *([registered.line] if here else [])})),
        message=f"`{registered.name}` in {place} has `{name}` called whenever the descriptor is ready, and {fault.text}.",
        names=(fault.kind, name, fault.variable, ""),
    )


def agrees_callback(match: Match, facts: Facts, *, empty: bool) -> float:
    """Judge by the ready queue: a descriptor that stays ready has its callback in it at most looks, or at work."""
    kind, name, *_ = match.names
    known = empty or kind == WRITER or facts.bytes_per_second is not None
    if facts.waits in {"settled", "timeout"}:
        return 0.0
    if names_any((name,), facts.callbacks):
        return QUEUED if known else 0.6
    if not facts.on_event_loop:  # a loop over a selector calls it
        return 0.85 if empty and facts.waits == "io" else 0.0
    if facts.callbacks and not empty:
        return 0.0
    still = bool(facts.variables) and all(
        seen.behaviour in {"constant", "empty"} for seen in facts.variables.values()
    )
    hot = facts.waits == "nothing" or (facts.waits == "io" and (known or still))
    return 0.85 if empty else 0.6 if hot else 0.4


def _fault(nodes: list[ast.AST], registered: Registration, function: Function) -> _Fault | None:
    first = getattr(function.node, "lineno", 1)
    if registered.for_writing:
        if takes_out(nodes, leaving=False):
            return None
        return _Fault(WRITER, first, "nothing in it ends that once there is nothing to write")
    read = unhandled(nodes, leaving=False)
    if read is not None:
        line = read.call.lineno
        text = (
            f"line {line} gets nothing at its end without taking it out, so that it is called at once again"
        )
        return _Fault(CALLBACK, line, text, next(iter(read.names), ""))
    handed_on = any(HANDLES.search(called(call)) for call in calls(nodes))
    if handed_on or any(results(nodes)) or takes_out(nodes, leaving=False):
        return None
    return _Fault(
        CALLBACK,
        first,
        "nothing in it reads what is there or takes the descriptor out, so that it stays ready",
    )


def _body(module: Module, function: Function) -> list[ast.AST]:
    """Give a function's nodes, with those of the functions of the module that it calls."""
    nodes = own_nodes(function.node)
    for call in calls(tuple(nodes)):
        target = definition(module, call.func, function)
        if target is not None and simple(target) != simple(function):
            nodes = [*nodes, *own_nodes(target.node)]
    return nodes
