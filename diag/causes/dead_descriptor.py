"""HL012 dead-descriptor-registered: a descriptor at its end stays registered, so that every select is over at once."""

import ast
import re
from typing import NamedTuple

from diag.causes.agreement import moves, number_of
from diag.causes.calls import (
    argument,
    called,
    calls,
    dotted,
    is_plumbing,
    last,
    lines,
    loop_nodes,
    number,
    receiver,
)
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.ready_callback import CALLBACK, WRITER, agrees_callback, as_callback
from diag.causes.taken_out import results, takes_out, unhandled
from diag.source import own_nodes

POLLS = frozenset({"select", "poll", "epoll_wait", "control", "kevent"})
"""Calls that wait for descriptors."""

READY = frozenset(
    {"wait_readable", "wait_writable", "wait_socket_readable", "wait_socket_writable", "wait_read"}
)
"""Awaitables that wait for one descriptor: trio, anyio, gevent."""

ENDED = frozenset({"POLLHUP", "POLLERR", "POLLNVAL", "EPOLLHUP", "EPOLLERR", "EPOLLRDHUP", "KQ_EV_EOF"})
"""Bits by which poll tells of a descriptor at its end, whether they were asked for or not."""

ASKED = frozenset({"POLLIN", "POLLOUT", "POLLPRI", "EPOLLIN", "EPOLLOUT", "EPOLLPRI"})

POLLER = re.compile(r"sel|poll|mux|reactor", re.IGNORECASE)
"""How objects are called that wait for descriptors."""

INSTANT = 0.001
"""Seconds of a timeout below which a select is over at once of itself."""

CONTENT = frozenset({"bytes", "str", "bytearray", "memoryview"})
"""Types of what is read from a descriptor."""

READ, EVENTS, WRITABLE, UNSEEN = "read", "events", "writable", "unseen"
"""What is at fault: an empty read is passed over; only some event bits are looked at; there is always room to write; what
becomes of the ready descriptors is not in the loop."""

STRENGTH = {READ: 0.85, EVENTS: 0.8, WRITABLE: 0.7, UNSEEN: 0.75}


class _Fault(NamedTuple):
    """What is at fault in a loop around a select."""

    kind: str
    line: int
    text: str
    variable: str = ""


def find(scene: Scene) -> Match | None:
    """Look for a loop around a select, else for where the function is registered as a callback."""
    return _in_loop(scene) or as_callback(scene)


def agrees(match: Match, facts: Facts) -> float:
    """Judge by a select that is over at once and by what is read, which must be nothing."""
    kind, _, variable, timeout = match.names
    if moves(facts) or _receives(facts):
        return 0.0
    read = facts.variables.get(variable)
    if read is not None and read.behaviour != "empty":
        return 0.0
    if kind in {CALLBACK, WRITER}:
        return agrees_callback(match, facts, empty=read is not None)
    given = number_of(facts.variables.get(timeout))
    if given is not None and 0 <= given < INSTANT:
        return 0.0
    return _agrees_loop(match, facts, empty=read is not None)


CAUSE = Cause(
    code="HL012",
    name="dead-descriptor-registered",
    summary="A descriptor that is at its end, closed or always ready stays registered, so that every select comes back at once.",
    remedy=(
        "Take the descriptor out (unregister, remove_reader, close) when a read gives nothing, when it raises and when poll "
        "says POLLHUP, POLLERR or POLLNVAL; read until nothing is left; ask to write only while there is something to write."
    ),
    find=find,
    agrees=agrees,
)


def _in_loop(scene: Scene) -> Match | None:
    if is_plumbing(scene.module):
        return None
    nodes, where = _round(scene)
    poll = _poll(nodes)
    if poll is None:
        return None
    fault = _fault(nodes, poll, where)
    if fault is None:
        return None
    return Match(
        line=poll.lineno,
        lines=tuple(sorted({poll.lineno, fault.line, *([scene.loop.first] if scene.loop else [])})),
        message=f"`{called(poll)}` in line {poll.lineno} comes back at once, again and again: {fault.text}.",
        names=(fault.kind, called(poll), fault.variable, dotted(_timeout(poll))),
    )


