"""The columns of the comparison table, for the page, Markdown and the terminal alike."""

from collections.abc import Callable
from dataclasses import dataclass

from repro.comparison import Run
from repro.report import words
from repro.report.marks import marks

SYMBOL = "▲"
"""Marks a faulty cell; goes with a colour, never alone."""


@dataclass(frozen=True)
class Column:
    """One figure of every run."""

    key: str
    group: str
    """Columns of one group stand under a common heading; "" for none."""
    title: str
    text: Callable[[Run], str]


@dataclass(frozen=True)
class Cell:
    """A figure as it is shown."""

    column: Column
    text: str
    fault: str
    """Why it is marked; "" where it is not."""


def _health(run: Run) -> str:
    """Write median / 99th percentile, and the probes that were not answered."""
    failed = f", {run.health_ms.failed} failed" if run.health_ms.failed else ""
    if run.health_ms.p50 is None:
        return failed.removeprefix(", ") or words.NOT_MEASURED
    return f"{words.milliseconds(run.health_ms.p50)} / {words.milliseconds(run.health_ms.p99)}{failed}"


def _left(run: Run) -> str:
    """Write tasks / connections."""
    return f"{words.count(run.left.tasks)} / {words.count(run.left.connections)}"


def peak(run: Run) -> float | None:
    """Give the highest resident memory of the phases, in MiB."""
    measured = [mb for mb in (run.rss_mb.quiet, run.rss_mb.viewing, run.rss_mb.after) if mb is not None]
    return max(measured, default=None)


def ending(run: Run) -> str:
    """Say how the run ended."""
    return "in time" if run.ended == "deadline" else run.ended


def verdict(run: Run) -> str:
    """Write the verdicts, or that there is none."""
    return ", ".join(run.verdicts) or words.NOT_MEASURED


COLUMNS = (
    Column("verdict", "", "verdict", verdict),
    Column("views", "", "views", lambda run: f"{run.views:,}"),
    Column("viewing", "cores", "viewing", lambda run: words.cores(run.cores.viewing)),
    Column("after", "cores", "after all left", lambda run: words.cores(run.cores.after)),
    Column("demand", "cores", "demand, viewing", lambda run: words.cores(run.demand.viewing)),
    Column("created", "tasks", "created /s", lambda run: words.count(run.tasks.created_per_second)),
    Column("live", "tasks", "live, viewing", lambda run: words.count(run.tasks.live.viewing)),
    Column("left", "", "left behind: tasks / conn.", _left),
    Column("rss", "", "peak memory, MiB", lambda run: words.mebibytes(peak(run))),
    Column("health", "", "health check, ms: p50 / p99", _health),
    Column("lost", "log lines", "lost", lambda run: words.count(run.lines.lost)),
    Column("repeated", "log lines", "repeated", lambda run: words.count(run.lines.repeated)),
    Column("empty", "", "empty frames", lambda run: words.count(run.empty_frames)),
    Column("requests", "", "log requests /s", lambda run: words.count(run.log_requests_per_second)),
    Column("ended", "", "ended", ending),
)


def cells(run: Run) -> list[Cell]:
    """Give the cells of a run, in the order of the columns."""
    faults = marks(run)
    return [Cell(column, column.text(run), faults.get(column.key, "")) for column in COLUMNS]
