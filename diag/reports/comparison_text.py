"""A comparison for a terminal: a table that fits 80 columns, and under it what is wrong with whom."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from diag.comparison import Compared, Comparison
from diag.reports import advice, words
from diag.reports.canvas import canvas, text_of
from diag.reports.comparison_words import COLUMNS, cells, sentence, verdict
from diag.reports.headline import BAD, headline

WIDEST = 120
"""Columns used at the most."""

WIDE = 100
"""Columns from which every figure is shown."""

LONGEST_LABEL = 14

_NARROW = frozenset({"cores", "demand", "tasks_live", "tasks_created_per_second"})
"""Figures shown in any width."""


def render(comparison: Comparison, *, width: int = 80, colour: bool = False) -> str:
    """Write a comparison as text; arguments as for a diagnosis."""
    columns = min(width, WIDEST)
    console = canvas(columns, colour=colour)
    with console.capture() as drawn:
        console.print(Text(words.printable(sentence(comparison)), style="bold"))
        console.print(_table(comparison, columns))
        for row in comparison.compared:
            for line in _story(row, columns):
                console.print(line)
    return text_of(drawn)


def _table(comparison: Comparison, width: int) -> Table:
    """Draw a row a recording; what differs from the first stands behind each figure."""
    wide = width >= WIDE
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for title in ("", "verdict"):
        table.add_column(title, no_wrap=True)
    shown = [number for number, column in enumerate(COLUMNS) if wide or column.name in _NARROW]
    for number in shown:
        table.add_column(COLUMNS[number].title, justify="right", no_wrap=True)
        table.add_column("", style="dim", no_wrap=True)
    for row in comparison.compared:
        figures = [(cells(row)[number], COLUMNS[number].name) for number in shown]
        changed = (
            (
                cell.text,
                f"({cell.change})" if cell.change not in {"", "0"} and (wide or name != "demand") else "",
            )
            for cell, name in figures
        )
        table.add_row(
            Text(_label(row)),
            Text(verdict(row), style=_style(row)),
            *(text for pair in changed for text in pair),
        )
    return table


def _story(row: Compared, width: int) -> Iterator[RenderableType]:
    """Say what is wrong with a recording, where and why; nothing of a healthy one."""
    if row.verdicts == ("healthy",):
        return
    title = f"{_label(row)}:"
    _, place, _ = headline(row.diagnosis).fitted(width - len(title))
    yield Text("")
    yield Text.assemble((title, "bold"), f" {place}")
    for reason in advice.reasons(row.diagnosis):
        yield Padding(Text(words.printable(reason.text)), (0, 0, 0, 2))
    for cause in row.diagnosis.causes:
        yield Padding(
            Text(f"{cause.code} {cause.name}: {words.printable(words.sentence(cause.message))}"), (0, 0, 0, 2)
        )


def _label(row: Compared) -> str:
    label = words.printable(row.label)
    return label if len(label) <= LONGEST_LABEL else f"{label[: LONGEST_LABEL - 1]}…"


def _style(row: Compared) -> str:
    if BAD & set(row.verdicts):
        return "bold red"
    return "green" if row.verdicts == ("healthy",) else "yellow"
