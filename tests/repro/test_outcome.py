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
    with pytest.raises(HotloopError, match="holds no report"), outcome.building(tmp_path):
        pass


def test_what_is_kept_beside_is_not_overwritten(tmp_path: Path) -> None:
    """A folder that happens to have the earlier report's name is left alone too."""
    beside = tmp_path / "latest.previous"
    beside.mkdir()
    (beside / "thesis.txt").write_text("precious")
    with pytest.raises(HotloopError, match="previous is not empty"), outcome.building(tmp_path / "latest"):
        pass


def test_two_do_not_build_the_same(tmp_path: Path) -> None:
    """The second one is refused while the first one builds, and may after it."""
    output = tmp_path / "latest"
    with outcome.building(output) as folder:
        report(folder, "first")
        with pytest.raises(HotloopError, match="another `repro run` is writing"), outcome.building(output):
            pass
        outcome.publish(folder, output)
    with outcome.building(output) as folder:
        assert not list(folder.iterdir())
    assert (output / outcome.MARK).read_text() == "first"


def test_the_earlier_report_is_kept(tmp_path: Path) -> None:
    """A new report takes the place; the earlier one stands beside it."""
    output = tmp_path / "latest"
    for text in ("one", "two", "three"):
        with outcome.building(output) as folder:
            report(folder, text)
            outcome.publish(folder, output)
    assert (output / outcome.MARK).read_text() == "three"
    assert (tmp_path / "latest.previous" / outcome.MARK).read_text() == "two"
    assert len(list(tmp_path.iterdir())) == 2


def test_what_an_interrupted_run_left_is_cleared(tmp_path: Path) -> None:
    """Building begins in an empty folder."""
    output = tmp_path / "latest"
    with outcome.building(output) as folder:
        (folder / "half").write_text("")
        (folder / "recordings").mkdir()
    with outcome.building(output) as folder:
        assert not list(folder.iterdir())
