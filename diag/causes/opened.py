"""Streams and requests that a loop opens anew: where, and whether the loop goes through them to their end."""

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from diag.causes.blocking import TIMEOUTS
from diag.causes.calls import (
    argument,
    assignments,
    called,
    calls,
    definition,
    dotted,
    loop_nodes,
    names_in,
    number,
    receiver,
)
from diag.causes.cause import Scene
from diag.causes.reading import READS
from diag.causes.truth import Truth
from diag.causes.waiting import ASKS, BUILT_IN, FREE
from diag.source import Loop, own_nodes

STREAMING = frozenset(
    {
        *(
            "stream",
            "streams",
            "watch",
            "watcher",
            "subscribe",
            "subscription",
            "listen",
            "tail",
            "follow",
            "sse",
        ),
        *(
            "changes",
            "changefeed",
            "updates",
            "events",
            "messages",
            "notifications",
            "logs",
            "log",
            "monitor",
        ),
        *("feed", "observe", "eventsource", "sseclient", "attach", "xread", "xreadgroup"),
    }
)
"""Parts of the names of calls that give one thing after the other, for as long as there are any."""

PIECES = re.compile(r"a?iter_(lines|content|chunks|chunked|any|bytes|text|raw)")
"""Methods of a response that give its content in pieces."""

REQUESTING = frozenset(
    {
        *(
            "request",
            "fetch",
            "urlopen",
            "pull",
            "xread",
            "xreadgroup",
            "receive_message",
            "receive_messages",
        ),
        *("get_updates", "getupdates", "long_poll", "longpoll", "poll_events", "poll_once", "get_events"),
    }
)
"""Names of calls that ask a server for what is new."""

VERBS = frozenset({"get", "post", "put", "request", "send", "head", "query", "execute"})
"""Names of calls that ask a server, if made on a client."""

LONG = ("WaitTimeSeconds", "block", "wait", "hold", "timeout_seconds", *TIMEOUTS)
"""Arguments that let the server wait until something is new."""

OPENING = re.compile(
    r"_*(re_?)?(open(ed)?|connect(ed|ion)?|create_connection|open_connection|dial|attach|session|ws_connect)(_\w+)?"
)

_CLIENT = re.compile(
    r"(^|_|\.)(requests|httpx|http|session|client|api|conn|connection|redis|sqs|s3|consul|etcd|rest|aiohttp)\d?s?$"
)


class Opened(NamedTuple):
    """What a loop opens anew on its turns."""

    node: ast.expr
    """The call, or the iterable."""
    ends: int
    """The line where the loop goes through it to its end; that of the call for a single request."""
    resets: tuple[ast.AST, ...] = ()
    """What must happen on the way for it to be opened anew; () if nothing must."""
    single: bool = False
    """Whether it is one request with its answer, and no stream."""


def opened(scene: Scene, loop: Loop) -> Iterator[Opened]:
    """Give what a loop opens, the likeliest first."""
    nodes = loop_nodes(loop.node)
    bound = {
        name: bare for name, value, _ in assignments(nodes) if isinstance(bare := _bare(value), ast.Call)
    }
    bound |= {
        dotted(item.optional_vars): bare
        for node in nodes
        if isinstance(node, ast.With | ast.AsyncWith)
        for item in node.items
        if item.optional_vars is not None and isinstance(bare := _bare(item.context_expr), ast.Call)
    }
    yield from _iterated(loop, nodes, bound)
    yield from _lazily(scene, nodes)
    yield from _requests(nodes)


def _bare(node: ast.expr) -> ast.expr:
    return _bare(node.value) if isinstance(node, ast.Await) else node


def _iterated(loop: Loop, nodes: list[ast.AST], bound: dict[str, ast.Call]) -> Iterator[Opened]:
    """Give what inner loops go through: a call that streams, or what is bound to a call on the same turn."""
    if isinstance(loop.node, ast.AsyncFor) and isinstance(loop.node.iter, ast.Call):
        yield Opened(loop.node.iter, loop.first)
    for node in nodes:
        if not isinstance(node, ast.For | ast.AsyncFor):
            continue
        if isinstance(node.iter, ast.Call) and _streams(called(node.iter)):
            yield Opened(bound.get(receiver(node.iter), node.iter), node.lineno)
        for name in sorted(names_in(node.iter) & set(bound)):
            if _opens(nodes, name, bound[name]) and not _pages(loop, nodes, name, bound[name]):
                yield Opened(bound[name], node.lineno)


