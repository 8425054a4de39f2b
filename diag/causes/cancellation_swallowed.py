"""HL010 cancellation-swallowed: a task that is cancelled goes on, and is cancelled again and again."""

import ast
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from diag.causes.agreement import moves, same
from diag.causes.calls import assignments, called, calls, dotted, last, lines, loop_nodes, receiver, simple
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.endless import endless
from diag.causes.failures import CANCELLED, catches, caught, suppressed, words
from diag.causes.polls import shown
from diag.causes.progress import FRUITLESS, still
from diag.causes.routes import FAILED, Reading, TryNode, turns
from diag.causes.truth import Truth
from diag.causes.waiting import PAUSE, SLEEPS, VARIABLE, Waiting
from diag.source import Loop, own_nodes

CANCELS = "cancels"
"""The word in a match's names for a loop or callback that cancels, rather than one that is cancelled."""

BARE = frozenset({"BaseException"})
"""What catches a cancellation without naming it; `Exception` does not, since Python 3.8."""

SUSPENDS = (ast.Await, ast.AsyncFor, ast.AsyncWith)

WAITS = "waits"
"""The word in a match's names where what is cancelled waits, by the source, and hands out nothing (or it is the cancellation
by name that is caught): that it is seen to come back at once then tells that it is cancelled."""

CAPTURED = CANCELLED | {"Error"}
"""What is in flight when a wait is cancelled; trio's outcome of what has failed included."""


class _Deaf(NamedTuple):
    """A place where a cancellation is caught."""

    node: ast.stmt
    line: int
    body: Sequence[ast.stmt]
    words: str
    waits: ast.AST
    """What is cancelled there."""
    named: bool
    """Whether the cancellation is caught by its name."""


def find(scene: Scene) -> Match | None:
    """Find a loop that goes on when it is cancelled, or that cancels again and again."""
    loop = scene.loop
    if loop is not None and endless(loop):
        waiting = Waiting(scene.module, scene.function)
        found = _deaf(loop, waiting) or _insisting(loop, waiting)
        if found is not None:
            return found
    return _delivering(scene)


def agrees(match: Match, facts: Facts) -> float:
    """Judge by cancellations in flight, callbacks that deliver them, and what the loop waits for."""
    if facts.verdicts and not facts.verdicts & FRUITLESS:
        return 0.0
    kind, *names = match.names
    if any("cancel" in name.lower() for name in facts.callbacks):
        return 0.95
    if any(name.rpartition(".")[2] in CANCELLED for name in facts.raised):
        return 0.95 if kind != CANCELS else 0.9
    if kind == CANCELS:
        ready = any(same(name, callback) for name in names for callback in facts.callbacks)
        return 0.9 if ready else 0.85 if facts.waits in {"nothing", "never"} else 0.0
    if facts.waits == "settled" and set(names) & set(facts.settled):
        return 0.7
    return 0.8 if kind == WAITS and _over_at_once(names[0], facts) else 0.0


def _over_at_once(name: str, facts: Facts) -> bool:
    """Whether a call that waits is seen below the loop, and yet the loop goes round with nothing new.

    A cancellation is in flight too shortly to be seen at many looks.
    """
    return (
        facts.waits in {"unknown", "never", "nothing", "settled"}
        and any(one.rpartition(".")[2] == name.rpartition(".")[2].removesuffix("()") for one in facts.called)
        and all(one.rpartition(".")[2] in CAPTURED for one in facts.raised)
        and still(facts)
        and not moves(facts)
        and (facts.connections_per_second or 0.0) == 0.0
    )


def _deaf(loop: Loop, waiting: Waiting) -> Match | None:
    """Find a handler of cancellation from which the loop comes round."""
    for place in _caught(loop_nodes(loop.node)):
        inside = {part for statement in getattr(place.node, "body", []) for part in own_nodes(statement)}
        reading = Reading(
            lambda node, inside=inside: frozenset() if node in inside else waiting.marks(node),  # type: ignore[misc]
            Truth().of,
            {place.node: place.body},
        )
        come = turns(loop, reading)
        if any(turn.marks >= FAILED and not turn.marks & {PAUSE, VARIABLE} for turn in come):
            return _match(loop, place, waits=_waits(place, waiting))
    return None


def _waits(place: _Deaf, waiting: Waiting) -> bool:
    """Whether what is cancelled waits by the source, and what it is waited for is not data that may be there at once."""
    call = place.waits.value if isinstance(place.waits, ast.Await) else None
    if not isinstance(call, ast.Call) or waiting.kind(call) != PAUSE:
        return False
    return place.named or called(call) in SLEEPS or called(call) in {"wait", "sleep_until", "sleep_forever"}


