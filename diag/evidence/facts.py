"""What was measured around a hot place, as the causes ask for it."""

import ast
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from diag import thresholds
from diag.causes.calls import called
from diag.causes.cause import Facts, Scene, Variable, Waits
from diag.evidence.eventloop import EventLoop
from diag.evidence.growth import Tasks
from diag.evidence.hot import Hot, function_of, is_plumbing
from diag.evidence.io import Io
from diag.evidence.looks import Call, Looks
from diag.evidence.variables import behaviours, returned
from diag.recording import Value
from diag.source import Function, Module, own_nodes

_ENDINGS = ("Error", "Exception", "Refused")
STORED = 5
"""Looks at which an exception is one and the same object, from which it is taken for one that was kept."""

_SLEEPS = frozenset({"sleep", "sleep_until", "checkpoint", "cancel_shielded_checkpoint"})
_SLEEP0 = frozenset({"__sleep0", "checkpoint", "cancel_shielded_checkpoint", "_cancel_shielded_checkpoint"})
_HANDING_OVER = frozenset(
    {
        "put",
        "get",
        "send",
        "receive",
        "join",
        "task_done",
        "acquire",
        "release",
        "set",
        "notify",
        "write",
        "drain",
    }
)
"""Names of calls in which tasks hand things to each other, which takes turns of the event loop and no I/O."""

_TIMED = frozenset({"wait", "wait_for", "_wait", "select", "poll", "_poll", "_select", "get", "join"})
_STARTING = frozenset({"create_task", "ensure_future", "start_soon"})
_SCHEDULING = frozenset(
    {
        "call_soon",
        "call_soon_threadsafe",
        "call_later",
        "call_at",
        "add_callback",
        "spawn_callback",
        "add_done_callback",
    }
)
_SETTLED = frozenset({"_wait", "wait", "wait_for", "gather", "shield", "as_completed"})
_DONE = frozenset({"finished", "cancelled"})
_FUTURES = frozenset({"Future", "Task"})


@dataclass(frozen=True)
class Surroundings:
    """What is known of the process beside the hot place."""

    tasks: Tasks
    io: Io | None
    loops: Sequence[EventLoop]
    sampled: Mapping[tuple[str, str], Counter[int]]
    """Lines seen by the stack sampler, by (function, file)."""


def gather(hot: Hot, looks: Looks, around: Surroundings) -> Facts:
    """Put the facts about a hot place together."""
    owned = [(unit.owner, call) for unit, call in zip(hot.units, hot.calls, strict=True)]
    below = [(unit.owner, call) for unit, calls in zip(hot.units, hot.below, strict=True) for call in calls]
    variables = behaviours(owned)
    loop = next((loop for loop in around.loops if loop.thread == hot.thread), None)
    io = around.io
    return Facts(
        frozen=bool(loop and loop.frozen),
        on_event_loop=hot.on_loop,
        waits=_checked(waits(hot, loop), hot, loop, io),
        variables=variables,
        returned=returned(below),
        raised=raised(hot, around.sampled),
        called=tuple(name for name, _ in _called(hot).most_common(20)),
        lines=frozenset(_lines(hot, around.sampled)),
        settled=tuple(name for name, seen in variables.items() if _is_settled(seen)),
        callbacks=_callbacks(looks, hot.thread),
        created_per_second=around.tasks.created_per_second,
        growth_per_second=around.tasks.per_second,
        growing=tuple(growth.name for growth in around.tasks.growing),
        connections_per_second=io.new_sockets if io else None,
        bytes_per_second=None if io is None or io.tcp_bytes is None else io.tcp_bytes + io.other_bytes,
    )


def _checked(said: Waits, hot: Hot, loop: EventLoop | None, io: Io | None) -> Waits:
    """Take back that a loop waits for I/O where there is none, though it turns all the time."""
    if _starts_anew(hot) or _takes_out(hot):
        return said  # what it waits for is new each time
    if (
        said not in {"io", "unknown"}
        or not _turns(loop)
        or io is None
        or hot.units[0].owner.startswith("callback ")
    ):
        return said
    if io.tcp_bytes or io.other_bytes >= 1 or io.new_sockets or io.segments:
        return said
    names = names_called(hot.calls[-1], hot.source)
    if any("sleep" in name for name in names):
        return "nothing"
    return said if names & _HANDING_OVER else "settled"


def _turns(loop: EventLoop | None) -> bool:
    """Whether an event loop turns without pause."""
    return loop is not None and (loop.callbacks_per_second or 0.0) >= thresholds.TURNS_PER_SECOND