def _streams(name: str) -> bool:
    return bool(PIECES.fullmatch(name) or words(name) & STREAMING)


def _opens(nodes: list[ast.AST], name: str, call: ast.Call) -> bool:
    """Whether a call opens something outside the process: by its name, or because it is awaited or closed."""
    what = called(call)
    if any(isinstance(node, ast.AsyncWith) and _enters(node, call) for node in nodes):
        return True
    if OPENING.fullmatch(what) or asks_server(call) or words(what) & (STREAMING | REQUESTING):
        return what not in BUILT_IN | FREE | ASKS
    if READS.match(what):
        return False  # the next piece of what is open already
    if any(isinstance(node, ast.Await) and node.value is call for node in nodes):
        return True
    ended = (f"{name}.close", f"{name}.release", f"{name}.release_conn", f"{name}.aclose", f"{name}.cancel")
    return any(dotted(other.func) in ended for other in calls(nodes))


def _enters(node: ast.AsyncWith, call: ast.Call) -> bool:
    return any(_bare(item.context_expr) is call for item in node.items)


def _pages(loop: Loop, nodes: list[ast.AST], name: str, call: ast.Call) -> bool:
    """Whether the loop goes from page to page: what it asks for next comes from what it got, and tells when to end."""
    from_it = {
        target for target, value, _ in assignments(nodes) if name in names_in(value) or _bare(value) is call
    }
    next_ones = from_it & names_in(call)
    tests = [node.test for node in nodes if isinstance(node, ast.If)]
    tests += [loop.node.test] if isinstance(loop.node, ast.While) else []
    return any(names_in(test) & next_ones for test in tests)


def _lazily(scene: Scene, nodes: list[ast.AST]) -> Iterator[Opened]:
    """Give what is opened where there is none, and made none elsewhere on the way."""
    for node in nodes:
        if not isinstance(node, ast.If):
            continue
        for name, value, _ in assignments(part for body in node.body for part in (body, *own_nodes(body))):
            missing = (
                Truth({name: False}).of(node.test) is True and Truth({name: True}).of(node.test) is False
            )
            if missing and isinstance(call := _bare(value), ast.Call) and name not in names_in(call):
                resets = tuple(part for part in nodes if _resets(scene, part, name))
                if resets:
                    yield Opened(call, min(getattr(part, "lineno", call.lineno) for part in resets), resets)


def _resets(scene: Scene, node: ast.AST, name: str) -> bool:
    """Whether a node makes a name None, itself or by calling a function of the module that does."""
    if any(target == name and _is_none(value) for target, value, _ in assignments([node])):
        return True
    if not isinstance(node, ast.Call):
        return False
    function = definition(scene.module, node.func, scene.function)
    inside = own_nodes(function.node) if function and function.node is not scene.function.node else []
    return any(target == name and _is_none(value) for target, value, _ in assignments(inside))


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _requests(nodes: list[ast.AST]) -> Iterator[Opened]:
    """Give single requests that do not say that the server may wait."""
    for call in calls(nodes):
        if (called(call).lower() in REQUESTING or asks_server(call)) and not _waits_there(call):
            yield Opened(call, call.lineno, single=True)


def asks_server(call: ast.Call) -> bool:
    """Whether it is a verb such as `get` or `post` on what is named as a client."""
    return called(call) in VERBS and bool(_CLIENT.search(receiver(call)))


def _waits_there(call: ast.Call) -> bool:
    """Whether an argument lets the server wait; a client's `timeout` says only how long it waits for an answer."""
    http = called(call) in VERBS or called(call) in {"request", "urlopen", "fetch"}
    given = [one.value for one in call.keywords if one.arg in LONG and not (http and one.arg == "timeout")]
    return any(number(value) != 0 for value in given) or argument(call, -1, "index") is not None


def words(name: str) -> frozenset[str]:
    """Give the words that a name is made of, in lower case: those of "iter_lines" and "iterLines" are the same."""
    return frozenset(re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().split("_"))
