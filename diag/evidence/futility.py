"""Whether a hot loop gets anything done: a spin is a wait that does not wait, and gets nothing."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diag import thresholds
from diag.causes.cause import Facts
from diag.evidence.facts import names_called
from diag.evidence.hot import Hot, is_plumbing, is_standard
from diag.evidence.looks import Looks, Unit
from diag.evidence.variables import fresh
from diag.source import Function, own_nodes

CONSUMING = frozenset(
    {
        *(
            "read",
            "readline",
            "readlines",
            "readuntil",
            "readexactly",
            "readinto",
            "read1",
            "readany",
            "readchunk",
        ),
        *("recv", "recv_into", "recvfrom", "recv_bytes", "recvmsg", "sock_recv", "sock_recv_into", "receive"),
        *("receive_bytes", "receive_str", "receive_json", "get_nowait", "accept", "fetchone", "get_message"),
        *("next", "anext", "__next__", "__anext__", "pop", "popleft", "lpop", "blpop", "xread"),
    }
)
"""Names of calls that take something out of where it was: what they give is progress, even if it is always equal."""

RECEIVING = frozenset(
    {
        *(
            "read",
            "readline",
            "readlines",
            "readuntil",
            "readexactly",
            "readinto",
            "read1",
            "readany",
            "readchunk",
        ),
        *("recv", "recv_into", "recvfrom", "recv_bytes", "recvmsg", "sock_recv", "sock_recv_into", "receive"),
        *(
            "receive_bytes",
            "receive_str",
            "receive_json",
            "get",
            "get_nowait",
            "getch",
            "poll",
            "select",
            "accept",
        ),
        *(
            "fetch",
            "fetchone",
            "fetch_message",
            "get_message",
            "read_packet",
            "receive_packet",
            "_receive_packet",
        ),
        *("next", "anext", "__next__", "__anext__", "pop", "popleft", "lpop", "blpop", "xread", "consume"),
        *("wait", "wait_for", "result", "is_set", "done", "empty", "qsize", "acquire", "is_alive", "exists"),
        *("sleep", "checkpoint", "join", "connect", "open_connection", "create_connection", "getevents"),
        *("register", "unregister", "modify", "waitpid", "communicate", "decompress", "feed", "at_eof"),
    }
)
"""Names of calls that receive or wait: what a loop that waits for something calls."""

_STREAMS = (
    *(
        "socket",
        "Socket",
        "Queue",
        "StreamReader",
        "BufferedReader",
        "TextIOWrapper",
        "FileIO",
        "Connection",
        "Event",
    ),
    *("WebSocketResponse", "Popen", "SocketIO", "Selector", "poll", "epoll"),
)
"""Endings of the types of what is waited at."""

_PASSING = frozenset(
    {"wait_for", "shield", "next", "anext", "timeout", "len", "str", "bytes", "int", "float", "list"}
)
"""Names of functions that hand on what they are given, or what it gives."""

_ENDLESS = frozenset({"count", "repeat", "cycle", "iter"})


@dataclass(frozen=True)
class Futility:
    """What speaks for and against a hot place being a spin."""

    empties: tuple[str, ...]
    """Variables that receive something, and that were always empty."""
    unfed: tuple[str, ...]
    """Buffers to which each turn adds what it received, and that never grew."""
    unseen: bool
    """Whether it uses what a consuming call gives without a name for it, so that nobody can see what it was."""
    taken: tuple[str, ...]
    """Variables that hold what a consuming call took from a stream or queue, and that were not empty."""
    fresh: tuple[str, ...]
    """Variables that had ever new contents."""
    work: float
    """Share of its looks inside functions that do something else than wait or receive."""
    explained: float
    """Share of the busy looks of its thread that it accounts for, with what it made and the event loop's plumbing."""
    advancing: bool
    """Whether it is a `for` over something that ends."""
    stuck: tuple[str, ...] = ()
    """Variables of its condition that never change, though it sets one of them."""


