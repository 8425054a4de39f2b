"""The terminal's table fits, and a pipe gets plain text."""

import io

import pytest
from example_runs import comparison, full_comparison, phases, run
from rich.console import Console

from repro.comparison import Comparison
from repro.report import table


def shown(whole: Comparison, width: int, *, colour: bool = False) -> str:
    """Show the table on a terminal of `width` columns."""
    file = io.StringIO()
    table.show(whole, Console(file=file, width=width, force_terminal=colour, highlight=False))
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 120, 160, 200])
def test_it_fits_the_terminal(width: int) -> None:
    """No line is longer, and no figure is cut off."""
    text = shown(full_comparison(), width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text
    assert "crash-looping" in text


def test_eighty_columns_take_a_line_a_run() -> None:
    """The usual figures do not wrap."""
    lines = shown(full_comparison(), 80).splitlines()
    rows = [line for line in lines if "×" in line]  # noqa: RUF001 - times
    assert len(rows) == len(full_comparison().runs)
    assert all(line.split()[2:] for line in rows)


def test_room_shows_every_figure() -> None:
    """A wide terminal gets what the page's table has."""
    assert "requests" not in shown(full_comparison(), 80)
    assert "requests" in shown(full_comparison(), 160)


def test_a_pipe_gets_no_escapes_and_a_terminal_gets_colour() -> None:
    """The mark is there in both."""
    assert "\x1b" not in shown(full_comparison(), 80)
    assert "\x1b[1;31m0.99▲" in shown(full_comparison(), 80, colour=True)
    assert "0.99▲" in shown(full_comparison(), 80)


def test_it_ends_with_the_result_and_the_early_ends() -> None:
    """The sentence stands last, and what the cells cannot say before it."""
    text = shown(full_comparison(), 120)
    assert "fan_out on succeeded ended early: memory limit." in text
    assert text.rstrip().endswith("for 0.04 of a core.")


def test_it_tells_what_diag_says_of_each_faulty_variant() -> None:
    """A line a variant, with place and cause; none of a healthy one."""
    text = " ".join(shown(full_comparison(), 120).split())
    assert "diag on buggy: spin in read_log (variants/buggy.py:33-44), HL001 ineffective-break." in text
    assert "diag on fan_out: leak and spin in" in text
    assert "diag on hardened" not in text


def test_names_are_not_markup() -> None:
    """Square brackets in a name are shown."""
    assert "[red]odd" in shown(comparison(run("[red]odd", cores=phases(0, 1, 1))), 100)


def test_nothing_measured() -> None:
    """An empty comparison is a sentence."""
    assert shown(comparison(), 80).strip() == "No run was measured."
