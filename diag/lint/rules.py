"""The causes that stand alone: what their source proves without a measurement."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from diag.causes import ineffective_break, zero_sleep_polling
from diag.causes.breaks import ineffective_breaks
from diag.causes.busy_waits import busy_waits
from diag.causes.catalogue import CATALOGUE
from diag.causes.cause import Cause
from diag.causes.polls import shown
from diag.causes.shape import keyword_of
from diag.lint import prefilter
from diag.source import LoopNode, Module


@dataclass(frozen=True)
class Hit:
    """A fault in a module."""

    node: ast.stmt | ast.expr
    """What is at fault."""
    label: str
    message: str
    function: str
    related: tuple[tuple[LoopNode, str], ...] = field(default=())
    """The loops involved, and what becomes of each."""


@dataclass(frozen=True)
class Rule:
    """A cause that is looked for in source alone."""

    cause: Cause
    find: Callable[[Module], Iterator[Hit]]
    may_hold: Callable[[bytes], bool]
    """A look at a file's bytes that rules it out cheaply; it never rules out a file with a fault."""

    @property
    def code(self) -> str:
        """As in the catalogue."""
        return self.cause.code


def _breaks(module: Module) -> Iterator[Hit]:
    scopes = _with_nested_breaks(module.tree)
    functions = [one for one in module.functions if one.node in scopes] if scopes else []
    for function in functions:
        for found in ineffective_breaks(module, function):
            if found.certain:
                yield Hit(
                    node=found.node,
                    label="",
                    message=ineffective_break.match_of(found).message,
                    function=function.name,
                    related=(
                        (found.outer, "goes on"),
                        (found.inner, f"this `{keyword_of(found.inner)}` is left"),
                    ),
                )


def _busy_waits(module: Module) -> Iterator[Hit]:
    for function in module.functions:
        for found in busy_waits(module, function):
            test, pause = shown(found.node.test), shown(found.pause.value)
            yield Hit(
                node=found.pause,
                label="does not wait",
                message=f"the `while` of line {found.node.lineno} asks `{test}` again and again, and its only pause is `{pause}`",
                function=function.name,
                related=((found.node, "asks again at once"),),
            )


def _with_nested_breaks(tree: ast.Module) -> set[ast.AST]:
    """Give the functions, or the module, that hold a `break` of a loop inside a `while`.

    Statements alone are walked through: that is a tenth of a tree.
    """
    found: set[ast.AST] = set()
    queue: list[tuple[ast.AST, ast.AST, int]] = [(tree, tree, 0)]
    while queue:
        node, scope, depth = queue.pop()
        if isinstance(node, ast.Break) and depth >= _NESTED:
            found.add(scope)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            scope, depth = node, 0
        elif isinstance(node, ast.While) or (depth and isinstance(node, ast.For | ast.AsyncFor)):
            depth += 1
        for block in _BLOCKS:
            queue += [(part, scope, depth) for part in getattr(node, block, ()) or ()]
    return found


_NESTED = 2
"""Loops around a `break` of an inner loop, the outermost of them a `while`."""

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")

RULES: tuple[Rule, ...] = (
    Rule(ineffective_break.CAUSE, _breaks, prefilter.has_nested_break),
    Rule(zero_sleep_polling.CAUSE, _busy_waits, prefilter.has_zero_sleep),
)
"""In the order of their codes. All are on by default."""

CODES: frozenset[str] = frozenset(rule.code for rule in RULES)
CATALOGUED: frozenset[str] = frozenset(cause.code for cause in CATALOGUE)
"""All codes of causes: those that take a measurement included."""
