"""A count of objects by type, as JSON and as a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diag.commands._tables import add_row, growth, left_out, signed

if TYPE_CHECKING:
    from rich.console import Group


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of a process at a moment."""

    pid: int
    at: float
    """Seconds since the first look began."""
    counts: Mapping[str, int]
    """By type."""
    seconds: float
    """How long the look took."""

    @property
    def total(self) -> int:
        """All objects."""
        return sum(self.counts.values())


def as_json(objects: Objects, before: Objects | None) -> dict[str, Any]:
    """Give the JSON of a look (schema 1); growth is null without a look before it."""
    return {
        "schema": 1,
        "pid": objects.pid,
        "objects": objects.total,
        "types": dict(objects.counts),
        "growth_per_second": _growths(objects, before) if before else None,
        "seconds": round(objects.seconds, 4),
    }


def render(objects: Objects, before: Objects | None, rows: int = 0) -> "Group":
    """Draw a look: the total, and a row a type, at most so many (0 for all).

    The most come first; with a look before it, those that grow the most.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("type", overflow="fold")
    table.add_column("count", justify="right")
    growths = _growths(objects, before) if before else {}
    if before:
        table.add_column("per second", justify="right")
    ordered = sorted(objects.counts, key=lambda name: (-growths.get(name, 0), -objects.counts[name], name))
    shown = ordered[: rows or None]
    for name in shown:
        add_row(table, name, f"{objects.counts[name]:,}", *([signed(growths[name])] if before else []))
    rest = ordered[len(shown) :]
    more = [Text(left_out(len(rest), f"{sum(objects.counts[name] for name in rest):,} objects"))]
    return Group(Text(_summary(objects, before), style="bold"), table, *(more if rest else []))


def _growths(objects: Objects, before: Objects) -> dict[str, float]:
    """Give the change a second of every type that is there now; one that is new grew from 0."""
    seconds = objects.at - before.at
    return {
        name: growth(number, before.counts.get(name, 0), seconds) or 0.0
        for name, number in objects.counts.items()
    }


def _summary(objects: Objects, before: Objects | None) -> str:
    """Put the totals into a sentence."""
    totals = f"process {objects.pid}: {objects.total:,} objects of {len(objects.counts):,} types"
    if not before:
        return totals
    change = growth(objects.total, before.total, objects.at - before.at)
    return f"{totals}, {signed(change)} per second"
