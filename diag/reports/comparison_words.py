"""A comparison's sentence and columns, for the terminal, Markdown and the page alike."""

from collections.abc import Callable
from dataclasses import dataclass

from diag.comparison import Compared, Comparison
from diag.reports import words
from diag.reports.headline import BAD


@dataclass(frozen=True)
class Column:
    """One figure of every recording."""

    name: str
    """Its name in `Figures`."""
    title: str
    write: Callable[[float | None], str]
    change: Callable[[float], str]


def _cores(change: float) -> str:
    return f"{change:+.2f}" if abs(change) >= 0.005 else "0"  # noqa: PLR2004 - it would round to 0.00


COLUMNS = (
    Column("cores", "cores", words.cores, _cores),
    Column("demand", "demand", words.cores, _cores),
    Column("tasks_live", "tasks", words.count, words.change),
    Column("tasks_growth_per_second", "grow/s", words.change, words.change),
    Column("tasks_created_per_second", "made/s", words.count, words.change),
)


@dataclass(frozen=True)
class Cell:
    """A figure, and how it differs from the first recording's."""

    text: str
    change: str
    """"" for the first, and where either was not measured."""


def cells(compared: Compared) -> list[Cell]:
    """Give a recording's figures in the order of the columns."""
    found = []
    for column in COLUMNS:
        less = getattr(compared.change, column.name) if compared.change else None
        found.append(
            Cell(
                column.write(getattr(compared.figures, column.name)),
                "" if less is None else column.change(less),
            )
        )
    return found


def verdict(compared: Compared) -> str:
    """Give the verdicts, those against the process in capitals."""
    return ", ".join(name.upper() if name in BAD else name for name in compared.verdicts)


def sentence(comparison: Comparison) -> str:
    """Say the result: how the last differs from the first, or how many there is something against."""
    rows = comparison.compared
    against = [row for row in rows if BAD & set(row.verdicts)]
    if len(rows) == 2:  # noqa: PLR2004 - before and after
        first, last = rows
        if first.verdicts == last.verdicts:
            return f"Both {verdict(first)}: {first.label} and {last.label}."
        return f"{verdict(first)} became {verdict(last)}: {first.label}, then {last.label}."
    whom = "it" if len(rows) == 1 else f"any of the {len(rows)} recordings"
    if not against:
        return f"Nothing is against {whom}."
    return f"Something is against {'it' if len(rows) == 1 else f'{len(against)} of {len(rows)} recordings'}."
