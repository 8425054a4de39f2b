"""The pictures of a window show what was measured, and nothing else."""

import example_runs
import made_recordings

from diag.reports import course


def test_cores_and_tasks_are_drawn() -> None:
    """A picture each, with its numbers in words."""
    cores, tasks = course.pictures(example_runs.recording_of(example_runs.spinning()))
    assert "Cores and demand over the window; at most" in cores
    assert "Live tasks over the window" in tasks


def test_what_was_not_measured_is_not_drawn() -> None:
    """No readings, no picture; a single census is no course."""
    assert course.pictures(made_recordings.recording()) == []
