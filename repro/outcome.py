"""The folder that a scenario's outcome goes to: built aside, put in place whole, the earlier one kept."""

import shutil
from pathlib import Path

from diag.errors import HotloopError

MARK = "comparison.json"
"""The file that tells a report's folder from any other."""


def prepare(output: Path) -> Path:
    """Make the folder to build in, beside `output`; what an interrupted run left there is removed.

    Raises:
        HotloopError: `output` holds something that is not a report.
    """
    if output.exists() and any(output.iterdir()) and not (output / MARK).exists():
        raise HotloopError(f"{output} is not empty and holds no report: name another folder with -o")
    building = output.with_name(f"{output.name}.partial")
    discard(building)
    building.mkdir(parents=True)
    return building


def discard(building: Path) -> None:
    """Remove what was being built."""
    shutil.rmtree(building, ignore_errors=True)


def publish(building: Path, output: Path) -> None:
    """Put what was built in place; an earlier report moves to `OUTPUT.previous`."""
    if output.exists():
        previous = output.with_name(f"{output.name}.previous")
        shutil.rmtree(previous, ignore_errors=True)
        output.rename(previous)
    building.rename(output)
