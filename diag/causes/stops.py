"""Conditions by which somebody else says that all is over: flags, events and futures to stop by."""

import ast
import re
from collections.abc import Collection

from diag.causes.calls import called, dotted, receiver
from diag.causes.shape import Guard, is_rebound, names

_STOPS = re.compile(
    r"(^|_)(stop\w*|shut\w*|quit\w*|exit\w*|terminat\w*|cancel\w*|abort\w*|kill\w*|halt\w*)$", re.IGNORECASE
)
_RUNS = re.compile(r"^_*(is_|keep_)?(running|run|active|alive|going|started)$", re.IGNORECASE)
_ASKS = frozenset({"is_set", "isSet", "done", "cancelled", "wait"})
"""What tells of an event or future whether it is over; `wait` with a timeout does as well."""


def is_stop(node: ast.expr) -> bool:
    """Whether an expression asks for a stop: `stop.is_set()`, `stopping.done()`, `self._stopped`."""
    if isinstance(node, ast.Call):
        if called(node) == "wait" and not node.args and not node.keywords:
            return False  # it only waits for it
        return called(node) in _ASKS and _is_named(receiver(node))
    return _is_named(dotted(node))


def stop_in(test: ast.expr) -> str:
    """Give the name of the flag or event by which a condition asks for a stop; "" if it does not."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        return next((name for part in test.values if (name := stop_in(part))), "")
    if not is_stop(test):
        return ""
    return receiver(test) if isinstance(test, ast.Call) else dotted(test)


def is_foreign(guard: Guard, own: Collection[str]) -> bool:
    """Whether a condition depends on somebody else: on a flag to stop by, or on which of several futures it is.

    Args:
        guard: the condition.
        own: names that the loop itself changes, or that its work is about.
    """
    test, holds = guard.test, guard.holds
    while isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        test, holds = test.operand, not holds
    if isinstance(test, ast.BoolOp):
        return any(is_foreign(Guard(part, holds), own) for part in test.values)
    if isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is | ast.In):
        asked = test.left if isinstance(test.ops[0], ast.In) else test.comparators[0]
        return holds and bool(dotted(asked)) and not _is_own(dotted(asked), own)
    if not holds:
        return bool(_RUNS.match(dotted(test).rpartition(".")[2])) and not _is_own(dotted(test), own)
    return is_stop(test) and not any(_is_own(name, own) for name in names(test))


def _is_own(name: str, own: Collection[str]) -> bool:
    return name in own or is_rebound(name, own)


def _is_named(name: str) -> bool:
    return bool(_STOPS.search(name.rpartition(".")[2]))
