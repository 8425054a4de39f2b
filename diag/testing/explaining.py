"""Why a function spins, in words: its loop, what stayed empty, and the entry of the catalogue that holds there."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import CodeType
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what judges is imported when there is something to judge
    from diag.causes.cause import Behaviour, Facts, Variable, Waits
    from diag.findings import CauseFound
    from diag.source import Function, Loop, Module
    from diag.testing.sightings import Spot

_POLLS = frozenset({"HL001", "HL003", "HL004"})
"""Causes of loops that need no `await` to be waits that do not wait."""

_AROUND = 2
_MOST_LINES = 24


@dataclass(frozen=True)
class Explanation:
    """A function that was seen, with its source."""

    spot: "Spot"
    frozen: bool
    created_per_second: float | None = None
    asks: bool = False
    """Whether it does I/O on each turn."""

    @cached_property
    def module(self) -> "Module | None":
        """The parsed file; None where it cannot be read."""
        return _module(self.spot.code)

    @cached_property
    def function(self) -> "Function | None":
        """The function in it."""
        code = self.spot.code
        return self.module.function_at(self.line, code.co_name) if self.module else None

    @property
    def line(self) -> int:
        """The line seen most."""
        return self.spot.lines.most_common(1)[0][0]

    @cached_property
    def loop(self) -> "Loop | None":
        """The smallest loop around all lines that were seen; None where there is none."""
        if self.function is None:
            return None
        around = [loop for loop in self.function.loops if all(line in loop for line in self.spot.lines)]
        return around[-1] if around else None

    @property
    def place(self) -> str:
        """Function, file and lines, as "read_log (buggy.py:36-45)"."""
        code = self.spot.code
        lines = f"{self.loop.first}-{self.loop.last}" if self.loop else str(self.line)
        return f"{code.co_qualname} ({Path(code.co_filename).name}:{lines})"

    @property
    def polls(self) -> bool:
        """Whether the source says that it asks again and again for what cannot come while it runs."""
        from diag.thresholds import SURE

        return any(cause.code in _POLLS and cause.confidence >= SURE for cause in self.causes)

    @cached_property
    def variables(self) -> "dict[str, Variable]":
        """How its variables behaved over the looks."""
        return {name: _behaviour(values) for name, values in self.spot.values.items()}

    @property
    def empties(self) -> list[str]:
        """Variables that the loop sets and that were empty at every look."""
        if self.loop is None:
            return []
        bound = {
            node.id
            for node in ast.walk(self.loop.node)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        return [name for name, seen in self.variables.items() if name in bound and seen.behaviour == "empty"]

    @cached_property
    def causes(self) -> "Sequence[CauseFound]":
        """The entries of the catalogue that hold, the surest first."""
        if self.module is None or self.function is None:
            return ()
        from diag.causes.cause import Scene
        from diag.verdicts.case import causes_at

        inner = [(_module(code), code, line) for code, line in self.spot.below]
        outer = [(_module(code), code, line) for code, line in reversed(self.spot.above)]
        scene = Scene(
            module=self.module,
            function=self.function,
            loop=self.loop,
            line=self.line,
            inner=tuple(
                (module, module.function_at(line, code.co_name)) for module, code, line in inner if module
            )[:8],
            outer=tuple(
                (module, module.function_at(line, code.co_name), line)
                for module, code, line in outer
                if module
            ),
        )
        return causes_at(scene, self._facts())

    def _facts(self) -> "Facts":
        from diag.causes.cause import Facts

        settled = tuple(
            name for name, values in self.spot.values.items() if values and all(v[3] is True for v in values)
        )
        below = [code.co_name for code, _ in self.spot.below]
        waits: Waits = (
            "io"
            if self.asks
            else "never"
            if self.frozen
            else "nothing"
            if set(below) <= {"sleep", "__sleep0"} and below
            else "settled"
        )
        return Facts(
            verdicts=frozenset({"storm" if self.asks else "spin"}),
            frozen=self.frozen and not self.asks,
            on_event_loop=True,
            waits=waits,
            variables=self.variables,
            called=tuple(dict.fromkeys(below)),
            lines=frozenset(self.spot.lines),
            settled=settled,
            created_per_second=self.created_per_second,
            bytes_per_second=None if self.asks else 0.0,
        )

    def excerpt(self) -> list[str]:
        """Give the loop's source, the lines at fault marked."""
        if self.module is None:
            return []
        first, last = (self.loop.first, self.loop.last) if self.loop else (self.line, self.line)
        first, last = (
            max(1, first - _AROUND),
            min(len(self.module.lines), last + _AROUND, first + _MOST_LINES),
        )
        here = [cause for cause in self.causes if cause.file == self.module.file]
        faults = {cause.line for cause in here}
        return [
            f"{'>' if number in faults else ' '} {number:4} | {self.module.lines[number - 1].rstrip()}"
            for number in range(first, last + 1)
        ]


def _module(code: CodeType) -> "Module | None":
    from diag.source import parse

    try:
        return parse(Path(code.co_filename).read_text(encoding="utf-8"), code.co_filename)
    except (OSError, ValueError):
        return None


def _behaviour(values: Sequence[tuple[str, int | None, str, bool | None]]) -> "Variable":
    from diag.causes.cause import Variable
    from diag.evidence.variables import CLOSED_MESSAGES

    types = tuple(dict.fromkeys(kind for kind, _, _, _ in values))
    if all(kind == "NoneType" or size == 0 or text in CLOSED_MESSAGES for kind, size, text, _ in values):
        return Variable(behaviour="empty", types=types, text=values[0][2] if values else "")
    if len(set(values)) == 1:
        return Variable(behaviour="constant", types=types, text=values[0][2])
    moving: Behaviour = "changing"
    if all(kind == "int" for kind, _, _, _ in values):
        numbers = [int(text) for _, _, text, _ in values]
        moving = (
            "counting"
            if numbers == sorted(numbers) or numbers == sorted(numbers, reverse=True)
            else "changing"
        )
    return Variable(behaviour=moving, types=types)
