"""What `diag top` keeps between two drawings: what was seen, and what the user chose."""

from dataclasses import dataclass, field
from typing import Literal

from diag.watching import Look, continues

MINUTE = 60.0
"""Seconds of the curves."""

KEYS = (
    ("q", "quit"),
    ("p", "pause, go on"),
    ("c", "tasks by coroutine"),
    ("t", "objects by type (counted anew in each look)"),
    ("s", "sort by growth, or by number"),
    ("?", "this help; any key leaves it"),
)


@dataclass(slots=True)
class Choice:
    """What the user chose to see."""

    listing: Literal["tasks", "types"] = "tasks"
    by_growth: bool = False
    paused: bool = False
    help: bool = False

    def press(self, key: str) -> None:
        """Take a key; one without a meaning changes nothing."""
        if self.help:
            self.help = False
        elif key == "?":
            self.help = True
        elif key == "p":
            self.paused = not self.paused
        elif key == "c":
            self.listing = "tasks"
        elif key == "t":
            self.listing = "types"
        elif key == "s":
            self.by_growth = not self.by_growth


@dataclass(slots=True)
class History:
    """The looks of the last minute."""

    subject: str
    """The process, in words."""
    looks: list[Look] = field(default_factory=list)
    _began: float = 0.0
    """When the first look with the leading verdict began."""

    def add(self, look: Look) -> None:
        """Keep a look, and let go of those older than a minute."""
        if not (self.looks and continues(self.looks[-1], look)):
            self._began = look.at - look.seconds
        self.looks = [each for each in (*self.looks, look) if each.at >= look.at - MINUTE]

    @property
    def held(self) -> float:
        """Seconds for which the leading verdict has been the leading one in every look."""
        return self.looks[-1].at - self._began if self.looks else 0.0

    @property
    def last(self) -> Look | None:
        """The newest look."""
        return self.looks[-1] if self.looks else None
