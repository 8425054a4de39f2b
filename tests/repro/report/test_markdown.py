"""The Markdown says what the page says, with the pictures by relative links."""

import re
from pathlib import Path

from example_reports import report_of
from example_runs import comparison, spinning

from repro.report import markdown
from repro.report.columns import COLUMNS
from repro.report.pictures import Picture
from repro.report.views import Report


def test_tables_have_a_cell_for_every_column(report: Report, pictures: list[Picture]) -> None:
    """A row a run, as many cells as headings; faulty ones bold and with the symbol."""
    text = markdown.render(report, pictures)
    rows = [line for line in text.splitlines() if line.startswith("| ") and line.count("|") > 4]
    assert {line.count("|") for line in rows} == {len(COLUMNS) + 3}
    assert len(rows) == len(report.runs) + 2
    assert "**0.99** ▲" in text


def test_pictures_and_files_are_linked_relatively(report: Report, pictures: list[Picture]) -> None:
    """Every picture is shown; nothing is fetched from elsewhere."""
    text = markdown.render(report, pictures)
    links = re.findall(r"\]\(([^)]+)\)", text)
    assert {picture.path for picture in pictures} <= set(links)
    assert not [link for link in links if ":" in link or link.startswith("/")]


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """Pipes, angle brackets, brackets and line breaks of names are escaped."""
    evil = "<script>|[x](javascript:1)\n# `b`"
    text = markdown.render(report_of(comparison(spinning(evil, "pod", recording="")), tmp_path), [])
    assert "<script" not in text
    assert "[x](" not in text
    assert r"\|" in text
    assert "\n# `b`" not in text


def test_an_empty_comparison(tmp_path: Path) -> None:
    """Nothing measured is said."""
    assert "No run was measured" in markdown.render(report_of(comparison(), tmp_path), [])


def test_the_samples_note(report: Report) -> None:
    """The kept report's README says what it shows, and how to make one."""
    note = markdown.sample_note(report)
    assert "25.1 cores" in note
    assert "make report" in note
