"""Whether a loop has an end of its own."""

import ast

from diag.causes.calls import called, dotted
from diag.source import Loop, own_nodes


def endless(loop: Loop) -> bool:
    """Whether nothing that the loop itself counts or goes through ends it."""
    node = loop.node
    if isinstance(node, ast.While):
        return not counted(node)
    return isinstance(node, ast.For) and isinstance(node.iter, ast.Call) and _unending(node.iter)


def counted(node: ast.While) -> bool:
    """Whether a loop tests a number that it counts itself."""
    tested = {
        dotted(side)
        for part in (node.test, *own_nodes(node.test))
        for side in ((part.left, *part.comparators) if isinstance(part, ast.Compare) else (node.test,))
    }
    steps = (part for statement in node.body for part in (statement, *own_nodes(statement)))
    return any(isinstance(part, ast.AugAssign) and dotted(part.target) in tested - {""} for part in steps)


def _unending(call: ast.Call) -> bool:
    if called(call) == "iter":
        return len(call.args) == 2  # noqa: PLR2004 - a function that is called, and what it returns at the end
    return called(call) in {"count", "cycle"} or (called(call) == "repeat" and len(call.args) == 1)
