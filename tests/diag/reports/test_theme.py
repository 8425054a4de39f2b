"""The colours can be read in both schemes, and told apart as placeholders."""

import pytest

from diag.reports import theme
from diag.reports.theme import Colour

READ = (
    theme.INK,
    theme.MUTED,
    theme.ACCENT,
    theme.BAD,
    theme.GOOD,
    theme.BUDGET,
    *theme.SERIES,
    *theme.SYNTAX,
)


def luminance(colour: str) -> float:
    """Give the relative luminance of `#rrggbb`, after WCAG 2.1."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio, after WCAG 2.1."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colour", READ, ids=lambda colour: colour.name)
@pytest.mark.parametrize("ground", [theme.PAPER, theme.CARD], ids=lambda colour: colour.name)
def test_every_colour_that_is_read_has_contrast(colour: Colour, ground: Colour) -> None:
    """Text and lines have at least 4.5:1 in the light scheme and in the dark one."""
    assert contrast(colour.light, ground.light) >= 4.5
    assert contrast(colour.dark, ground.dark) >= 4.5


def test_hot_boxes_can_be_read() -> None:
    """The words on a hot box have contrast to it."""
    hot, ink = theme.FLAME
    assert contrast(hot.light, ink.light) >= 4.5
    assert contrast(hot.dark, ink.dark) >= 4.5


def test_light_colours_are_unique() -> None:
    """Each can stand for its variable in a chart."""
    lights = [colour.light for colour in theme.COLOURS]
    assert len(set(lights)) == len(lights)
