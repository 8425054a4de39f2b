"""A strip plot as a small SVG: a dot a run, the median as a stroke, a row a side, a line for the limit."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diag.gate import wording

WIDTH, ROW, MARGIN = 300.0, 24.0, 52.0
"""CSS pixels: of the plot, of a row, and of the words on its left."""

_LOGARITHMIC = 20.0
"""Ratio of the largest to the smallest from which on the axis is logarithmic."""

_SPREAD = (0.0, -4.0, 4.0, -2.0, 2.0)
"""Dots lie that far above and below each other, so that equal ones can be told apart."""


@dataclass(frozen=True)
class Row:
    """The runs of one side."""

    label: str
    values: tuple[float, ...]
    kind: str
    """Its class in the style sheet."""


def render(rows: Sequence[Row], *, limit: float | None = None, label: str) -> Markup:
    """Draw the rows; "" where none has a run."""
    values = [value for row in rows for value in row.values]
    if not values:
        return Markup("")
    marked = [*values, *([] if limit is None else [limit])]
    low, high = min(marked), max(marked)
    place, scale = _scale(low, high)
    height = ROW * len(rows)
    parts = [
        Markup('<line class="axis" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
            MARGIN, height, MARGIN + WIDTH, height
        ),
        Markup('<text x="{}" y="{}">{}</text>').format(MARGIN, height + 14, wording.figure(low)),
        Markup('<text x="{}" y="{}" text-anchor="end">{}{}</text>').format(
            MARGIN + WIDTH, height + 14, wording.figure(high), scale
        ),
    ]
    if limit is not None:
        at = f"{place(limit):.1f}"
        parts.append(Markup('<line class="limit" x1="{}" y1="0" x2="{}" y2="{}"/>').format(at, at, height))
    parts += [_row(row, number, place) for number, row in enumerate(rows)]
    return Markup('<svg class="strip" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        f"{MARGIN + WIDTH + 8:g}", f"{height + 18:g}", label, Markup("").join(parts)
    )


def _scale(low: float, high: float) -> tuple[Callable[[float], float], str]:
    """Give the way from a value to its place, and what to say of the axis."""
    if high <= low:
        return (lambda _value: MARGIN + WIDTH / 2), ""
    if low > 0 and high / low > _LOGARITHMIC:
        span = math.log(high / low)
        return (lambda value: MARGIN + WIDTH * math.log(value / low) / span), " (log)"
    return (lambda value: MARGIN + WIDTH * (value - low) / (high - low)), ""


def _row(row: Row, number: int, place: Callable[[float], float]) -> Markup:
    middle = ROW * (number + 0.5)
    ordered = sorted(row.values)
    dots = [
        Markup('<circle cx="{}" cy="{}" r="3.5"/>').format(
            f"{place(value):.1f}", f"{middle + _SPREAD[index % len(_SPREAD)]:.1f}"
        )
        for index, value in enumerate(row.values)
    ]
    stroke = Markup("")
    if len(ordered) > 1:
        half = len(ordered) // 2
        median = ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
        at = f"{place(median):.1f}"
        stroke = Markup('<line class="median" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(
            at, f"{middle - 9:g}", at, f"{middle + 9:g}"
        )
    return Markup('<g class="{}"><text x="0" y="{}">{}</text>{}{}</g>').format(
        row.kind, f"{middle + 4:g}", row.label, Markup("").join(dots), stroke
    )