def _caught(nodes: Sequence[ast.AST]) -> Iterator[_Deaf]:
    """Give the places that catch the cancellation of something awaited; the first handler that fits has it."""
    for node in nodes:
        if not isinstance(node, ast.Try | ast.TryStar | ast.With) or (waits := _awaited(node.body)) is None:
            continue
        if isinstance(node, TryNode):
            handler = next((one for one in node.handlers if catches(one, CANCELLED, BARE)), None)
            if handler is not None:
                named = not CANCELLED.isdisjoint(caught(handler))
                yield _Deaf(node, handler.lineno, handler.body, words(handler), waits, named)
        elif given := next((name for name in suppressed(node) if name in CANCELLED | BARE), ""):
            yield _Deaf(node, node.lineno, (), f"suppress({given})", waits, given in CANCELLED)


def _awaited(body: Sequence[ast.stmt]) -> ast.AST | None:
    parts = (part for statement in body for part in (statement, *own_nodes(statement)))
    return next((part for part in parts if isinstance(part, SUSPENDS)), None)


def _match(loop: Loop, place: _Deaf, *, waits: bool) -> Match:
    awaited = place.waits.value if isinstance(place.waits, ast.Await) else None
    at = getattr(place.waits, "lineno", place.line)
    does = f"waits for `{shown(awaited)}`" if awaited is not None else "waits"
    return Match(
        line=place.line,
        lines=tuple(sorted({loop.first, at, place.line, *(part.lineno for part in place.body)})),
        message=f"The loop of {lines(loop.first, loop.last)} {does} in line {at} and goes on when it is cancelled there: "
        f"`{place.words}` in line {place.line} swallows the cancellation, and the next one comes at once.",
        names=(WAITS if waits else "CancelledError", *([dotted(awaited)] if awaited is not None else [])),
    )


def _insisting(loop: Loop, waiting: Waiting) -> Match | None:
    """Find a loop that cancels on each turn and does not wait for what it cancels."""
    nodes = loop_nodes(loop.node)
    taken = {
        name for name, value, _ in assignments(nodes) if isinstance(value, ast.Call)
    }  # one after the other
    cancelling = [call for call in calls(nodes) if _cancels(call) and receiver(call) not in taken]
    if not cancelling:
        return None
    marked = frozenset({CANCELS})
    reading = Reading(
        lambda node: waiting.marks(node) | (marked if node in cancelling else set()), Truth().of
    )
    if not any(turn.marks >= marked and not turn.marks & {PAUSE, VARIABLE} for turn in turns(loop, reading)):
        return None
    call = cancelling[0]
    return Match(
        line=call.lineno,
        lines=tuple(sorted({loop.first, call.lineno})),
        message=f"The loop of {lines(loop.first, loop.last)} calls `{shown(call)}` in line {call.lineno} on every turn, and "
        "does not wait until that has ended.",
        names=(CANCELS, receiver(call)),
    )


def _cancels(call: ast.Call) -> bool:
    return called(call) in {"cancel", "cancel_task", "cancel_all"} and isinstance(call.func, ast.Attribute)


def _delivering(scene: Scene) -> Match | None:
    """Find a callback that cancels and puts itself back into the event loop's queue."""
    name = simple(scene.function)
    own = list(calls(own_nodes(scene.function.node)))
    again = [
        call
        for call in own
        if called(call) in {"call_soon", "call_soon_threadsafe"} and call.args and last(call.args[0]) == name
    ]
    cancelling = [call for call in own if _cancels(call)]
    if not again or not cancelling or name == "<module>":
        return None
    first, cancel = again[0].lineno, cancelling[0].lineno
    return Match(
        line=cancel,
        lines=tuple(sorted({first, cancel})),
        message=f"`{name}` cancels with `{shown(cancelling[0])}` in line {cancel} and in line {first} puts itself back into "
        "the event loop's queue, so that it cancels on every turn for as long as a task goes on.",
        names=(CANCELS, scene.function.name),
    )


CAUSE = Cause(
    code="HL010",
    name="cancellation-swallowed",
    summary="A task catches its cancellation and goes on, and is cancelled again and again.",
    remedy="Let the cancellation out: clean up in `finally`, or re-raise `CancelledError`, and leave the loop. To end a task, "
    "cancel it once and await it; shield only what ends by itself, and give it a time limit.",
    find=find,
    agrees=agrees,
)
