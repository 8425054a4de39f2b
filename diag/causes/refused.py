"""Requests that a loop sends again and again because of their answer: an exit that the answer decides is not taken."""

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from diag.causes.calls import called, calls, dotted, loop_nodes, names_in, receiver
from diag.causes.derived import holds, made_of, reached
from diag.causes.opened import REQUESTING, asks_server, words
from diag.causes.routes import Reading, turns
from diag.causes.shape import Guard, exits
from diag.causes.truth import Truth
from diag.causes.waiting import AWAIT, WORK, Waiting
from diag.source import Loop

ASKING = frozenset(
    {
        *(
            "post",
            "put",
            "patch",
            "send",
            "submit",
            "publish",
            "deliver",
            "upload",
            "notify",
            "push",
            "report",
        ),
        *("request", "call", "rpc", "query", "execute", "fetch", "ping", "register", "subscribe", "login"),
    }
)
"""Words in the names of what asks another side, if it is awaited or entered; on a client a plain call as well."""

ENOUGH = 200
"""The status of an answer that is a success: an exit that it would take is what the loop tries to reach, one that it would
not take is for a failure."""

_STATUS = re.compile(r"_*(http_?)?(status|status_code|code|response_code)")

_GOOD = frozenset({"ok", "is_success", "success", "succeeded", "is_ok"})

_ASKED = "asked"


class Refused(NamedTuple):
    """A request, and the test of its answer by which the loop is not left."""

    request: ast.Call
    test: ast.expr
    names: tuple[str, ...]
    """What decides: names that hold the answer or a part of it."""


def refused(loop: Loop, waiting: Waiting) -> Refused | None:
    """Find a request whose answer alone can end the loop, and a way back to it on which nothing else happens."""
    nodes = loop_nodes(loop.node)
    for request in calls(nodes):
        if not _is_request(request, nodes):
            continue
        answer = made_of({request}, nodes)
        names = frozenset(name for node in (*request.args, *request.keywords) for name in names_in(node))
        if names & answer or not (deciding := list(_deciding(loop, request, answer))):
            continue  # what is asked for next comes from the answer: page by page
        if _comes_round(loop, request, answer, waiting):
            test = deciding[0]
            own = names_in(test) & reached(answer, names_in(test))
            return Refused(request, test, tuple(sorted(own)))
    return None


def _is_request(call: ast.Call, nodes: Sequence[ast.AST]) -> bool:
    """Whether a call asks another side."""
    if asks_server(call) or called(call).lower() in REQUESTING:
        return True
    return bool(words(called(call)) & ASKING) and any(_awaits(node, call) for node in nodes)


def _awaits(node: ast.AST, call: ast.Call) -> bool:
    if isinstance(node, ast.AsyncWith):
        return any(item.context_expr is call for item in node.items)
    return isinstance(node, ast.Await) and node.value is call


def _deciding(loop: Loop, request: ast.Call, answer: frozenset[str]) -> Iterator[ast.expr]:
    """Give the tests of the answer that lead out of the loop, those for a failure left out."""

    def told(test: ast.expr) -> bool:
        return holds(test, {request}, answer)

    if (
        isinstance(loop.node, ast.While)
        and told(loop.node.test)
        and _is_goal(Guard(loop.node.test, holds=False))
    ):
        yield loop.node.test
    for step in exits(loop):
        if isinstance(step.node, ast.Return | ast.Break) and step.way.handler is None:
            guards = [guard for guard in step.way.guards if told(guard.test)]
            if guards and all(_is_goal(guard) for guard in guards):
                yield guards[-1].test


def _is_goal(guard: Guard) -> bool:
    """Whether a condition can be that of a success: one that is of a status must hold for 200."""
    test, holds = guard.test, guard.holds
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, holds = test.operand, not holds
    if isinstance(test, ast.Compare) and _STATUS.fullmatch(dotted(test.left).rpartition(".")[2]):
        fits = _fits(test)
        return fits is None or fits is holds
    return holds or dotted(test).rpartition(".")[2] not in _GOOD


def _fits(test: ast.Compare) -> bool | None:
    """Whether a comparison holds for the status of a success; None where that cannot be told."""
    match test:
        case ast.Compare(ops=[operator], comparators=[ast.Constant(value=int(bound))]):
            outcomes: dict[type[ast.cmpop], bool] = {
                ast.Eq: bound == ENOUGH or ENOUGH < bound < ENOUGH + 100,
                ast.NotEq: not ENOUGH <= bound < ENOUGH + 100,
                ast.Lt: bound > ENOUGH,
                ast.LtE: bound >= ENOUGH,
                ast.Gt: bound < ENOUGH,
                ast.GtE: bound <= ENOUGH,
            }
            return outcomes.get(type(operator))
    return None


def _comes_round(loop: Loop, request: ast.Call, answer: frozenset[str], waiting: Waiting) -> bool:
    """Whether a way leads back to the request on which nothing pauses, and nothing else is done or kept."""
    own = frozenset({_ASKED})

    def marks(node: ast.AST) -> frozenset[str]:
        if node is request:
            return own
        if isinstance(node, ast.Call) and _of_answer(node, request, answer):
            return frozenset()
        if isinstance(node, ast.AugAssign) and holds(node.value, {request}, answer):
            return frozenset({WORK})
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Subscript) for one in node.targets):
            return frozenset({WORK})
        return waiting.marks(node) - {AWAIT}

    return any(turn.marks == own for turn in turns(loop, Reading(marks, Truth().of)))


def _of_answer(call: ast.Call, request: ast.Call, answer: frozenset[str]) -> bool:
    """Whether a call reads the answer: `answer.json()`, `json.loads(body)`."""
    if reached(answer, {receiver(call)}) or receiver(call).startswith(dotted(request) or "\0"):
        return True
    return called(call) in {"loads", "decode", "get"} and bool(
        reached(answer, {name for node in call.args for name in names_in(node)} | {receiver(call)})
    )
