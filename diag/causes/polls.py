"""Calls that ask whether something is there and do not wait for it, and what a loop does when nothing is."""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from diag.causes.blocking import POLLER, TIMEOUTS, not_waiting
from diag.causes.calls import assignments, called, dotted, loop_nodes, receiver
from diag.causes.failures import BROAD, NOTHING_THERE, catches, caught, suppressed
from diag.causes.routes import Reading, TryNode
from diag.causes.truth import Truth
from diag.causes.waiting import Waiting
from diag.source import Loop, own_nodes

When = Literal["always", "plain", "untimed", "told", "handled"]
"""When a call of that name does not wait: always; without arguments; without a timeout; where its arguments forbid it;
where what is raised then is handled around it."""

ASKED: dict[str, tuple[bool | None, When]] = {
    **dict.fromkeys(("get_nowait", "put_nowait", "recv_nowait", "receive_nowait"), (None, "always")),
    **dict.fromkeys(("send_nowait", "acquire_nowait", "get_no_wait"), (None, "always")),
    **dict.fromkeys(
        ("popleft", "pop", "recv", "recv_into", "recvfrom", "recvmsg", "accept"), (None, "handled")
    ),
    **dict.fromkeys(("recv_multipart", "recv_string", "recv_json", "recv_pyobj", "read"), (None, "handled")),
    **dict.fromkeys(("get", "put", "drain_events"), (None, "told")),
    **dict.fromkeys(("acquire", "select", "wait", "join", "waitpid", "consume"), (False, "told")),
    **dict.fromkeys(("process_data_events", "start_consuming"), (False, "told")),
    **dict.fromkeys(("poll", "get_message"), (False, "untimed")),
    **dict.fromkeys(("try_get", "try_recv", "try_receive", "try_pop", "tryget"), (False, "always")),
    **dict.fromkeys(("read_nowait", "kbhit", "inWaiting", "basic_get"), (False, "always")),
    **dict.fromkeys(("lpop", "rpop", "llen", "rpoplpush", "lmove", "spop", "zpopmin"), (False, "always")),
    **dict.fromkeys(("qsize",), (False, "plain")),
    "empty": (True, "plain"),
}
"""By the name of the call: how true its result is where nothing is there (None if it raises then), and when it does
not wait."""

SENTENCE = 48
"""Characters that an expression may take in a message."""


@dataclass(frozen=True)
class Poll:
    """A call (or attribute) that asks and does not wait."""

    node: ast.expr
    text: str
    nothing: bool | None
    """How true its result is where nothing is there; None if it raises then."""


def polls(loop: Loop) -> list[Poll]:
    """Give what a loop asks for without waiting for it, in the order of the source."""
    nodes = loop_nodes(loop.node)
    handled = {
        id(part)
        for node in nodes
        if isinstance(node, TryNode) and _names_nothing(node)
        for statement in node.body
        for part in (statement, *own_nodes(statement))
    }
    found = [poll for node in nodes if (poll := _poll(node, handled=id(node) in handled)) is not None]
    stays = {
        part
        for node in _failing([one.node for one in found if one.nothing is None], nodes)
        for part in own_nodes(node)
    }
    return [poll for poll in found if poll.nothing is not None or poll.node in stays]


def idle(polled: Sequence[Poll], loop: Loop, waiting: Waiting, harmless: Iterable[str] = ()) -> Reading:
    """Give how to read a loop where nothing is there of what it asks for."""
    nodes = loop_nodes(loop.node)
    by_node: dict[ast.AST, bool] = {one.node: one.nothing for one in polled if one.nothing is not None}
    by_name: dict[str, bool] = {}
    for name, value, _ in assignments(nodes):
        asked = value.value if isinstance(value, ast.Await) else value
        if asked in by_node:
            by_name[name] = by_node[asked]
    fails = _failing([one.node for one in polled if one.nothing is None], nodes)
    return Reading(waiting.marks, Truth(by_name, by_node).of, fails, frozenset(harmless))


def shown(node: ast.expr) -> str:
    """Put an expression into words that fit into a sentence."""
    text = " ".join(ast.unparse(node).split())
    if len(text) <= SENTENCE:
        return text
    if isinstance(node, ast.Call) and (name := dotted(node.func)):
        return f"{name}(...)"
    return f"{text[: SENTENCE - 3]}..."


def _poll(node: ast.AST, *, handled: bool) -> Poll | None:
    if isinstance(node, ast.Attribute) and node.attr == "in_waiting":
        return Poll(node, shown(node), nothing=False)
    if not isinstance(node, ast.Call) or (known := ASKED.get(called(node))) is None:
        return None
    nothing, when = known
    if called(node) == "poll" and POLLER.search(receiver(node)) and not not_waiting(node):
        return None
    return Poll(node, shown(node), nothing) if _does_not_wait(node, when, handled=handled) else None


def _does_not_wait(call: ast.Call, when: When, *, handled: bool) -> bool:
    """Whether a call of that kind does not wait."""
    match when:
        case "always":
            return True
        case "plain":
            return not call.args and not call.keywords
        case "untimed":
            timed = bool(call.args) or any(one.arg in TIMEOUTS for one in call.keywords)
            return not timed or not_waiting(call)
        case "told":
            return not_waiting(call)
        case "handled":
            return handled


def _failing(raising: Sequence[ast.expr], nodes: Sequence[ast.AST]) -> dict[ast.AST, Sequence[ast.stmt]]:
    """Give the innermost `try` or `with suppress` around each call that raises, with the statements that handle it."""
    left = set(raising)
    fails: dict[ast.AST, Sequence[ast.stmt]] = {}
    for node in reversed(nodes):  # an inner one comes after the outer
        if not isinstance(node, ast.Try | ast.TryStar | ast.With) or (handling := _handling(node)) is None:
            continue
        inside = left.intersection(part for statement in node.body for part in own_nodes(statement))
        if inside:
            fails[node] = handling
            left -= inside
    return fails


def _names_nothing(node: TryNode) -> bool:
    return any(NOTHING_THERE.intersection(caught(handler)) for handler in node.handlers)


def _handling(node: ast.Try | ast.TryStar | ast.With) -> Sequence[ast.stmt] | None:
    """Give what handles that nothing is there; None if nothing does."""
    if isinstance(node, ast.With):
        return () if NOTHING_THERE.union(BROAD).intersection(suppressed(node)) else None
    return next((handler.body for handler in node.handlers if catches(handler, NOTHING_THERE)), None)
