"""`[tool.hotloop]` of the nearest pyproject.toml, and what the command line adds to it."""

import os
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from diag.arguments import did_you_mean
from diag.errors import HotloopError
from diag.lint.files import Excludes
from diag.lint.rules import CATALOGUED, RULES, Rule

FILE = "pyproject.toml"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a project asks for."""

    select: tuple[str, ...] | None = None
    """Codes to look for; None for all that stand alone."""
    ignore: tuple[str, ...] = ()
    """Codes not to look for."""
    exclude: tuple[str, ...] = ()
    """Patterns of files and directories to leave out."""
    root: Path = Path()
    """Where the patterns' paths begin: the directory of the file."""

    @property
    def excludes(self) -> Excludes:
        """The patterns, ready to match."""
        return Excludes(self.exclude, self.root)

    def rules(self) -> tuple[Rule, ...]:
        """Give the rules to look for.

        Raises:
            HotloopError: a code is not known or cannot stand alone, or no rule is left.
        """
        chosen = [rule for rule in RULES if self.select is None or rule.code in _checked(self.select)]
        left = tuple(rule for rule in chosen if rule.code not in _checked(self.ignore, any_cause=True))
        if not left:
            raise HotloopError("No rule is left to look for: all that are selected are ignored as well.")
        return left


def load(paths: Iterable[Path]) -> Settings:
    """Read the settings of the project that the paths are in; the defaults where it has none.

    Args:
        paths: what is to be checked; the nearest file with settings at or above what they have in common counts.

    Raises:
        HotloopError: the file cannot be read, or what it says is not known.
    """
    common = Path(os.path.commonpath([path.resolve() for path in paths]))
    for folder in (common, *common.parents):
        file = folder / FILE
        if file.is_file() and (table := _table(file)) is not None:
            return _read(table, file)
    return Settings()


def anchored(pattern: str) -> str:
    """Give a pattern of the command line, whose path begins at the working directory."""
    return os.path.abspath(pattern) if "/" in pattern.rstrip("/") and not pattern.startswith("*") else pattern  # noqa: PTH100


def _table(file: Path) -> Any:  # noqa: ANN401 - what TOML can hold
    try:
        whole = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise HotloopError(f"{file} cannot be read: {error}") from error
    tool = whole.get("tool")
    return tool.get("hotloop") if isinstance(tool, dict) else None


def _read(table: Any, file: Path) -> Settings:  # noqa: ANN401 - what TOML can hold
    if not isinstance(table, dict):
        raise HotloopError(f"{file}: tool.hotloop is no table; write [tool.hotloop] on a line of its own.")
    known = ("select", "ignore", "exclude")
    for key, value in table.items():
        if key == "gate":  # `diag gate` reads it
            continue
        if key not in known:
            hint = did_you_mean(key, known) or f" There are {', '.join(known)}."
            raise HotloopError(f"{file}: [tool.hotloop] has no setting {key!r}.{hint}")
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise HotloopError(
                f"{file}: {key} of [tool.hotloop] must be a list of texts, such as {_EXAMPLES[key]}."
            )
    try:
        _checked(table.get("select", ()))
        _checked(table.get("ignore", ()), any_cause=True)
    except HotloopError as error:
        raise HotloopError(f"{file}: {error}") from error
    select = tuple(table["select"]) if "select" in table else None
    return Settings(
        select=select,
        ignore=tuple(table.get("ignore", ())),
        exclude=tuple(table.get("exclude", ())),
        root=file.parent,
    )


_EXAMPLES = {"select": '["HL001"]', "ignore": '["HL001"]', "exclude": '["generated", "docs/*.py"]'}


def _checked(codes: Sequence[str], *, any_cause: bool = False) -> Sequence[str]:
    alone = {rule.code for rule in RULES}
    for code in codes:
        if code not in CATALOGUED:
            hint = did_you_mean(code, sorted(alone)) or f" There are {', '.join(sorted(alone))}."
            raise HotloopError(f"No rule {code!r} is known.{hint}")
        if code not in alone and not any_cause:
            raise HotloopError(
                f"{code} cannot be told from source alone: it takes a measurement, `diag inspect`. Rules here are"
                f" {', '.join(sorted(alone))}."
            )
    return codes
