"""What linting finds: faults at their places, and files that could not be checked."""

from typing import Literal

import msgspec

Level = Literal["error", "warning"]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of one line of source."""

    line: int
    """From 1."""
    column: int
    """From 1, in characters."""
    end_column: int
    """Behind the last character."""
    label: str = ""
    """What it is in the finding: "is left", "goes on"."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A fault at a place."""

    code: str
    name: str
    level: Level
    file: str
    """As it is shown: relative to the working directory where it is below that."""
    place: Place
    message: str
    remedy: str = ""
    related: tuple[Place, ...] = ()
    """Other lines that are involved, in ascending order."""
    source: tuple[tuple[int, str], ...] = ()
    """Number and text of each line involved, in ascending order."""
    function: str = ""
    """Qualified name of what it is in; "<module>" for a module's own code."""
    fingerprint: str = ""
    """Of the content, not of the place: it stays when lines are inserted above."""
    ignored: str | None = None
    """The reason that a comment gives for it to be accepted; None where there is no such comment."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Why a file, or a part of it, could not be checked."""

    file: str
    message: str
    line: int = 0
    """From 1; 0 for the whole file."""


class Checked(msgspec.Struct, frozen=True):
    """What became of one file."""

    file: str
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    size: int = 0
    """Bytes."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of all files."""

    checked: int
    """Files looked at."""
    findings: tuple[Finding, ...] = ()
    """By file and line; those that are accepted included."""
    problems: tuple[Problem, ...] = ()
    notebooks: int = 0
    """Notebooks among the files, which are not read."""

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that no comment accepts."""
        return tuple(one for one in self.findings if one.ignored is None)

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Those of them that are errors."""
        return tuple(one for one in self.open if one.level == "error")
