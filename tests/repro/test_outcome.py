"""The folder of an outcome: nothing of the user's is lost."""

from pathlib import Path

import pytest

from diag.errors import HotloopError
from repro import outcome


def report(folder: Path, text: str) -> None:
    """Make a folder that holds a report."""
    folder.mkdir(exist_ok=True)
    (folder / outcome.MARK).write_text(text)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    """A folder that holds no report is left alone, before anything runs."""
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(HotloopError, match="holds no report"):
        outcome.prepare(tmp_path)


def test_the_earlier_report_is_kept(tmp_path: Path) -> None:
    """A new report takes the place; the earlier one stands beside it."""
    output = tmp_path / "latest"
    for text in ("one", "two", "three"):
        building = outcome.prepare(output)
        report(building, text)
        outcome.publish(building, output)
    assert (output / outcome.MARK).read_text() == "three"
    assert (tmp_path / "latest.previous" / outcome.MARK).read_text() == "two"
    assert len(list(tmp_path.iterdir())) == 2


def test_what_an_interrupted_run_left_is_cleared(tmp_path: Path) -> None:
    """Building begins in an empty folder."""
    output = tmp_path / "latest"
    (outcome.prepare(output) / "half").write_text("")
    assert not list(outcome.prepare(output).iterdir())
