"""HL002 end-of-stream-ignored: what a loop reads is at its end, and nothing in the loop leaves it for that."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from diag.causes.calls import assignments, called, dotted, loop_nodes, receiver
from diag.causes.cause import Cause, Match, Scene
from diag.causes.end_seen import agrees
from diag.causes.ends import End, Ended, is_of, truth, way_at_end
from diag.causes.polls import polls, shown
from diag.causes.reading import GIVES_EMPTY, READS, Read, reads_in
from diag.causes.routes import Reading, turns
from diag.causes.shape import below, exits, keyword_of, last_name
from diag.causes.waiting import PAUSE, Waiting
from diag.source import Loop, own_nodes

_TELL_NO_END = frozenset({"wait", "wait_for", "select", "gather", "timeout", "wait_closed"})
"""Waits that are over at once where what they wait for is at its end."""
_DROPS = frozenset(
    {"unregister", "remove_reader", "remove", "discard", "pop", "connect", "reconnect", "open"}
)
"""What a loop calls to be rid of one stream, or to have another, and goes on."""


@dataclass(frozen=True)
class _Received:
    """A read, and the variables that hold its result or what comes of that alone."""

    read: Read
    names: frozenset[str]
    grown: frozenset[str]
    """Variables to which it is added."""

    @property
    def ended(self) -> Ended:
        """What is at its end when the read is."""
        return frozenset({*self.names, self.read.call})


def find(scene: Scene) -> Match | None:
    """Find a read in the hot loop at whose end the loop turns on."""
    if scene.loop is None:
        return None
    if isinstance(scene.loop.node, ast.For | ast.AsyncFor):
        return _never_equal(scene.loop)
    for received in _received(scene.loop):
        if not any(_is_handled(scene, scene.loop, received, end) for end in received.read.ends):
            return _match(scene.loop, received)
    return None


def _received(loop: Loop) -> Iterator[_Received]:
    """Give the reads of a loop, those inside inner loops last: the outer loop's own are the likelier fault."""
    nodes = loop_nodes(loop.node)
    asked = {
        id(poll.node)
        for poll in polls(loop)
        if poll.nothing is not None
        or last_name(poll.node) not in GIVES_EMPTY  # a queue that is empty raises, and goes on
    }
    inner = {
        id(part)
        for node in nodes
        if isinstance(node, ast.While | ast.For | ast.AsyncFor)
        for part in own_nodes(node)
    }
    found = [read for read in reads_in(*_outermost(nodes)) if id(read.call) not in asked]
    for read in sorted(found, key=lambda read: id(read.call) in inner):
        held = holders(read.call, nodes)
        yield _Received(read, held, grown(read.call, held, nodes))


def _outermost(nodes: Iterable[ast.AST]) -> list[ast.AST]:
    """Give the nodes that are inside no other, so that what is below them is met once."""
    nodes = list(nodes)
    nested = {id(part) for node in nodes for part in own_nodes(node)}
    return [node for node in nodes if id(node) not in nested]


