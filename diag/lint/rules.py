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
from diag.lint.statements import functions_with
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
    for function in functions_with(module.tree, _is_nested_break):
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
    for function in functions_with(module.tree, _is_short_wait):
        for found in busy_waits(module, function):
            test, pause = shown(found.node.test), shown(found.pause.value)
            yield Hit(
                node=found.pause,
                label="does not wait",
                message=f"the `while` of line {found.node.lineno} asks `{test}` again and again, and its only pause is `{pause}`",
                function=function.name,
                related=((found.node, "asks again at once"),),
            )


def _is_nested_break(statement: ast.stmt, loops: tuple[LoopNode, ...]) -> bool:
    """Whether it is a `break` of a loop inside a `while`."""
    return isinstance(statement, ast.Break) and any(isinstance(loop, ast.While) for loop in loops[:-1])


def _is_short_wait(statement: ast.stmt, _: tuple[LoopNode, ...]) -> bool:
    """Whether it is a `while` whose body has an expression and nothing else to do."""
    return isinstance(statement, ast.While) and all(
        isinstance(part, ast.Expr | ast.Pass | ast.Continue) for part in statement.body
    )


RULES: tuple[Rule, ...] = (
    Rule(ineffective_break.CAUSE, _breaks, prefilter.has_nested_break),
    Rule(zero_sleep_polling.CAUSE, _busy_waits, prefilter.has_zero_sleep),
)
"""In the order of their codes. All are on by default."""

CATALOGUED: frozenset[str] = frozenset(cause.code for cause in CATALOGUE)
"""All codes of causes: those that take a measurement included."""
