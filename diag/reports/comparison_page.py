"""A comparison as one HTML file: offline, without scripts, for phones and desks, light and dark."""

from dataclasses import dataclass

from markupsafe import Markup

from diag import __version__
from diag.comparison import Compared, Comparison
from diag.reports import advice, heatlines, page, words
from diag.reports.comparison_words import COLUMNS, Cell, cells, sentence
from diag.reports.excerpt import excerpt


@dataclass(frozen=True)
class Row:
    """A recording as it is shown."""

    compared: Compared
    mood: str
    cells: list[Cell]
    share: float | None
    """Its cores beside the most of all; None where they were not measured."""
    reasons: list[advice.Reason]
    source: Markup


def render(comparison: Comparison) -> str:
    """Write the page."""
    most = max((row.figures.cores or 0.0 for row in comparison.compared), default=0.0) or 1.0
    return (
        page.environment()
        .get_template("comparison.html.j2")
        .render(
            style=page.style(),
            version=__version__,
            sentence=sentence(comparison),
            columns=COLUMNS,
            rows=[_row(row, most) for row in comparison.compared],
        )
    )


def _row(compared: Compared, most: float) -> Row:
    rows = excerpt(compared.diagnosis)
    caption = f"Source of {words.printable(compared.label)}"
    return Row(
        compared=compared,
        mood=page.mood(compared.diagnosis),
        cells=cells(compared),
        share=None if compared.figures.cores is None else compared.figures.cores / most,
        reasons=advice.reasons(compared.diagnosis),
        source=heatlines.render(rows, caption=caption) if rows else Markup(""),
    )
