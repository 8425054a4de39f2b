"""Types of arguments that click has not, shared by the commands: processes, seconds, names out of a set."""

import math
from collections.abc import Iterable

import click


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
