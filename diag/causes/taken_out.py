"""Whether code that reads from a descriptor takes it out of a select when it is at its end."""

import ast
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from diag.causes.calls import called, calls, names_in, target_names

READS = frozenset(
    {
        *(
            "recv",
            "recvfrom",
            "recv_into",
            "recvfrom_into",
            "recvmsg",
            "read",
            "read1",
            "readline",
            "readlines",
            "readinto",
        ),
        *(
            "read_nonblocking",
            "read_bytes",
            "recv_bytes",
            "receive_some",
            "recv_some",
            "read_available",
            "read_events",
        ),
    }
)
"""Calls that answer with nothing at the end of what they read."""

OUT = re.compile(
    r"unregister|clos|remove|discard|disconnect|shutdown|^del|drop|clean|lost|terminat|^end|_end|^stop|_stop|^pop$|kill|"
    r"finish|quit|exit|detach|eof|abort|modify|cancel|destroy|hang_?up|die|dead|release|free",
    re.IGNORECASE,
)
"""How functions are called that take a descriptor out of the select, or end what it belongs to."""

FLAG = re.compile(r"open|run|clos|done|eof|connect|activ|aliv|stop|quit|end|finish|dead", re.IGNORECASE)
"""How flags are called that say that it is over."""


class Result(NamedTuple):
    """A call that reads, and the names that hold what it read; none where it is thrown away or passed on at once."""

    call: ast.Call
    names: frozenset[str]


def results(nodes: Iterable[ast.AST]) -> Iterator[Result]:
    """Give the reads among nodes."""
    nodes = tuple(nodes)
    kept: dict[ast.AST, set[str]] = {}
    for node in nodes:
        if (
            isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr | ast.AugAssign)
            and node.value is not None
        ):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {name for target in targets for name in target_names(target)}
            for part in ast.walk(node.value):
                kept.setdefault(part, set()).update(names)
    for call in calls(nodes):
        if called(call) in READS and isinstance(call.func, ast.Attribute):
            yield Result(call, frozenset(kept.get(call, ())))


def unhandled(nodes: Iterable[ast.AST], *, leaving: bool) -> Result | None:
    """Give the first read of which no test leads to taking the descriptor out.

    Args:
        nodes: of the loop, or of the function that is called back.
        leaving: whether leaving (`break`, `return`, `raise`) takes it out as well: a loop ends with it, a callback is
            called again.
    """
    nodes = tuple(nodes)
    tests = [node for node in nodes if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Match)]
    for result in results(nodes):
        if not any(_tests(node, result) and _leads_out(node, leaving=leaving) for node in tests):
            return result
    return None


def takes_out(nodes: Iterable[ast.AST], *, leaving: bool) -> bool:
    """Whether any of the nodes takes a descriptor out of the select, ends what it belongs to or says that it is over."""
    return any(_is_out(node, leaving=leaving) for node in nodes)


def _tests(node: ast.If | ast.While | ast.IfExp | ast.Match, result: Result) -> bool:
    """Whether a branch depends on what was read."""
    test = node.subject if isinstance(node, ast.Match) else node.test
    return bool(result.names & names_in(test)) or any(part is result.call for part in ast.walk(test))


def _leads_out(node: ast.If | ast.While | ast.IfExp | ast.Match, *, leaving: bool) -> bool:
    return takes_out(ast.walk(node), leaving=leaving)


def _is_out(node: ast.AST, *, leaving: bool) -> bool:
    if isinstance(node, ast.Call):
        return bool(OUT.search(called(node)))
    if isinstance(node, ast.Delete):
        return True
    if isinstance(node, ast.Assign):
        return any(FLAG.search(name) for target in node.targets for name in target_names(target))
    return leaving and isinstance(node, ast.Break | ast.Return | ast.Raise)
