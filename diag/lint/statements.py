"""A walk through the statements of a module, which are a tenth of its tree: where could a fault be?"""

import ast
from collections.abc import Callable

from diag.source import Function, LoopNode

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")

Wanted = Callable[[ast.stmt, tuple[LoopNode, ...]], bool]
"""Told of a statement and the loops around it, the outermost first."""


def functions_with(tree: ast.Module, wanted: Wanted) -> list[Function]:
    """Give the functions, in the order of the source, that hold a statement as wanted; the module's own code as one."""
    found: list[Function] = []
    _walk(tree, Function(tree, "<module>"), "", (), wanted, found)
    return sorted(found, key=lambda one: getattr(one.node, "lineno", 0))


def _walk(  # noqa: PLR0913, PLR0917 - what a walk carries along
    node: ast.AST,
    scope: Function,
    prefix: str,
    loops: tuple[LoopNode, ...],
    wanted: Wanted,
    found: list[Function],
) -> None:
    for block in _BLOCKS:
        for part in getattr(node, block, None) or ():
            if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
                name = prefix + part.name
                _walk(part, Function(part, name), f"{name}.", (), wanted, found)
            elif isinstance(part, ast.ClassDef):
                _walk(part, Function(ast.Module([], []), ""), f"{prefix}{part.name}.", (), wanted, found)
            else:
                if isinstance(part, ast.stmt) and (not found or found[-1] != scope) and wanted(part, loops):
                    found.append(scope)
                around = (*loops, part) if isinstance(part, LoopNode) and block != "orelse" else loops
                _walk(part, scope, prefix, around, wanted, found)
