"""Tests for `diag census --by type`, on results made by hand."""

import io

from rich.console import Console

from diag.commands._census_types import Objects, as_json, render


def objects(at: float, **counts: int) -> Objects:
    """Make a look."""
    return Objects(7, at, counts, 0.05)


def drawn(now: Objects, before: Objects | None = None, rows: int = 0) -> list[str]:
    """Draw a look at an 80-column terminal."""
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(render(now, before, rows))
    return console.export_text().splitlines()


def test_json_of_one_look() -> None:
    """It has every type, and no growth yet."""
    assert as_json(objects(0, dict=3, Leak=5), None) == {
        "schema": 1,
        "pid": 7,
        "objects": 8,
        "types": {"dict": 3, "Leak": 5},
        "growth_per_second": None,
        "seconds": 0.05,
    }


def test_json_of_a_second_look() -> None:
    """Growth is per second between the two; a new type grew from 0."""
    document = as_json(objects(4, dict=3, Leak=5), objects(2, dict=7))
    assert document["growth_per_second"] == {"dict": -2.0, "Leak": 2.5}


def test_the_most_come_first() -> None:
    """A single look is in the order of the counts."""
    lines = drawn(objects(0, str=20, Leak=5_000, dict=300))
    assert lines[0] == "process 7: 5,320 objects of 3 types"
    assert [line.split() for line in lines[2:]] == [["Leak", "5,000"], ["dict", "300"], ["str", "20"]]


def test_what_grows_comes_first() -> None:
    """With a look before it, the largest growth is first, and what shrinks is last."""
    lines = drawn(objects(4, str=900, Leak=50, dict=300), objects(2, str=900, Leak=10, dict=400))
    assert lines[0] == "process 7: 1,250 objects of 3 types, -30 per second"
    assert [line.split() for line in lines[2:]] == [
        ["Leak", "50", "+20"],
        ["str", "900", "+0"],
        ["dict", "300", "-50"],
    ]


def test_rows_left_out() -> None:
    """What is not shown is counted in a last line."""
    lines = drawn(objects(0, a=5, b=4, c=3, d=2), rows=2)
    assert lines[-1] == "… and 2 more: 5 objects (--rows 0 shows all)"


def test_a_table_fits_80_columns() -> None:
    """Long names are folded."""
    name = "package." * 20 + "Type"
    assert max(map(len, drawn(objects(2, **{name: 1_234_567}), objects(1, **{name: 7})))) <= 80
