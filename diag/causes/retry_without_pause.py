"""HL006 retry-without-pause: what failed is tried again at once."""

import ast
import re
from collections.abc import Sequence

from diag.causes.agreement import DATA, moves
from diag.causes.asking import asks, churns
from diag.causes.calls import called, calls, definition, dotted, lines, loop_nodes, names_in
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.causes.derived import on_something_new
from diag.causes.endless import endless
from diag.causes.failures import HARMLESS, MALFORMED, is_one_of
from diag.causes.polls import shown
from diag.causes.progress import FRUITLESS, news
from diag.causes.refused import refused
from diag.causes.retry_decorator import decorated
from diag.causes.routes import FAILED, Reading, turns, ways
from diag.causes.same_input import same_input
from diag.causes.swallowed import ALL, TRIED, Swallowed, reading, swallowed
from diag.causes.truth import Truth
from diag.causes.waiting import PAUSE, VARIABLE, WORK, Waiting
from diag.source import Function, Loop, own_nodes

CONNECTS, SAME, REFUSED = "connects", "same input", "refused"
"""Words at the head of a match's names, besides `TRIED`: for connections made on every turn, for failures on what is the same
each time, and for requests whose answer does not let the loop leave, which is what the names that follow hold."""

PLAIN = DATA | {"int", "float", "bool", "NoneType"}
"""Types of parts of an answer; of an object that holds one it is not known whether it is another one each time."""

_CONNECTS = re.compile(
    r"_*(re_?|do_?|try_?|async_?|ws_?|ensure_?)?(connect(_\w+)?|dial|login|logon|open_connection|create_connection)"
)


def find(scene: Scene) -> Match | None:
    """Find a loop that comes round without a pause after a failure."""
    loop = scene.loop
    if loop is None:
        return decorated(scene)
    if not endless(loop):
        return decorated(scene)
    waiting = Waiting(scene.module, scene.function)
    nodes = loop_nodes(loop.node)
    for failure in swallowed(nodes, waiting):
        if on_something_new(failure.tried, failure.body, nodes):
            continue
        come = turns(loop, reading(waiting, failure))
        if any(turn.marks >= FAILED and not turn.marks & {PAUSE, VARIABLE} for turn in come):
            return None if _bounded(loop) else _match(loop, failure)
    return (
        _same_again(loop, waiting)
        or _below(scene, loop, waiting)
        or _reconnects(loop, waiting)
        or _asks_again(loop, waiting)
        or decorated(scene)
    )


def agrees(match: Match, facts: Facts) -> float:
    """Judge by the exceptions in flight, the connections made, and whether the handler was seen to run."""
    if facts.verdicts and not facts.verdicts & FRUITLESS:
        return 0.0
    kind, *names = match.names
    if kind == REFUSED:
        return _stays_refused(names, facts)
    if kind == SAME and news(facts):
        return 0.0
    ordinary = HARMLESS - MALFORMED - set(names)
    failed = [is_one_of(name, names) for name in facts.raised if name.rpartition(".")[2] not in ordinary]
    if failed:
        return 0.95 if True in failed else 0.7 if None in failed else 0.0
    return _comes_round_often(match, facts)


def _comes_round_often(match: Match, facts: Facts) -> float:
    """Judge where no exception was seen in flight, which is short."""
    if moves(facts) and "storm" not in facts.verdicts:
        return 0.0
    if churns(facts):
        return 0.85
    if match.names[0] == CONNECTS and facts.connections_per_second is not None:
        return 0.0
    handled = any(line >= match.line for line in facts.lines.intersection(match.lines[1:]))
    return 0.8 if handled else 0.0


def _stays_refused(names: Sequence[str], facts: Facts) -> float:
    """Judge a request that is sent again for its answer: it is sent, and the answer is the same each time."""
    answers = [seen for name in names if (seen := facts.variables.get(name)) is not None]
    if any(seen.behaviour in {"changing", "counting"} and PLAIN.issuperset(seen.types) for seen in answers):
        return 0.0
    if "storm" in facts.verdicts:
        return 0.9
    if news(facts) or facts.bytes_per_second == 0:
        return 0.0
    return 0.85 if churns(facts) else 0.8 if asks(facts) else 0.0


def _bounded(loop: Loop) -> bool:
    """Whether the attempts are counted: a number that the loop counts decides whether it is left."""
    nodes = loop_nodes(loop.node)
    counts = {dotted(node.target) for node in nodes if isinstance(node, ast.AugAssign)} - {""}
    deciding = [node for node in nodes if isinstance(node, ast.If) and names_in(node.test) & counts]
    plain = Reading(lambda _: ())
    exits = {way.exit for node in deciding for body in (node.body, node.orelse) for way in ways(body, plain)}
    return bool(exits & {"raise", "return", "break"})


