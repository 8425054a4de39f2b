"""The colours of every report: legible in light and dark, told apart by colour-blind readers.

A chart is drawn in the light colours. They are unique, so a chart's SVG can have each one replaced by the CSS
variable of its name, and then follows the reader's colour scheme.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colour:
    """A colour in both schemes, as `#rrggbb`."""

    name: str
    light: str
    dark: str

    @property
    def variable(self) -> str:
        """The CSS expression that yields it."""
        return f"var(--{self.name})"


PAPER = Colour("paper", "#fdfdfc", "#13161a")
CARD = Colour("card", "#ffffff", "#1a1e24")
INK = Colour("ink", "#1c2024", "#e6e9ed")
MUTED = Colour("muted", "#59626d", "#a6afba")
GRID = Colour("grid", "#dde2e8", "#353c46")
SHADE = Colour("shade", "#eef3f8", "#222a34")
ACCENT = Colour("accent", "#0b62a8", "#7cbcf5")
BAD = Colour("bad", "#b0261c", "#ff8f84")
GOOD = Colour("good", "#19693b", "#72d196")
BUDGET = Colour("budget", "#6a3fa3", "#c6aaf5")

SERIES = (
    Colour("series-1", "#0068a9", "#5fb3f3"),
    Colour("series-2", "#c4520b", "#ff9c5a"),
    Colour("series-3", "#007b5b", "#41cfa0"),
    Colour("series-4", "#a2468a", "#e28eca"),
    Colour("series-5", "#866800", "#e2bd42"),
    Colour("series-6", "#4b5563", "#b6c0cc"),
)
"""After Okabe and Ito, darkened or lightened to at least 4.5:1 against the paper of each scheme."""

SYNTAX = (
    Colour("syntax-keyword", "#7a3b9e", "#d0a6f0"),
    Colour("syntax-string", "#2f6d2c", "#93cf8e"),
    Colour("syntax-name", "#1f5f99", "#86c1f2"),
)
FLAME = (Colour("flame-hot", "#b8420a", "#f08a4b"), Colour("flame-hot-ink", "#fffffe", "#15110e"))

COLOURS = (PAPER, CARD, INK, MUTED, GRID, SHADE, ACCENT, BAD, GOOD, BUDGET, *SERIES, *SYNTAX, *FLAME)


def variables() -> str:
    """Give the CSS that defines every colour, in the light scheme and in the dark one."""
    light = "".join(f"--{colour.name}:{colour.light};" for colour in COLOURS)
    dark = "".join(f"--{colour.name}:{colour.dark};" for colour in COLOURS)
    return (
        f":root{{color-scheme:light dark;{light}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"
    )
