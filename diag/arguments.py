"""Types of arguments that click has not, shared by the commands: processes, seconds, names out of a set."""

import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

from diag.errors import HotloopError

if TYPE_CHECKING:
    from diag.lookup import Candidate

_WIDTH = 80
"""Columns of the narrowest terminal that tables are made for."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Give a sentence with the known names that look like a word; empty where none does."""
    from difflib import get_close_matches

    if close := get_close_matches(word, list(known)):
        return f" Did you mean {' or '.join(map(repr, close))}?"
    return ""


class Pid(click.ParamType[int]):
    """The number of a process."""

    name = "pid"

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Check."""
        if isinstance(value, str) and not (value.isascii() and value.isdigit() and int(value)):
            self.fail(
                f"{value!r} is no process number: `pgrep -af python` lists those of some processes.",
                param,
                ctx,
            )
        return int(value)


class Process(click.ParamType[int]):
    """A Python process, by its number or by a name or part of a command line that only it has.

    It is looked for when the command line is read. Several candidates are shown as a table.
    """

    name = "PID|NAME"

    def __init__(self, find: Callable[[str], int] | None = None) -> None:
        """Prepare; `find` is by default `diag.lookup.find`."""
        self._find = find

    def convert(self, value: str | int, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ARG002 - click's signature
        """Find.

        Raises:
            HotloopError: none, or several may be meant.
        """
        from diag.lookup import AmbiguousError, find

        try:
            return (self._find or find)(str(value))
        except AmbiguousError as error:
            raise HotloopError(f"{error}\n{_table(error.candidates)}") from error


def _table(candidates: "Iterable[Candidate]") -> str:
    """Write a line a process, at most 80 columns wide."""
    lines = [f"{'PID':>8} {'CPU':>5} {'AGE':>4}  COMMAND"]
    for candidate in candidates:
        program, *rest = candidate.command
        command = " ".join([program.rpartition("/")[2] or program, *rest])
        safe = "".join(character if character.isprintable() else "?" for character in command)
        line = f"{candidate.pid:>8} {candidate.cores:>5.0%} {_span(candidate.age):>4}  {safe}"
        lines.append(line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…")
    return "\n".join(lines)


def _span(seconds: float) -> str:
    """Write a length of time in its largest unit."""
    for unit, length in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f}{unit}"
    return f"{seconds:.0f}s"


class Seconds(click.FloatRange):
    """A length of time within bounds; `nan`, which compares with nothing, is none."""

    name = "seconds"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Check."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not math.isfinite(seconds):
            self.fail(f"{value!r} is no number of seconds.", param, ctx)
        return float(super().convert(seconds, param, ctx))


class Names(click.ParamType[tuple[str, ...]]):
    """Names out of a set, divided by commas; "all" for all of them. Each counts once."""

    name = "NAME,..."

    def __init__(self, known: Iterable[str] = ()) -> None:
        self.known = tuple(known)

    def convert(
        self, value: str | tuple[str, ...], param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split and check."""
        if isinstance(value, tuple):
            return value
        if value == "all":
            return self.known
        names = tuple(filter(None, (name.strip() for name in value.split(","))))
        for name in names:
            if name not in self.known:
                hint = did_you_mean(name, self.known) or f" There are {', '.join(self.known)}."
                self.fail(f"no {name!r} is known.{hint}", param, ctx)
        if not names:
            self.fail(f"no name is given. There are {', '.join(self.known)}.", param, ctx)
        return tuple(dict.fromkeys(names))