def _same_again(loop: Loop, waiting: Waiting) -> Match | None:
    """Find bad input that is read again at once, and is the same then."""
    for failure in same_input(loop_nodes(loop.node), waiting):
        come = turns(loop, reading(waiting, failure))
        if any(turn.marks >= FAILED and not turn.marks & {PAUSE, VARIABLE} for turn in come):
            return (
                None if _bounded(loop) else _match(loop, failure, ", and what is read is the same", kind=SAME)
            )
    return None


def _asks_again(loop: Loop, waiting: Waiting) -> Match | None:
    """Find a request that is sent again at once because of its answer."""
    found = refused(loop, waiting)
    if found is None or _bounded(loop):
        return None
    at, test = found.request.lineno, found.test
    return Match(
        line=at,
        lines=tuple(sorted({loop.first, at, test.lineno})),
        message=f"The loop of {lines(loop.first, loop.last)} sends `{shown(found.request)}` in line {at} again at once for as "
        f"long as the answer does not let it leave by `{shown(test)}` in line {test.lineno}: nothing pauses on the way back "
        f"to line {loop.first}.",
        names=(REFUSED, *found.names),
    )


def _match(loop: Loop, failure: Swallowed, more: str = "", *, kind: str = TRIED) -> Match:
    involved = {loop.first, failure.tried.lineno, failure.line, *(part.lineno for part in failure.body)}
    return Match(
        line=failure.line,
        lines=tuple(sorted(involved)),
        message=f"The loop of {lines(loop.first, loop.last)} tries `{shown(failure.tried)}` in line "
        f"{failure.tried.lineno} again at once when it fails: `{failure.words}` in line {failure.line} leads back to "
        f"line {loop.first} without a pause{more}.",
        names=(kind, *failure.types),
    )


def _below(scene: Scene, loop: Loop, waiting: Waiting) -> Match | None:
    """Find a function called in the loop that swallows its own failure, and no pause in either."""
    if not any(
        not turn.marks & {PAUSE, VARIABLE} for turn in turns(loop, Reading(waiting.marks, Truth().of))
    ):
        return None
    for call in calls(loop_nodes(loop.node)):
        function = definition(scene.module, call.func, scene.function) if waiting.kind(call) == WORK else None
        if function is None or function.node is scene.function.node or function.loops:
            continue
        failure = _swallows(scene, function)
        if failure is not None and not _bounded(loop):
            return _match(loop, failure, f", by way of `{shown(call.func)}` in line {call.lineno}")
    return None


def _swallows(scene: Scene, function: Function) -> Swallowed | None:
    """Give the failure that a function swallows so that its caller goes on."""
    waiting = Waiting(scene.module, function)
    for failure in swallowed(own_nodes(function.node), waiting):
        for way in ways(getattr(function.node, "body", []), reading(waiting, failure)):
            if way.marks >= FAILED and way.exit != "raise" and not way.marks & {PAUSE, VARIABLE}:
                return failure
    return None


def _reconnects(loop: Loop, waiting: Waiting) -> Match | None:
    """Find a loop that makes a connection on each turn and never waits in between."""
    connecting = [call for call in calls(loop_nodes(loop.node)) if _CONNECTS.fullmatch(called(call))]
    if not connecting:
        return None
    marked = frozenset({"connects"})
    plain = Reading(
        lambda node: waiting.marks(node) | (marked if node in connecting else frozenset()), Truth().of
    )
    if not any(turn.marks >= marked and not turn.marks & {PAUSE, VARIABLE} for turn in turns(loop, plain)):
        return None
    call = connecting[0]
    return Match(
        line=call.lineno,
        lines=tuple(sorted({loop.first, call.lineno})),
        message=f"The loop of {lines(loop.first, loop.last)} calls `{shown(call)}` in line {call.lineno} again at once "
        f"when the connection has failed or ended: nothing pauses on the way back to line {loop.first}.",
        names=(CONNECTS, ALL),
    )


CAUSE = Cause(
    code="HL006",
    name="retry-without-pause",
    summary="A loop tries again at once what has just failed, and so fails as often as the machine allows.",
    remedy="Sleep before the next try, longer each time up to a limit and with some jitter, and start anew after a success; "
    "give up, or let the exception out, where trying again cannot help.",
    find=find,
    agrees=agrees,
)