def scene(hot: Hot, modules: Mapping[str, Module]) -> Scene | None:
    """Give the source around a hot place; None where it cannot be read."""
    if hot.module is None or hot.source is None:
        return None
    inner: dict[tuple[str, str], tuple[Module, Function]] = {}
    nearest = Counter((depth, call.key, call.line) for calls in hot.below for depth, call in enumerate(calls))
    for (_, (name, file), line), _count in sorted(nearest.items(), key=lambda item: (item[0][0], -item[1])):
        function = function_of(modules, file, name, line)
        if function is not None:
            inner.setdefault((file, function.name), (modules[file], function))
    outer = []
    for call in reversed(hot.above):
        function = function_of(modules, call.file, call.function, call.line)
        if function is not None:
            outer.append((modules[call.file], function, call.line))
    return Scene(
        module=hot.module,
        function=hot.source,
        loop=hot.loop,
        line=hot.line,
        inner=tuple(inner.values())[:8],
        outer=tuple(outer),
    )


def waits(hot: Hot, loop: EventLoop | None) -> Waits:
    """Tell what a turn of the hot place waits for."""
    if not hot.on_loop:
        return _thread_waits(hot)
    if _given_no_time(hot):
        return "timeout"
    if hot.units[0].owner.startswith("callback "):
        return "nothing" if _reschedules(hot) else "io"
    next_called = {calls[0].name for calls in hot.below if calls}
    if loop is None and next_called and next_called <= _SLEEPS:
        return "nothing"  # trio and its like: what sleeps for longer is not seen at work all the time
    return _task_waits(hot, loop)


def _task_waits(hot: Hot, loop: EventLoop | None) -> Waits:
    """Tell what a task waits for, by where it was suspended when it was ready again."""
    suspended = [unit.calls[-1] for unit in hot.units if not (unit.running or unit.waiting) and unit.calls]
    if sum(unit.waiting for unit in hot.units) > len(suspended) and not _turns(loop):
        return "io"  # at most looks it waited for something that was not there yet
    if not suspended:
        turns = loop.callbacks_per_second if loop else None
        return "never" if turns is not None and turns < 100 else "unknown"  # noqa: PLR2004 - far below any turning loop
    if _gathers_again(hot, suspended):
        return "settled"
    found = _suspended_waits(suspended)
    return "unknown" if found == "settled" and (_starts_anew(hot) or _takes_out(hot)) else found


def _reschedules(hot: Hot) -> bool:
    """Whether a callback has something run in the next turn of the event loop; others wait for a descriptor."""
    if hot.source is None:
        return False
    return any(
        isinstance(node, ast.Attribute) and node.attr in _SCHEDULING for node in own_nodes(hot.source.node)
    )


def _takes_out(hot: Hot) -> bool:
    """Whether what is awaited loses what was done: `done, pending = await asyncio.wait(pending)`."""
    for node in own_nodes(hot.source.node) if hot.source else ():
        if not isinstance(node, ast.Assign) or node.lineno not in hot.lines:
            continue
        bound = {
            part.id for target in node.targets for part in ast.walk(target) if isinstance(part, ast.Name)
        }
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        given = call.args[:1] if isinstance(call, ast.Call) else []
        if any(isinstance(part, ast.Name) and part.id in bound for part in given):
            return True
    return False


def _starts_anew(hot: Hot) -> bool:
    """Whether the loop was seen where it starts tasks: what it waits for next is not what was done before."""
    body = hot.loop.node if hot.loop else None
    return any(
        isinstance(node, ast.Call) and called(node) in _STARTING and node.lineno in hot.lines
        for node in (own_nodes(body) if body else ())
    )


def _gathers_again(hot: Hot, suspended: Sequence[Call]) -> bool:
    """Whether it is suspended, and ready again at once, where it gathers what was started before."""
    if hot.source is None or any(call.key != (hot.function, hot.file) for call in suspended):
        return False
    return any(
        isinstance(node, ast.Call)
        and called(node) in _SETTLED
        and node.lineno <= hot.line <= (node.end_lineno or node.lineno)
        and not any(isinstance(part, ast.Call) for given in node.args for part in ast.walk(given))
        for node in own_nodes(hot.source.node)
    )


def _suspended_waits(suspended: Sequence[Call]) -> Waits:
    """Tell from the innermost suspended frames of something that is ready again at every look."""
    inner = Counter(call.name for call in suspended)
    name, count = inner.most_common(1)[0]
    if count < len(suspended) / 2:
        return "unknown"
    if name in _SLEEP0:
        return "nothing"
    if name in _SETTLED and any(call.file.endswith("asyncio/tasks.py") for call in suspended):
        return "settled"
    if _same_future(suspended):
        return "settled"
    return "io"


def _same_future(suspended: Sequence[Call]) -> bool:
    """Whether one and the same future, done at every look, is in a variable of the innermost frames."""
    found: dict[str, list[Value]] = {}
    for call in suspended:
        for name, value in call.variables.items():
            if value.type.rpartition(".")[2] in _FUTURES:
                found.setdefault(name, []).append(value)
    return any(
        len(values) >= len(suspended) / 2
        and all(value.text in _DONE for value in values)
        and len({value.identity for value in values}) == 1
        for values in found.values()
    )


