"""Conditions in three values: true, false, or not known, given the truth of some names and expressions."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from diag.causes.calls import called, dotted

SIZES = frozenset({"len", "bool", "any", "all", "list", "tuple", "set", "sum", "int"})
"""Functions whose result is as true as their argument."""


@dataclass(frozen=True)
class Truth:
    """What is taken for true or false; what is false is taken for empty: None, 0, b"" or no items."""

    names: Mapping[str, bool] = field(default_factory=dict)
    """By dotted name."""
    nodes: Mapping[ast.AST, bool] = field(default_factory=dict)

    def of(self, node: ast.expr) -> bool | None:  # noqa: PLR0911 - a line for each kind of expression
        """Give the truth of an expression; None if it can be either."""
        if node in self.nodes:
            return self.nodes[node]
        match node:
            case ast.Constant():
                return bool(node.value)
            case ast.Name() | ast.Attribute():
                return self.names.get(dotted(node))
            case ast.UnaryOp(op=ast.Not()):
                return _not(self.of(node.operand))
            case ast.BoolOp():
                return self._combined(node)
            case ast.NamedExpr() | ast.Await():
                return self.of(node.value)
            case ast.Compare(ops=[operator], comparators=[right]):
                return self._compared(node.left, operator, right)
            case ast.Call(args=[only]) if called(node) in SIZES:
                return self.of(only)
            case _:
                return None

    def _combined(self, node: ast.BoolOp) -> bool | None:
        decisive = isinstance(node.op, ast.Or)
        values = [self.of(value) for value in node.values]
        if decisive in values:
            return decisive
        return None if None in values else not decisive

    def _compared(self, left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool | None:
        if not _literal(right):
            return None
        known = self.of(left)
        if known is None:
            return None
        empty = not _value(right)
        if isinstance(operator, ast.Eq | ast.Is):
            return known is not empty if empty or isinstance(_value(right), bool) else _never(known=known)
        if isinstance(operator, ast.NotEq | ast.IsNot):
            return known is empty if empty or isinstance(_value(right), bool) else _not(_never(known=known))
        if isinstance(operator, ast.Gt | ast.GtE | ast.Lt | ast.LtE):
            return _ordered(operator, _value(right), known=known)
        return None


def _not(value: bool | None) -> bool | None:  # noqa: FBT001 - a value of three
    return None if value is None else not value


def _never(*, known: bool) -> bool | None:
    """Whether it equals a literal that is not empty: what is empty does not."""
    return None if known else False


def _literal(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.List | ast.Tuple | ast.Dict) and _bare(node)
    )


def _bare(node: ast.List | ast.Tuple | ast.Dict) -> bool:
    return not (node.keys if isinstance(node, ast.Dict) else node.elts)


def _value(node: ast.expr) -> object:
    return node.value if isinstance(node, ast.Constant) else ()


def _ordered(operator: ast.cmpop, bound: object, *, known: bool) -> bool | None:
    """Compare a size or number: 0 where it is empty, at least 1 where it is not."""
    if isinstance(bound, bool) or not isinstance(bound, int | float):
        return None
    if known:
        if isinstance(operator, ast.Gt | ast.GtE):
            return True if bound < 1 or (bound == 1 and isinstance(operator, ast.GtE)) else None
        return False if bound < 1 or (bound == 1 and isinstance(operator, ast.Lt)) else None
    if isinstance(operator, ast.Gt):
        return bound < 0
    if isinstance(operator, ast.GtE):
        return bound <= 0
    return bound > 0 if isinstance(operator, ast.Lt) else bound >= 0
