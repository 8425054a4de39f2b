"""Runs are shown in order, each with its recording or the reason why there is none."""

from pathlib import Path

import pytest
from example_runs import comparison, full_comparison, recording, run, spinning

from diag.errors import HotloopError
from diag.recording import Recording
from repro.report.views import assemble


def any_recording(folder: Path) -> Recording:
    """Stand for the loader: every folder holds a recording."""
    assert folder.is_dir()
    return recording()


def damaged(folder: Path) -> Recording:
    """Stand for the loader: every recording is damaged."""
    raise HotloopError(f"The recording in {folder.name} is damaged: truncated.")


def test_a_run_has_its_recording_and_its_speedscope_files(tmp_path: Path) -> None:
    """Links are relative to the report and can stand in a page."""
    row = spinning(recording="recordings/a b")
    (tmp_path / row.recording).mkdir(parents=True)
    (tmp_path / row.recording / "stacks-1.speedscope.json").write_text("{}")
    (view,) = assemble(comparison(row), tmp_path, any_recording).runs
    assert view.recording
    assert view.speedscope == ("recordings/a%20b/stacks-1.speedscope.json",)


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("", "It has no recording."),
        ("recordings/gone", "Its recording recordings/gone is not there."),
        ("../elsewhere", "Its recording lies outside the report and was not read."),
        ("/etc", "Its recording lies outside the report and was not read."),
    ],
)
def test_a_missing_recording_is_said(tmp_path: Path, path: str, problem: str) -> None:
    """The run is shown without it; nothing outside the report is read."""
    (view,) = assemble(comparison(run(recording=path)), tmp_path, any_recording).runs
    assert (view.recording, view.problem) == (None, problem)


def test_a_damaged_recording_is_said(tmp_path: Path) -> None:
    """The others are shown all the same."""
    (tmp_path / "recordings" / "buggy-succeeded").mkdir(parents=True)
    (view,) = assemble(comparison(run()), tmp_path, damaged).runs
    assert view.problem.endswith("cannot be read: The recording in buggy-succeeded is damaged: truncated.")


def test_slugs_are_unique_and_harmless(tmp_path: Path) -> None:
    """Runs alike, and hostile names, get names of letters, digits and hyphens."""
    views = assemble(comparison(run(), run(views=3), run('<"../', "'&")), tmp_path, any_recording).runs
    slugs = [view.slug for view in views]
    assert len(set(slugs)) == 3
    assert all(slug.replace("-", "").isalnum() for slug in slugs)


def test_the_pair_at_scale_stands_alone(tmp_path: Path) -> None:
    """It is not among the others, and nothing is shown twice or left out."""
    whole = full_comparison()
    report = assemble(whole, tmp_path, any_recording)
    assert [view.run.workers for view in report.headline] == [25, 25]
    assert len(report.runs) == len(whole.runs)
    assert [view.run.pod for view in report.matrix[:3]] == ["running", "succeeded", "crash-looping"]
