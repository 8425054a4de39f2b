"""What the tables of `census` and `top` share: growth, shortened places, and how many rows were left out."""

from typing import TYPE_CHECKING

from diag.reports.words import printable

if TYPE_CHECKING:
    from rich.table import Table

_COMPONENTS = 2
"""Last parts of a path that are shown."""


def growth(now: float | None, before: float | None, seconds: float) -> float | None:
    """Give the change per second; None where one of the numbers is not known."""
    if now is None or before is None or seconds <= 0:
        return None
    return (now - before) / seconds


def signed(rate: float | None) -> str:
    """Write a change per second with its sign."""
    return "?" if rate is None else f"{rate:+,.0f}" if abs(rate) >= 1 or rate == 0 else f"{rate:+.1g}"


def short(place: str) -> str:
    """Leave out all but the last parts of the path in "file:line" or "function (file:line)"."""
    function, bracket, path = place.rpartition(" (")
    parts = path.split("/")
    if len(parts) > _COMPONENTS:
        path = "/".join(["…", *parts[-_COMPONENTS:]])
    return f"{function}{bracket}{path}"


def add_row(table: "Table", *cells: str) -> None:
    """Add a row of text, which is no markup."""
    from rich.text import Text

    table.add_row(*(Text(printable(cell)) for cell in cells))


def left_out(number: int, what: str) -> str:
    """Say that rows were left out."""
    return f"… and {number:,} more: {what} (--rows 0 shows all)"
