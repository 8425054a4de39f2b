"""The comparison as a table for the terminal: 80 columns, more where there is room, plain where piped."""

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from repro.comparison import Comparison, Run
from repro.report import findings
from repro.report.columns import COLUMNS, SYMBOL, Cell, Column, cells

WIDE = 132
"""Terminal columns from which every figure is shown."""


def show(comparison: Comparison, console: Console) -> None:
    """Print the tables and the result."""
    wide = console.width >= WIDE
    matrix, headline = findings.matrix_runs(comparison), findings.headline_runs(comparison)
    if matrix:
        console.print(_table(matrix, "", wide=wide))
    if headline:
        run = headline[0]
        console.print(_table(headline, f"{run.workers} workers, {run.views} views", wide=wide))
    if any(cell.fault for run in comparison.runs for cell in cells(run)):
        console.print(Text(f"{SYMBOL} over its budget (see the report's legend)", style="dim"))
    console.print(Text(findings.headline(comparison), style="bold"), soft_wrap=False)


def _table(runs: list[Run], title: str, *, wide: bool) -> RenderableType:
    """Make a table of runs."""
    table = Table(
        title=title or None,
        title_justify="left",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 1 if wide else 0, 0, 0),
    )
    shown = [column for column in COLUMNS if wide or column.main]
    table.add_column("variant", no_wrap=True)
    table.add_column("pod", overflow="fold")
    for column in shown:
        table.add_column(_title(column, wide=wide), justify="right", overflow="fold")
    before = ""
    for run in runs:
        row = {cell.column.key: cell for cell in cells(run)}
        if before and run.variant != before:
            table.add_section()
        table.add_row(
            Text(run.variant if run.variant != before else ""),
            Text(_pod(run, wide=wide)),
            *(_cell(row[column.key]) for column in shown),
        )
        before = run.variant
    return table


def _title(column: Column, *, wide: bool) -> str:
    """Give a heading that fits."""
    if wide:
        return f"{column.group} {column.title}".strip()
    return column.short


def _pod(run: Run, *, wide: bool) -> str:
    """Name the pod; a narrow table has no column for an early end."""
    early = "" if wide or run.ended == "deadline" else run.ended
    return f"{run.pod} ({early})" if early else run.pod


def _cell(cell: Cell) -> Text:
    """Write a figure; a faulty one with the symbol, in red."""
    return Text(f"{cell.text}{SYMBOL}", style="bold red") if cell.fault else Text(cell.text)
