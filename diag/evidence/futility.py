"""Whether a hot loop gets anything done: a spin is a wait that does not wait, and gets nothing."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from diag import thresholds
from diag.causes.calls import last
from diag.causes.cause import Facts
from diag.evidence.facts import caught, names_called
from diag.evidence.hot import Hot, is_passive, is_standard
from diag.evidence.intake import (
    HOUSEKEEPING,
    RECEIVING,
    consumes,
    counters,
    received,
    receives,
    takes_unseen,
    targets_of,
)
from diag.evidence.looks import Call, Looks, Unit
from diag.evidence.variables import DATA, fresh
from diag.source import own_nodes

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
    caught: tuple[str, ...] = ()
    """Exceptions that the function itself holds or handles; one that a callee keeps may never have been raised."""
    moving: tuple[str, ...] = ()
    """Its own variables with data that changed otherwise than by counting, be it in a circle: signs of computing."""

    @property
    def productive(self) -> bool:
        """Whether something comes of the loop."""
        return bool(self.fresh) or bool(self.taken) or self.advancing


def measure(hot: Hot, looks: Looks, facts: Facts) -> Futility:
    """Measure."""
    owned = [(unit.owner, call) for unit, call in zip(hot.units, hot.calls, strict=True)]
    below = [
        (unit.owner, call)
        for unit, calls in zip(hot.units, hot.below, strict=True)
        for call in calls
        if not is_passive(call.file)
    ]
    counting = _counting(hot)
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
        moving=_moving(hot, facts),
        caught=caught(hot, facts),
    )


def _counting(hot: Hot) -> set[str]:
    """Name what only counts, in the hot function and in those of its module that it calls, as `function.variable`."""
    sources = {hot.function: hot.source}
    if hot.module is not None:
        for calls in hot.below:
            for call in calls:
                if call.file == hot.file and call.function not in sources:
                    sources[call.function] = hot.module.function_at(call.line, call.function)
    return {
        f"{function.rpartition('.')[2]}.{name}"
        for function, source in sources.items()
        if source is not None
        for name in counters(source)
    }


def _empties(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name the variables that are assigned in the loop from a call that receives, and that were always empty."""
    if len(hot.units) < thresholds.LEAST_LOOKS or hot.source is None:
        return ()
    names = received(hot.source, hot)
    found = [
        name
        for name in names
        if (seen := facts.variables.get(name)) is not None
        and seen.behaviour == "empty"
        and not _reset(hot, name)
    ]
    return (*found, *_empty_below(hot, facts))


def _reset(hot: Hot, name: str) -> bool:
    """Whether the loop sets a variable to nothing itself before it receives: seen empty then, it says nothing."""
    body = hot.loop.node if hot.loop else None
    sets = [
        node.lineno
        for node in (own_nodes(body) if body else ())
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and not node.value.value
        and name in {bound for target in node.targets for bound in targets_of(target)}
    ]
    return bool(sets)


def _empty_below(hot: Hot, facts: Facts) -> list[str]:
    """Name what functions of the same module that the loop calls receive, as `function.variable`, if always empty."""
    if hot.module is None:
        return []
    helpers = {call.function: call.line for calls in hot.below for call in calls[:2] if call.file == hot.file}
    names = [
        f"{function.rpartition('.')[2]}.{name}"
        for function, line in helpers.items()
        for name in received(hot.module.function_at(line, function), None)
    ]
    return [name for name in names if name in facts.returned and facts.returned[name].behaviour == "empty"]


