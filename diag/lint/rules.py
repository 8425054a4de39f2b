"""The causes that stand alone: what their source proves without a measurement."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from diag.causes import ineffective_break
from diag.causes.breaks import ineffective_breaks
from diag.causes.catalogue import CATALOGUE
from diag.causes.cause import Cause
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
    for function in module.functions:
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


RULES: tuple[Rule, ...] = (Rule(ineffective_break.CAUSE, _breaks, prefilter.has_nested_break),)
"""In the order of their codes. All are on by default."""

CODES: frozenset[str] = frozenset(rule.code for rule in RULES)
CATALOGUED: frozenset[str] = frozenset(cause.code for cause in CATALOGUE)
"""All codes of causes: those that take a measurement included."""
