"""What a loop receives, takes and counts, by its source."""

import ast
from collections.abc import Iterator

from diag.causes.calls import last
from diag.causes.cause import Facts
from diag.evidence.hot import Hot
from diag.source import Function, own_nodes

CONSUMING = frozenset(
    {
        "read",
        "read1",
        "readany",
        "readchunk",
        "readexactly",
        "readinto",
        "readline",
        "readlines",
        "readuntil",
        "receive",
        "receive_bytes",
        "receive_json",
        "receive_str",
        "recv",
        "recv_bytes",
        "recv_into",
        "recvfrom",
        "recvmsg",
    }
    | {
        "__anext__",
        "__next__",
        "accept",
        "anext",
        "blpop",
        "fetchone",
        "get_message",
        "get_nowait",
        "lpop",
        "next",
        "pop",
        "popleft",
        "sock_recv",
        "sock_recv_into",
        "xread",
    }
)
"""Names of calls that take something out of where it was: what they give is progress, even if it is always equal."""

RECEIVING = CONSUMING | {
    "_receive_packet",
    "acquire",
    "at_eof",
    "checkpoint",
    "communicate",
    "connect",
    "consume",
    "create_connection",
    "decompress",
    "done",
    "empty",
    "exists",
    "feed",
    "fetch",
    "fetch_message",
    "get",
    "getch",
    "getevents",
    "is_alive",
    "is_set",
    "join",
    "modify",
    "open_connection",
    "poll",
    "qsize",
    "read_packet",
    "receive_packet",
    "register",
    "result",
    "select",
    "sleep",
    "unregister",
    "wait",
    "wait_for",
    "waitpid",
}
"""Names of calls that receive or wait: what a loop that waits for something calls."""

HOUSEKEEPING = frozenset(
    {
        *(
            "len",
            "copy",
            "items",
            "values",
            "keys",
            "list",
            "tuple",
            "set",
            "dict",
            "sorted",
            "isinstance",
            "get",
        ),
        *(
            "range",
            "enumerate",
            "zip",
            "iter",
            "bool",
            "getattr",
            "hasattr",
            "time",
            "monotonic",
            "perf_counter",
            "debug",
        ),
    }
)
"""Names of calls that a loop makes to look at what it has: no work by themselves."""

CLOCKS = frozenset(
    {
        *(
            "time",
            "monotonic",
            "perf_counter",
            "time_ns",
            "monotonic_ns",
            "process_time",
            "now",
            "utcnow",
            "today",
        ),
        *("uuid1", "uuid4", "random", "randint", "uniform", "token_hex", "urandom", "choice", "getrandbits"),
    }
)
"""Names of calls that give something new each time without anything having come: clocks and chance."""

_PASSING = frozenset(
    {"wait_for", "shield", "next", "anext", "timeout", "len", "str", "bytes", "int", "float", "list"}
)
"""Names of functions that hand on what they are given, or what it gives."""


def received(source: Function, hot: Hot | None) -> list[str]:
    """Name what the hot loop, or else the whole function, assigns from an awaited or receiving call."""
    names = []
    loop = hot.loop.node if hot and hot.loop else None
    for node in [loop, *own_nodes(loop)] if loop else own_nodes(source.node):
        if isinstance(node, ast.Assign) and receives(node.value):
            names += [name for target in node.targets for name in targets_of(target)]
        elif (
            (isinstance(node, ast.NamedExpr | ast.AnnAssign) and node.value and receives(node.value))
            or isinstance(node, ast.AsyncFor)
            or (isinstance(node, ast.For) and _hands_out(node.iter))
        ):
            names += targets_of(node.target)
    return list(dict.fromkeys(names))


def receives(node: ast.AST) -> bool:
    """Whether an expression awaits or receives something, such as `(await ws.receive()).data`."""
    return any(
        isinstance(part, ast.Await) or (isinstance(part, ast.Call) and last(part.func) in RECEIVING)
        for part in ast.walk(node)
    )


def _hands_out(node: ast.expr) -> bool:
    """Whether what is iterated over was received: awaited, or asked for each time as by `iter(read, end)`."""
    asked = isinstance(node, ast.Call) and last(node.func) == "iter" and len(node.args) > 1
    return asked or receives(node)