def holders(call: ast.expr, nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Give the names that hold what a call returned, or what is empty if that is: `text = line.strip()`."""
    given = [(name, value) for name, value, node in assignments(nodes) if not isinstance(node, ast.AugAssign)]
    found = {name for name, value in given if any(part is call for part in (value, *own_nodes(value)))}
    for _ in range(3):  # a chain of three is longer than any seen
        found |= {name for name, value in given if is_of(value, frozenset(found))}
    return frozenset(found)


def grown(call: ast.expr, held: frozenset[str], nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Give the names to which the result is added: `buffer += sock.recv(100)`, `buffer.extend(data)`."""
    nodes = list(nodes)
    added = [(name, value) for name, value, node in assignments(nodes) if isinstance(node, ast.AugAssign)]
    added += [
        (receiver(node), node.args[0])
        for node in nodes
        if isinstance(node, ast.Call) and called(node) in {"extend", "write"} and node.args
    ]
    ended: Ended = frozenset({*held, call})
    return frozenset(name for name, value in added if name and is_of(value, ended))


def _is_handled(scene: Scene, loop: Loop, received: _Received, end: End) -> bool:
    """Whether the loop, at the end of what it reads, is left or pauses on every way round, failures aside."""
    in_handlers = {
        id(part)
        for node in loop_nodes(loop.node)
        if isinstance(node, ast.ExceptHandler)
        for statement in node.body
        for part in (statement, *own_nodes(statement))
        if isinstance(part, ast.stmt | ast.Call)  # an `ast.Load` is one object everywhere
    }
    waiting = Waiting(scene.module, scene.function)
    dropped = _dropped(loop, received, end)

    def marks(node: ast.AST) -> Iterator[str]:
        if node is received.read.call:
            yield "read"
        if id(node) in in_handlers:
            yield "failed"
        if node in dropped:
            yield "dropped"
        ends = isinstance(node, ast.Call) and (READS.match(called(node)) or called(node) in _TELL_NO_END)
        if isinstance(node, ast.Call) and not ends and waiting.kind(node) == PAUSE:
            yield "paused"

    reading = Reading(marks, partial(truth, ended=received.ended, end=end))
    return not any(way.marks == {"read"} for way in turns(loop, reading))


def _dropped(loop: Loop, received: _Received, end: End) -> set[ast.Call]:
    """Give the calls, made only at the end, by which the loop drops this stream and goes on with others."""
    found: set[ast.Call] = set()
    for node in loop_nodes(loop.node):
        if isinstance(node, ast.If) and (told := truth(node.test, received.ended, end)) is not None:
            branch = node.body if told else node.orelse
            found |= {
                part for part in below(*branch) if isinstance(part, ast.Call) and called(part) in _DROPS
            }
    return found


def _match(loop: Loop, received: _Received) -> Match:
    read = received.read
    lines = {loop.first, read.line}
    message = (
        f"`{shown(read.call)}` in line {read.line} {_how(read)}, and the `{keyword_of(loop.node)}` of line {loop.first} "
        "goes on reading: nothing in it leaves for that"
    )
    if (again := _reads_again(loop, received)) is not None:
        lines.add(again)
        message += f"; the `continue` in line {again} only reads again"
    elif (partly := _partly_left(loop, received)) is not None:
        lines.add(partly)
        message += f" alone (line {partly} asks for more than that)"
    return Match(
        line=read.line,
        lines=tuple(sorted(lines)),
        message=message,
        names=(read.name, *sorted(received.names), *(f"+{name}" for name in sorted(received.grown))),
    )


def _how(read: Read) -> str:
    if read.name in GIVES_EMPTY:
        return "returns nothing at once at the end of the stream"
    if "get" in read.name:
        return "has nothing more to give once the other side is done"
    return "answers at once when the other side has closed"


def _reads_again(loop: Loop, received: _Received) -> int | None:
    """Give the line of a `continue` that is taken at the end."""
    for node in loop_nodes(loop.node):
        if not isinstance(node, ast.If) or not isinstance(node.body[-1], ast.Continue):
            continue
        if any(truth(node.test, received.ended, end) for end in received.read.ends):
            return node.body[-1].lineno
    return None


def _partly_left(loop: Loop, received: _Received) -> int | None:
    """Give the line of a condition that leaves the loop at the end only if something else holds as well."""
    for step in exits(loop):
        for guard in step.way.guards:
            if isinstance(guard.test, ast.BoolOp) and guard.holds and step.way.handler is None:
                parts = [
                    truth(part, received.ended, end)
                    for part in guard.test.values
                    for end in received.read.ends
                ]
                if (
                    True in parts
                    and way_at_end(step.way.guards, received.ended, received.read.ends[0]) is None
                ):
                    return guard.test.lineno
    return None


def _never_equal(loop: Loop) -> Match | None:
    """Find `for line in iter(f.readline, "")` over bytes: its end, b"", never equals the text."""
    node = loop.node
    if not isinstance(node, ast.For) or not isinstance(node.iter, ast.Call) or called(node.iter) != "iter":
        return None
    match node.iter.args:
        case [reader, ast.Constant(value=sentinel)] if isinstance(sentinel, str | bytes):
            target = dotted(node.target)
            return Match(
                line=node.iter.lineno,
                lines=(node.lineno,),
                message=(
                    f"the `for` of line {node.lineno} ends when `{shown(reader)}` gives {sentinel!r}; what it gives at its "
                    "end is another empty value, which never equals that"
                ),
                names=(_function_read(reader), *([target] if target else [])),
            )
    return None


def _function_read(reader: ast.expr) -> str:
    body = reader.body if isinstance(reader, ast.Lambda) else reader
    found = (
        [dotted(body).rpartition(".")[2]]
        if dotted(body)
        else [called(part) for part in (body,) if isinstance(part, ast.Call)]
    )
    return found[0] if found else ""


CAUSE = Cause(
    code="HL002",
    name="end-of-stream-ignored",
    summary="A loop goes on reading from what has ended: each read answers at once, with nothing.",
    remedy=(
        'Leave the loop when the read gives its end (b"", None, a CLOSED message, the sentinel), with `return` or a `break` of '
        "this very loop, and test for it before anything is made of the value."
    ),
    find=find,
    agrees=agrees,
)
