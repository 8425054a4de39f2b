"""Reports of hand-built runs, each run with a recording that fits it."""

from pathlib import Path

from example_runs import recording_of

from diag.recording import Recording
from repro.comparison import Comparison
from repro.report.views import Report, assemble


def report_of(comparison: Comparison, folder: Path) -> Report:
    """Assemble a report, each run with a recording that fits it."""
    rows = {run.recording: run for run in comparison.runs if run.recording}
    for place in rows:
        (folder / place).mkdir(parents=True, exist_ok=True)
        (folder / place / "stacks-4242.speedscope.json").write_text("{}")

    def load(path: Path) -> Recording:
        return recording_of(rows[path.relative_to(folder).as_posix()])

    return assemble(comparison, folder, load)
