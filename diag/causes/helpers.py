"""Functions that read, and tell their caller that there is no more by what they give."""

import ast
from functools import lru_cache

from diag.causes.calls import assignments
from diag.causes.ends import END_ERRORS, End, is_of, truth
from diag.causes.reading import reads_in
from diag.causes.shape import Step, caught_by, steps
from diag.source import Function, own_nodes

_ENDS: tuple[End, ...] = ("empty", "none")


@lru_cache(maxsize=1024)
def tells_end(function: Function) -> bool:
    """Whether a function reads, and where that is at its end gives nothing, `None` or a word for it."""
    if isinstance(function.node, ast.Module | ast.Lambda) or not any(reads_in(*function.node.body)):
        return False
    received = _received(function)
    return any(
        isinstance(step.node, ast.Return) and _is_nothing(step.node.value) and _at_end(step, received)
        for step in steps(function.node.body)
    )


def _received(function: Function) -> frozenset[str]:
    """Give the names of what it reads."""
    return frozenset(name for name, value, _ in assignments(own_nodes(function.node)) if any(reads_in(value)))


def _is_nothing(value: ast.expr | None) -> bool:
    """Whether what is given says that there is nothing: a constant, a name, or a tuple that begins with one."""
    if isinstance(value, ast.Tuple) and value.elts:
        return _is_nothing(value.elts[0])
    return (
        value is None
        or (isinstance(value, ast.Constant) and not value.value)
        or isinstance(value, ast.Tuple | ast.List | ast.Dict)
        or bool(isinstance(value, ast.Attribute | ast.Name) and is_of(value, frozenset()) is False)
    )


def _at_end(step: Step, received: frozenset[str]) -> bool:
    if step.way.handler is not None:
        return all(END_ERRORS.search(name) for name in caught_by(step.way.handler))
    if not step.way.guards:
        return False
    guard = step.way.guards[-1]
    return any(truth(guard.test, received, end) == guard.holds for end in _ENDS)
