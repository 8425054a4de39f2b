"""HL013 watch-restarted: a stream or request that has ended is opened again at once."""

import ast

from diag.causes.asking import asks, churns
from diag.causes.calls import called, lines
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.endless import endless
from diag.causes.failures import HARMLESS
from diag.causes.opened import OPENING, Opened, opened
from diag.causes.polls import shown
from diag.causes.progress import FRUITLESS, news
from diag.causes.routes import Reading, turns
from diag.causes.truth import Truth
from diag.causes.waiting import PAUSE, VARIABLE, Waiting
from diag.source import Loop

STREAM = "stream"
"""The word in a match's names for what is gone through to its end; a single request, the same again and again, may be a
load that is meant, and needs more than the functions of a client to be seen."""

_OPENS = frozenset({"opens"})


def find(scene: Scene) -> Match | None:
    """Find a loop that opens a stream or sends a request on each turn, and never pauses."""
    loop = scene.loop
    if loop is None or not (endless(loop) or _reconnecting(loop)):
        return None
    waiting = Waiting(scene.module, scene.function)
    return next((_match(loop, one) for one in opened(scene, loop) if _comes_round(loop, one, waiting)), None)


def agrees(match: Match, facts: Facts) -> float:
    """Judge by the traffic: many connections or requests, and no failure, which would make it a retry."""
    failed = any(name.rpartition(".")[2] not in HARMLESS for name in facts.raised)
    if "storm" in facts.verdicts:
        return 0.5 if failed else 0.9
    if failed or news(facts) or (facts.verdicts and not facts.verdicts & FRUITLESS):
        return 0.0
    if churns(facts):
        return 0.85
    kind, *names = match.names
    return 0.75 if kind == STREAM and asks(facts, names) else 0.0


def _reconnecting(loop: Loop) -> bool:
    """Whether it goes through connections, each made when the one before has ended: websockets' `connect`."""
    node = loop.node
    return (
        isinstance(node, ast.AsyncFor)
        and isinstance(node.iter, ast.Call)
        and bool(OPENING.fullmatch(called(node.iter)))
    )


def _comes_round(loop: Loop, one: Opened, waiting: Waiting) -> bool:
    """Whether a turn passes through what is opened, and what makes it be opened anew, without a pause."""
    decisive = one.resets or (one.node,)

    def marks(node: ast.AST) -> frozenset[str]:
        return waiting.marks(node) | (_OPENS if node in decisive else frozenset())

    come = turns(loop, Reading(marks, Truth().of))
    return any(turn.marks >= _OPENS and not turn.marks & {PAUSE, VARIABLE} for turn in come)


def _match(loop: Loop, one: Opened) -> Match:
    at = one.node.lineno
    ended = f"has ended in line {one.ends}" if one.ends not in {at, loop.first} else "has ended"
    return Match(
        line=at,
        lines=tuple(sorted({loop.first, at, one.ends})),
        message=f"The loop of {lines(loop.first, loop.last)} opens `{shown(one.node)}` in line {at} again at once when "
        f"it {ended}: nothing pauses on the way back to line {loop.first}.",
        names=(
            "request" if one.single else STREAM,
            called(one.node) if isinstance(one.node, ast.Call) else "",
        ),
    )


CAUSE = Cause(
    code="HL013",
    name="watch-restarted",
    summary="A watch, subscription or long poll that has ended is opened again at once, which floods the server with requests.",
    remedy="Pause before it is opened again, longer while it ends at once; go on from the last position seen; stop when what "
    "is watched is finished; and let the server wait (`timeout_seconds`, `WaitTimeSeconds`, `block`). If the loop is a "
    "library's, give it a time limit and open it in a loop of your own that pauses.",
    find=find,
    agrees=agrees,
)
