"""The comparison as a table for the terminal: 80 columns, more where there is room, plain where piped."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from repro.comparison import Comparison, Run
from repro.report import findings, words
from repro.report.columns import COLUMNS, SYMBOL, peak
from repro.report.headline import headline as sentence
from repro.report.marks import left, marks
from repro.report.selection import headline_runs, matrix_runs, ordered

WIDE = 160
"""Terminal columns from which every figure is shown."""


@dataclass(frozen=True)
class _Column:
    """A column of the terminal's table."""

    title: str
    text: Callable[[Run], str]
    keys: tuple[str, ...]
    """The report's columns that it stands for: a mark of one is its own."""


_NARROW = (
    _Column("cores", lambda run: words.cores(run.cores.viewing), ("viewing",)),
    _Column("after", lambda run: words.cores(run.cores.after), ("after",)),
    _Column("demand", lambda run: words.cores(run.demand.viewing), ("demand",)),
    _Column("made/s", lambda run: words.count(run.tasks.created_per_second), ("created",)),
    _Column("live", lambda run: words.count(run.tasks.live.viewing), ("live",)),
    _Column("MiB", lambda run: words.mebibytes(peak(run)), ("rss",)),
    _Column("p99 ms", lambda run: words.milliseconds(run.health_ms.p99), ("health",)),
    _Column(
        "lost/rep.",
        lambda run: f"{words.count(run.lines.lost)}/{words.count(run.lines.repeated)}",
        ("lost", "repeated"),
    ),
)
_ALL = tuple(
    _Column(f"{column.group} {column.title}".strip(), column.text, (column.key,)) for column in COLUMNS
)


def show(comparison: Comparison, console: Console) -> None:
    """Print the tables, what the marks mean, and the result."""
    columns = _ALL if console.width >= WIDE else _NARROW
    matrix, headline = matrix_runs(comparison), headline_runs(comparison)
    if matrix:
        console.print(_table(matrix, "", columns))
    if headline:
        console.print(_table(headline, f"At scale: {words.plural(headline[0].workers, 'worker')}", columns))
    for line in _notes([*matrix, *headline], short=columns is _NARROW):
        console.print(Text(line, style="dim"))
    console.print(Text(sentence(comparison), style="bold"))


def _table(runs: Sequence[Run], title: str, columns: Sequence[_Column]) -> Table:
    """Make a table of runs, those of one variant under its name."""
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, padding=0)
    table.add_column("", overflow="fold", no_wrap=columns is _ALL)
    for column in columns:
        table.add_column(column.title, justify="right")
    before = ""
    for run in runs:
        if run.variant != before:
            table.add_row(Text(run.variant, style="bold"))
            before = run.variant
        pod = f"  {run.pod} ×{run.views}" if columns is _NARROW else f"  {run.pod}"  # noqa: RUF001 - times
        table.add_row(Text(pod), *(_cell(run, column) for column in columns))
    return table


def _cell(run: Run, column: _Column) -> Text:
    """Write a figure; a faulty one with the symbol, in red."""
    text = column.text(run)
    return Text(f"{text}{SYMBOL}", style="bold red") if marks(run).keys() & set(column.keys) else Text(text)


def _notes(runs: Sequence[Run], *, short: bool) -> Iterable[str]:
    """Explain what the table cannot say in its cells."""
    if any(map(marks, runs)):
        yield f"{SYMBOL} over its budget: the report's legend says which."
    if short and runs:
        yield "cores: while viewing; after: everyone left; made/s, live: tasks; p99: health check."
    most = {run.variant: run for run in sorted(runs, key=left) if left(run)}
    behind = [f"{run.variant} {findings.left_behind(run)}" for run in ordered(most.values())]
    if short and behind:
        yield f"Left behind at the most: {', '.join(behind)}."
    for variant in dict.fromkeys(run.variant for run in runs):
        if said := findings.diagnosed([run for run in runs if run.variant == variant]):
            yield f"diag on {variant}: {said}."
    for run in runs:
        if run.ended != "deadline":
            yield f"{run.variant} on {run.pod} ended early: {run.ended}."