def consumes(node: ast.AST, facts: Facts) -> bool:
    """Whether an expression is what a call took out of a stream or queue, or made of that."""
    for part in _results(node):
        name = last(part.func)
        if name in CONSUMING:
            return True
        if name == "get" and isinstance(part.func, ast.Attribute):
            owner = facts.variables.get((targets_of(part.func.value) or [""])[0])
            return owner is not None and any(kind.endswith("Queue") for kind in owner.types)
    return False


def _results(node: ast.AST) -> Iterator[ast.Call]:
    """Give the calls whose result an expression is, or is made of; what only starts a task is none.

    `(await ws.receive()).data` and `sock.recv(9).decode()` are made of a result, `ensure_future(ws.receive())` is not.
    """
    if isinstance(node, ast.Call):
        yield node
        yield from _results(node.func)
        if last(node.func) in _PASSING:
            for given in node.args:
                yield from _results(given)
    elif isinstance(node, ast.Await | ast.Attribute | ast.Subscript | ast.Starred):
        yield from _results(node.value)


def takes_unseen(hot: Hot, facts: Facts) -> bool:
    """Whether the loop uses what a consuming call gives without a name for it, so that nobody can see what it was."""
    body = hot.loop.node if hot.loop else hot.source.node if hot.source else None
    if body is None:
        return False
    named = set(ast.walk(body))
    for node in own_nodes(body):
        if isinstance(node, ast.Assign | ast.NamedExpr | ast.AnnAssign) and node.value:
            named -= set(ast.walk(node.value))
        elif isinstance(node, ast.For | ast.AsyncFor):
            named -= set(ast.walk(node.iter))
        elif (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Await | ast.Call)
            and not _nested(node.value)
        ):
            named -= set(ast.walk(node))
    return any(
        consumes(node, facts)
        for node in named
        if isinstance(node, ast.Await | ast.Call) and node.lineno in hot.lines
    )


def _nested(node: ast.expr) -> bool:
    """Whether what is awaited or called is handed the result of another such call."""
    call = node.value if isinstance(node, ast.Await) else node
    return isinstance(call, ast.Call) and any(
        isinstance(part, ast.Call) for given in call.args for part in ast.walk(given)
    )


def counters(source: Function) -> set[str]:
    """Name the variables that only count or tell the time: each assignment adds a constant, or asks a clock.

    They say how often a loop has turned, and when, not that anything came of it. A dict or list of which only elements
    are set in this way counts as well.
    """
    kinds: dict[str, list[bool]] = {}
    for node in own_nodes(source.node):
        if isinstance(node, ast.AugAssign):
            names, counts = _set_in(node.target), isinstance(node.value, ast.Constant)
            steps = isinstance(node.op, ast.Add | ast.Sub)
            for name in names:
                kinds.setdefault(name, []).append(counts and steps)
        elif isinstance(node, ast.Assign):
            for name in (name for target in node.targets for name in _set_in(target)):
                kinds.setdefault(name, []).append(_is_step(node.value, name))
    return {name for name, steps in kinds.items() if all(steps)}


def _set_in(node: ast.expr) -> list[str]:
    """Give the names that an assignment sets, that of a container for one of its elements included."""
    return targets_of(node.value) if isinstance(node, ast.Subscript) else targets_of(node)


def _is_step(node: ast.expr, name: str) -> bool:
    """Whether an expression is a constant, made of constants and the variable itself, or what a clock says."""
    calls = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    if calls and all(last(call.func) in CLOCKS for call in calls):
        return not any(isinstance(part, ast.Await | ast.Subscript) for part in ast.walk(node))
    used = {
        targets_of(part)[0]
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute) and targets_of(part)
    }
    plain = not any(isinstance(part, ast.Call | ast.Await | ast.Subscript) for part in ast.walk(node))
    return plain and used <= {name, name.partition(".")[0]}


def targets_of(node: ast.expr) -> list[str]:
    """Give the names that an assignment to an expression binds, as `Facts.variables` has them."""
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Tuple | ast.List):
        return [name for part in node.elts for name in targets_of(part)]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return [f"{node.value.id}.{node.attr}"]
    return []