def _unfed(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name the buffers to which each turn of the loop adds what it received, and that never grow."""
    body = hot.loop.node if hot.loop else None
    added = [
        name
        for node in (own_nodes(body) if body else ())
        if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and receives(node.value)
        for name in targets_of(node.target)
    ]
    return tuple(
        name
        for name in added
        if (seen := facts.variables.get(name)) is not None
        and seen.behaviour in {"constant", "empty"}
        and set(seen.types) <= {"bytes", "bytearray", "str", "list"}
    )


def _taken(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name the variables that hold something that was taken from a stream or queue, or handed on to a caller."""
    if hot.source is None:
        return ()
    # Where nothing came for certain, what the variables hold may be from before.
    stale = bool(facts.raised) or facts.waits in {"nothing", "timeout"}
    found = []
    for node in own_nodes(hot.loop.node if hot.loop else hot.source.node):
        if isinstance(node, ast.Yield):
            found += _handed_on(node, facts)
        elif isinstance(node, ast.AsyncFor):
            # What stands still may be the last item from before, unless something is done with it.
            inside = _runs(node, facts)
            found += [
                name
                for name in targets_of(node.target)
                if _changes(facts, name) or (inside and name in facts.variables and not _empty(facts, name))
            ]
        elif isinstance(node, ast.Assign | ast.NamedExpr) and not stale and consumes(node.value, facts):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [name for target in targets for name in targets_of(target)]
            found += [name for name in names if name in facts.variables and not _empty(facts, name)]
    return tuple(dict.fromkeys([*found, *_fed(hot)]))


def _fed(hot: Hot) -> list[str]:
    """Name the queues whose count of items that were put changed at most looks: something goes through them."""
    counts: dict[str, set[str]] = {}
    for call in hot.calls:
        for name, value in call.variables.items():
            if name.endswith("unfinished_tasks"):
                counts.setdefault(name, set()).add(value.text)
    return [name for name, seen in counts.items() if len(seen) >= thresholds.FRESH * len(hot.calls)]


def _runs(loop: ast.AsyncFor, facts: Facts) -> bool:
    """Whether the body of a loop was seen at work, or what it sets changes."""
    if any(loop.body[0].lineno <= line <= (loop.end_lineno or 0) for line in facts.lines):
        return True
    bound = [
        name
        for statement in loop.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in targets_of(target)
    ]
    return any(_changes(facts, name) for name in bound)


def _empty(facts: Facts, name: str) -> bool:
    return name in facts.variables and facts.variables[name].behaviour == "empty"


def _handed_on(node: ast.Yield, facts: Facts) -> list[str]:
    """Name what a generator that was seen at its `yield` gives to its caller, if it is something."""
    if node.lineno not in facts.lines or node.value is None:
        return []
    if isinstance(node.value, ast.Constant) and not node.value.value:
        return []
    names = targets_of(node.value)
    if names and all(
        name in facts.variables and facts.variables[name].behaviour == "empty" for name in names
    ):
        return []
    return names or ["yield"]


def _changes(facts: Facts, name: str) -> bool:
    return name in facts.variables and facts.variables[name].behaviour in {"changing", "counting"}


def waits_for_something(hot: Hot) -> bool:
    """Whether the loop is one that waits: it receives, awaits, tests what others set, or does nothing at all."""
    if hot.source is None:
        return _waits_blindly(hot)
    if hot.loop is None:
        return hot.on_loop
    if any(call.name in RECEIVING for calls in hot.below for call in calls[:1]):
        return True
    loop = hot.loop.node
    if any(receives(node) for node in loop.body) or isinstance(loop, ast.AsyncFor):
        return True
    if isinstance(loop, ast.While) and receives(loop.test):
        return True
    return does_nothing(hot)


def does_nothing(hot: Hot) -> bool:
    """Whether the loop's body neither calls nor computes anything."""
    return hot.loop is not None and not any(
        isinstance(node, ast.Call | ast.BinOp | ast.Subscript | ast.Yield | ast.YieldFrom)
        for statement in hot.loop.node.body
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
            working += not _ends_receiving(hot, below)
        else:
            called = names_called(call, hot.source)
            working += not called & RECEIVING and (
                bool(called - HOUSEKEEPING) or not waits_for_something(hot)
            )
    return working / len(running)


def _ends_receiving(hot: Hot, below: Sequence[Call]) -> bool:
    """Whether what runs below receives or waits: by the name of the first or last call, or by what its line calls."""
    names = {below[0].name, below[-1].name}
    if hot.module is not None and below[-1].file == hot.file:
        names |= names_called(below[-1], hot.module.function_at(below[-1].line, below[-1].function))
    return bool(names & RECEIVING)


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
        foreign += not {call.name for call in unit.calls} & made
    return 1.0 - foreign / busy if busy else 0.0


def _made(hot: Hot) -> set[str]:
    """Name all that is called in the hot function, and the function itself: tasks of these are its helpers."""
    names = {hot.function.rpartition(".")[2]}
    if hot.source is not None:
        names |= {last(node.func) for node in own_nodes(hot.source.node) if isinstance(node, ast.Call)}
    return names - {""}


def _moving(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name the function's variables with data that change, but for what it receives and counts."""
    if hot.source is None:
        return ()
    others = {*received(hot.source, hot), *counters(hot.source)}
    return tuple(
        name
        for name, seen in facts.variables.items()
        if seen.behaviour == "changing" and set(seen.types) <= DATA and name not in others and "." not in name
    )


def _advancing(hot: Hot, facts: Facts) -> bool:
    """Whether the loop is a `for` over something that comes to an end, and whose items are not always the same."""
    loop = hot.loop.node if hot.loop else None
    if not isinstance(loop, ast.For):
        return False
    if isinstance(loop.iter, ast.Call) and last(loop.iter.func) in _ENDLESS:
        return False
    seen = [facts.variables[name] for name in targets_of(loop.target) if name in facts.variables]
    return (
        not seen
        or len(hot.units) < thresholds.LEAST_LOOKS
        or any(variable.behaviour != "empty" for variable in seen)
    )


def stuck(hot: Hot, facts: Facts) -> tuple[str, ...]:
    """Name the variables of the loop's own condition, where none of them ever changes though the loop sets one."""
    loop = hot.loop.node if hot.loop else None
    if not isinstance(loop, ast.While) or len(hot.units) < thresholds.LEAST_LOOKS:
        return ()
    if len(hot.lines) < 2:  # noqa: PLR2004 - a loop that turns is seen on more than one line
        return ()
    tested = {node.id for node in ast.walk(loop.test) if isinstance(node, ast.Name)}
    called = {last(node.func) for node in ast.walk(loop.test) if isinstance(node, ast.Call)}
    names = sorted(tested & facts.variables.keys())
    set_inside = {
        name
        for statement in loop.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Assign | ast.AugAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        for name in targets_of(target)
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
    if looks < thresholds.LEAST_LOOKS or futility.fresh or (futility.taken and not futility.empties):
        return ()  # something comes of it
    if futility.explained < 1 - thresholds.WORK:
        return ()
    if futility.advancing and not futility.empties:
        return ()  # it comes to an end by itself, whatever it meets on the way
    # What a loop takes without looking at it may be worth having.
    waits = "unknown" if futility.unseen else facts.waits
    reasons = [
        *(f"`{name}` was empty at every look" for name in futility.empties[:2]),
        *(f"`{name}` never grew" for name in futility.unfed[:2]),
        *([f"{futility.caught[0]} was raised again and again"] if futility.caught else []),
        *(["it gives way for one turn of the event loop only"] if waits == "nothing" else []),
        *(["what it waits for is done already"] if waits == "settled" else []),
        *(["its wait is given no time"] if facts.waits == "timeout" else []),
        *([f"its condition tests {_listed(futility.stuck)}, which never change"] if futility.stuck else []),
    ]
    return tuple(reasons)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(f"`{name}`" for name in names[:3])