def _given_no_time(hot: Hot) -> bool:
    """Whether the wait below was given no time, at most looks."""
    expired = sum(
        any(call.name in _TIMED and _expired(call.variables) for call in calls) for calls in hot.below
    )
    return expired > 0 and expired >= len(hot.below) / 2


def _thread_waits(hot: Hot) -> Waits:
    names = _called(hot)
    if any(
        is_plumbing(call.file) and call.name in {"sleep", "idle", "switch"}
        for calls in hot.below
        for call in calls
    ):
        return "nothing"
    if _given_no_time(hot):
        return "timeout"
    if any(names[name] for name in ("select", "poll", "_poll", "_select")):
        return "io"
    return "never"


def _expired(variables: Mapping[str, Value]) -> bool:
    """Whether a wait was given no time."""
    given = variables.get("timeout")
    if given is None or given.type not in {"int", "float"}:
        return False
    try:
        return float(given.text) <= 0
    except ValueError:
        return False


def raised(hot: Hot, sampled: Mapping[tuple[str, str], Counter[int]]) -> tuple[str, ...]:
    """Name the exceptions in flight: those in local variables, and those whose handler was seen running.

    One that is kept in a global or an attribute, or that is the same object all the time, was not raised just now.
    """
    found: Counter[str] = Counter()
    objects: dict[str, set[int]] = {}
    for number, (calls, call) in enumerate(zip(hot.below, hot.calls, strict=True)):
        for each in (call, *calls):
            for name, value in each.variables.items():
                kind = _exception(value)
                if kind and "." not in name and not name.startswith("global "):
                    found[kind] += 1
                    objects.setdefault(kind, set()).add(value.identity or number)
    for kind in [kind for kind, count in found.items() if count >= STORED and len(objects[kind]) == 1]:
        del found[kind]
    found.update(_handled(hot, _lines(hot, sampled)))
    return tuple(name for name, _ in found.most_common())


def _handled(hot: Hot, lines: Iterable[int]) -> Iterator[str]:
    """Name the exceptions that the handlers take on whose lines the function was seen."""
    seen = set(lines)
    for handler in own_nodes(hot.source.node) if hot.source else ():
        if isinstance(handler, ast.ExceptHandler) and seen.intersection(
            range(handler.lineno, (handler.end_lineno or handler.lineno) + 1)
        ):
            yield from _caught(handler.type)


def caught(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name those of the exceptions in flight that the function itself holds, or whose handler in it was seen."""
    own = {_exception(value) for call in hot.calls for value in call.variables.values()}
    own |= set(_handled(hot, facts.lines))
    return tuple(name for name in facts.raised if name in own)


def _exception(value: Value) -> str:
    """Give the type of an exception, or of the one that a future ended with; "" for other values."""
    name = value.type.rpartition(".")[2]
    return name if name.endswith(_ENDINGS) else ""


def _caught(node: ast.expr | None) -> Iterator[str]:
    """Name the types that a handler takes."""
    if node is None:
        yield "BaseException"
    elif isinstance(node, ast.Tuple):
        for part in node.elts:
            yield from _caught(part)
    elif isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr


def _lines(hot: Hot, sampled: Mapping[tuple[str, str], Counter[int]]) -> set[int]:
    """Give the lines of the hot function that were seen."""
    return set(hot.lines) | set(sampled.get((hot.function.rpartition(".")[2], hot.file), ()))


def _called(hot: Hot) -> Counter[str]:
    """Count the looks at which each function was below the hot one."""
    counts: Counter[str] = Counter()
    for calls in hot.below:
        counts.update({call.name for call in calls})
    return counts


def _is_settled(seen: Variable) -> bool:
    """Whether a variable was at all looks a future that is done."""
    return (
        bool(seen.types)
        and all(kind.rpartition(".")[2] in _FUTURES for kind in seen.types)
        and seen.text in _DONE
    )


def _callbacks(looks: Looks, thread: int) -> tuple[str, ...]:
    """Name the callbacks that stood in the ready queue, or ran, at most looks."""
    counts: Counter[str] = Counter()
    for shot in looks.taken:
        for loop in looks.loops(shot):
            if loop.thread == thread:
                counts.update({ready.callback for ready in loop.next})
    return tuple(name for name, count in counts.most_common() if count >= len(looks) / 2)


def names_called(call: Call, source: Function | None) -> set[str]:
    """Name what is called on a line of a function, by its source."""
    if source is None:
        return set()
    return {
        called(node)
        for node in own_nodes(source.node)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute | ast.Name)
        and node.lineno <= call.line <= (node.end_lineno or node.lineno)
    }