def measure(hot: Hot, looks: Looks, facts: Facts) -> Futility:
    """Measure."""
    owned = [(unit.owner, call) for unit, call in zip(hot.units, hot.calls, strict=True)]
    below = [
        (unit.owner, call)
        for unit, calls in zip(hot.units, hot.below, strict=True)
        for call in calls
        if not (is_standard(call.file) or is_plumbing(call.file))
    ]
    counting = (
        {f"{hot.function.rpartition('.')[2]}.{name}" for name in counters(hot.source)}
        if hot.source
        else set()
    )
    new = [name for name in fresh([*owned, *below]) if name not in counting]
    return Futility(
        empties=_empties(hot, facts),
        unfed=_unfed(hot, facts),
        unseen=takes_unseen(hot, facts),
        taken=_taken(hot, facts),
        fresh=tuple(new),
        work=_work(hot),
        explained=_explained(hot, looks),
        advancing=_advancing(hot, facts),
        stuck=stuck(hot, facts),
    )


def _empties(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name the variables that are assigned in the loop from a call that receives, and that were always empty."""
    if len(hot.units) < thresholds.LEAST_LOOKS or hot.source is None:
        return ()
    names = received(hot.source, hot)
    found = [
        name
        for name in names
        if (seen := facts.variables.get(name)) is not None and seen.behaviour == "empty"
    ]
    return tuple(found)


def _unfed(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name the buffers to which each turn of the loop adds what it received, and that never grow."""
    body = hot.loop.node if hot.loop else None
    added = [
        name
        for node in (own_nodes(body) if body else ())
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and _receives(node.value)
        for name in _targets(node.target)
    ]
    return tuple(
        name
        for name in added
        if (seen := facts.variables.get(name)) is not None
        and seen.behaviour in {"constant", "empty"}
        and set(seen.types) <= {"bytes", "bytearray", "str", "list"}
    )


def _taken(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name the variables that are assigned in the loop from a consuming call, and that were not always empty."""
    if hot.source is None or facts.raised or facts.waits in {"nothing", "timeout"}:
        return ()  # what they hold may be from before
    found = []
    for node in own_nodes(hot.loop.node if hot.loop else hot.source.node):
        if isinstance(node, ast.Assign):
            names = [name for target in node.targets for name in _targets(target)]
        elif isinstance(node, ast.NamedExpr):
            names = _targets(node.target)
        else:
            continue
        if _consumes(node.value, facts):
            found += [
                name
                for name in names
                if name in facts.variables and facts.variables[name].behaviour != "empty"
            ]
    return tuple(dict.fromkeys(found))


def _consumes(node: ast.AST, facts: Facts) -> bool:
    """Whether an expression is what a call took out of a stream or queue, or made of that."""
    for part in _results(node):
        name = _name(part.func)
        if name in CONSUMING:
            return True
        if name == "get" and isinstance(part.func, ast.Attribute):
            owner = facts.variables.get((_targets(part.func.value) or [""])[0])
            return owner is not None and any(kind.endswith("Queue") for kind in owner.types)
    return False


def _results(node: ast.AST) -> Iterator[ast.Call]:
    """Give the calls whose result an expression is, or is made of; what only starts a task is none.

    `(await ws.receive()).data` and `sock.recv(9).decode()` are made of a result, `ensure_future(ws.receive())` is not.
    """
    if isinstance(node, ast.Call):
        yield node
        yield from _results(node.func)
        if _name(node.func) in _PASSING:
            for given in node.args:
                yield from _results(given)
    elif isinstance(node, ast.Await | ast.Attribute | ast.Subscript | ast.Starred):
        yield from _results(node.value)


def received(source: Function, hot: Hot) -> list[str]:
    """Name what the hot loop assigns from an awaited or receiving call."""
    names = []
    for node in [hot.loop.node, *own_nodes(hot.loop.node)] if hot.loop else own_nodes(source.node):
        if isinstance(node, ast.Assign) and _receives(node.value):
            names += [name for target in node.targets for name in _targets(target)]
        elif (
            (isinstance(node, ast.NamedExpr | ast.AnnAssign) and node.value and _receives(node.value))
            or isinstance(node, ast.AsyncFor)
            or (isinstance(node, ast.For) and _hands_out(node.iter))
        ):
            names += _targets(node.target)
    return list(dict.fromkeys(names))


def _receives(node: ast.AST) -> bool:
    """Whether an expression awaits or receives something, such as `(await ws.receive()).data`."""
    return any(
        isinstance(part, ast.Await) or (isinstance(part, ast.Call) and _name(part.func) in RECEIVING)
        for part in ast.walk(node)
    )


def _hands_out(node: ast.expr) -> bool:
    """Whether what is iterated over was received: awaited, or asked for each time as by `iter(read, end)`."""
    asked = isinstance(node, ast.Call) and _name(node.func) == "iter" and len(node.args) > 1
    return asked or _receives(node)


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
    return any(_consumes(node, facts) for node in named if isinstance(node, ast.Await | ast.Call))


def _nested(node: ast.expr) -> bool:
    """Whether what is awaited or called is handed the result of another such call."""
    call = node.value if isinstance(node, ast.Await) else node
    return isinstance(call, ast.Call) and any(
        isinstance(part, ast.Call) for given in call.args for part in ast.walk(given)
    )


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _targets(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id]
    if isinstance(node, ast.Tuple | ast.List):
        return [name for part in node.elts for name in _targets(part)]
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return [f"{node.value.id}.{node.attr}"]
    return []


def waits_for_something(hot: Hot) -> bool:
    """Whether the loop is one that waits: it receives, awaits, tests what others set, or does nothing at all."""
    if hot.source is None:
        return _waits_blindly(hot)
    if hot.loop is None:
        return hot.on_loop
    if any(call.function.rpartition(".")[2] in RECEIVING for calls in hot.below for call in calls[:1]):
        return True
    loop = hot.loop.node
    if any(_receives(node) for node in loop.body) or isinstance(loop, ast.AsyncFor):
        return True
    if isinstance(loop, ast.While) and _receives(loop.test):
        return True
    return not any(
        isinstance(node, ast.Call | ast.BinOp | ast.Subscript | ast.Yield | ast.YieldFrom)
        for statement in loop.body
        for node in ast.walk(statement)
    )


def _waits_blindly(hot: Hot) -> bool:
    """Guess, without the source, whether a function waits: it holds a stream or a queue, and something empty."""
    values = [value for call in hot.calls for value in call.variables.values()]
    streams = any(value.type.rpartition(".")[2].endswith(_STREAMS) for value in values)
    return streams and any(value.size == 0 or value.type == "NoneType" for value in values)


def _work(hot: Hot) -> float:
    """Measure the share of looks inside something that neither waits nor receives."""
    if hot.source is None and waits_for_something(hot):
        return 0.0
    running = [
        (unit, call, below)
        for unit, call, below in zip(hot.units, hot.calls, hot.below, strict=True)
        if unit.running
    ]
    if not running:
        return 0.0
    working = 0
    for _, call, below in running:
        if below:
            working += below[0].function.rpartition(".")[2] not in RECEIVING
        else:
            called = names_called(call, hot.source)
            working += not called & RECEIVING and (bool(called) or not waits_for_something(hot))
    return working / len(running)


def _explained(hot: Hot, looks: Looks) -> float:
    """Measure the share of its thread's busy looks that are its own, its helpers' or the event loop's plumbing."""
    if not hot.on_loop:
        return 1.0
    owners = {unit.owner for unit in hot.units}
    made = _made(hot)
    busy = foreign = 0
    running: dict[int, Unit] = {
        unit.look: unit for unit in looks.units if unit.running and unit.thread == hot.thread
    }
    for number, shot in enumerate(looks.taken):
        if not any(thread.thread == hot.thread and thread.state == "R" for thread in shot.threads):
            continue
        busy += 1
        unit = running.get(number)
        if unit is None or unit.owner in owners or is_standard(unit.calls[0].file):
            continue
        foreign += not {call.function.rpartition(".")[2] for call in unit.calls} & made
    return 1.0 - foreign / busy if busy else 0.0


def _made(hot: Hot) -> set[str]:
    """Name all that is called in the hot function, and the function itself: tasks of these are its helpers."""
    names = {hot.function.rpartition(".")[2]}
    if hot.source is not None:
        names |= {_name(node.func) for node in own_nodes(hot.source.node) if isinstance(node, ast.Call)}
    return names - {""}


def _advancing(hot: Hot, facts: Facts) -> bool:
    """Whether the loop is a `for` over something that comes to an end, and whose items are not always the same."""
    loop = hot.loop.node if hot.loop else None
    if not isinstance(loop, ast.For):
        return False
    if isinstance(loop.iter, ast.Call) and _name(loop.iter.func) in _ENDLESS:
        return False
    seen = [facts.variables[name] for name in _targets(loop.target) if name in facts.variables]
    return (
        not seen
        or len(hot.units) < thresholds.LEAST_LOOKS
        or any(variable.behaviour in {"changing", "counting"} for variable in seen)
    )


def counters(source: Function) -> set[str]:
    """Name the variables that only count: each assignment adds a constant, or is one.

    They say how often a loop has turned, not that anything came of it.
    """
    kinds: dict[str, list[bool]] = {}
    for node in own_nodes(source.node):
        if isinstance(node, ast.AugAssign):
            names, counts = _targets(node.target), isinstance(node.value, ast.Constant)
            steps = isinstance(node.op, ast.Add | ast.Sub)
            for name in names:
                kinds.setdefault(name, []).append(counts and steps)
        elif isinstance(node, ast.Assign):
            for name in (name for target in node.targets for name in _targets(target)):
                kinds.setdefault(name, []).append(_is_step(node.value, name))
    return {name for name, steps in kinds.items() if all(steps)}


def _is_step(node: ast.expr, name: str) -> bool:
    """Whether an expression is a constant, or made of constants and the variable itself."""
    used = {
        _targets(part)[0]
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute) and _targets(part)
    }
    plain = not any(isinstance(part, ast.Call | ast.Await | ast.Subscript) for part in ast.walk(node))
    return plain and used <= {name, name.partition(".")[0]}


def stuck(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name the variables of the loop's own condition, where none of them ever changes though the loop sets one."""
    loop = hot.loop.node if hot.loop else None
    if not isinstance(loop, ast.While) or len(hot.units) < thresholds.LEAST_LOOKS:
        return ()
    if len(hot.lines) < 2:  # noqa: PLR2004 - a loop that turns is seen on more than one line
        return ()
    tested = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    called = {_name(node.func) for node in ast.walk(loop.test) if isinstance(node, ast.Call)}
    names = sorted(tested & facts.variables.keys())
    set_inside = {
        name
        for statement in loop.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in _targets(target)
    }
    still = all(facts.variables[name].behaviour in {"constant", "empty"} for name in names)
    return tuple(names) if names and still and set(names) & set_inside and called <= {"len", "bool"} else ()


def hopeless(futility: Futility, facts: Facts, looks: int) -> tuple[str, ...]:
    """Say in short why nothing can come of the loop; () where something speaks against it, or nothing for it.

    Args:
        futility: what was measured.
        facts: likewise.
        looks: how often the place was seen.
    """
    if looks < thresholds.LEAST_LOOKS or futility.fresh or futility.taken:
        return ()
    if futility.explained < 1 - thresholds.WORK:
        return ()
    # What a loop takes without looking at it may be worth having.
    waits = "unknown" if futility.unseen else facts.waits
    reasons = [
        *(f"`{name}` was empty at every look" for name in futility.empties[:2]),
        *(f"`{name}` never grew" for name in futility.unfed[:2]),
        *([f"{facts.raised[0]} was raised again and again"] if facts.raised else []),
        *(["it gives way for one turn of the event loop only"] if waits == "nothing" else []),
        *(["what it waits for is done already"] if waits == "settled" else []),
        *(["its wait is given no time"] if facts.waits == "timeout" else []),
        *([f"its condition tests {_listed(futility.stuck)}, which never change"] if futility.stuck else []),
    ]
    return tuple(reasons)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names[:3])