def _round(scene: Scene) -> tuple[list[ast.AST], str]:
    """Give what one round consists of, and its lines: the loop, or the whole function where a caller's loop is around it."""
    function = scene.function.node
    if scene.loop is not None:
        nodes = loop_nodes(scene.loop.node)
        alone = _poll(nodes) is None and isinstance(
            scene.loop.node, ast.For
        )  # over what a select before it gave
        if not alone or not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            return nodes, lines(scene.loop.first, scene.loop.last)
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return [], ""
    return own_nodes(function), lines(function.lineno, function.end_lineno or function.lineno)


def _poll(nodes: list[ast.AST]) -> ast.Call | None:
    """Give the first call that waits for descriptors, those that ask to come back at once left out."""
    pairs = {node.iter for node in nodes if isinstance(node, ast.For) and isinstance(node.target, ast.Tuple)}
    pairs |= {
        node.iter
        for node in nodes
        if isinstance(node, ast.comprehension) and isinstance(node.target, ast.Tuple)
    }
    for call in calls(nodes):
        if called(call) in POLLS and _waits(call, pairs=call in pairs):
            return call
        if called(call) in READY:
            return call
    return None


def _waits(call: ast.Call, *, pairs: bool) -> bool:
    """Whether a call waits for descriptors, and does not ask to come back at once; what gives pairs is no child process."""
    name, owner = called(call), receiver(call).rpartition(".")[2]
    of_poller = bool(POLLER.search(owner))
    if name == "select" and len(call.args) < 3 and not of_poller:  # noqa: PLR2004 - read, write, exceptional
        return False
    if name == "poll" and not (of_poller or pairs) and not call.args and not call.keywords:
        return False  # a child process's
    if name == "control" and not owner.startswith("k"):
        return False
    given = number(_timeout(call))
    return given is None or given < 0 or given >= INSTANT


def _timeout(call: ast.Call) -> ast.expr | None:
    position = {"select": 3 if len(call.args) > 1 else 0, "poll": 0, "control": 2}.get(called(call), -1)
    return argument(call, position, "timeout")


def _fault(nodes: list[ast.AST], poll: ast.Call, where: str) -> _Fault | None:
    read = unhandled(nodes, leaving=True)
    if read is not None:
        line = read.call.lineno
        text = f"line {line} gets nothing from a descriptor at its end, and nothing in {where} takes it out for that"
        return _Fault(READ, line, text, next(iter(read.names), ""))
    tested = {name for node in nodes if _is_test(node) for name in _bits(node)}
    if tested & ASKED and not tested & ENDED and called(poll) == "poll":
        names = " and ".join(sorted(tested & ASKED))
        return _Fault(
            EVENTS, poll.lineno, f"{where} look at {names} alone, and not at POLLHUP, POLLERR and POLLNVAL"
        )
    if _always_writable(poll):
        return _Fault(
            WRITABLE, poll.lineno, "it asks for room to write, also while there is nothing to write"
        )
    if any(results(nodes)) or takes_out(nodes, leaving=False):
        return None
    text = f"a descriptor is at its end, closed or always ready to be written, and nothing in {where} takes it out"
    return _Fault(UNSEEN, poll.lineno, text)


def _is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.Compare) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitAnd))


def _bits(node: ast.AST) -> set[str]:
    return {last(part) for part in ast.walk(node) if isinstance(part, ast.Name | ast.Attribute)}


def _always_writable(poll: ast.Call) -> bool:
    """Whether a select is asked for writing to all that it reads from, or to a list that is written out."""
    if called(poll) != "select" or len(poll.args) < 3:  # noqa: PLR2004 - read, write, exceptional
        return False
    read, write = poll.args[:2]
    listed = isinstance(write, ast.List | ast.Tuple) and bool(write.elts)
    return listed or bool(dotted(write) and dotted(write) == dotted(read))


def _receives(facts: Facts) -> bool:
    """Whether a local variable holds new text or bytes; lists of what is ready differ from look to look as they are built."""
    return any(
        seen.behaviour == "changing" and CONTENT.intersection(seen.types)
        for name, seen in facts.variables.items()
        if "." not in name
    )


def _agrees_loop(match: Match, facts: Facts, *, empty: bool) -> float:
    """Judge by what the loop waits for: on an event loop's thread, only a select that is seen there is the loop's own."""
    kind, name, *_ = match.names
    called_here = name in facts.called or match.line in facts.lines
    if facts.on_event_loop and not called_here and name not in READY:
        return 0.0
    if facts.waits == "io":
        return 0.95 if empty else STRENGTH[kind]
    if facts.waits in {"never", "unknown"} and called_here:
        return 0.9 if empty else 0.75 * STRENGTH[kind]
    return 0.0
