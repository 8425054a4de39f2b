"""The folder that a scenario's outcome goes to: built aside, put in place whole, the earlier one kept."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from diag.errors import HotloopError

MARK = "comparison.json"
"""The file that tells a report's folder from any other."""


@contextlib.contextmanager
def building(output: Path) -> Iterator[Path]:
    """Give the folder to build in, beside `output`, to this process alone; what an interrupted run left is removed.

    Raises:
        HotloopError: `output`, or the place where an earlier report is kept, holds something that is not a report;
            or another process is building it.
    """
    for folder in (output, _previous(output)):
        if folder.is_dir() and any(folder.iterdir()) and not (folder / MARK).exists():
            raise HotloopError(f"{folder} is not empty and holds no report: name another folder with -o")
    folder = output.with_name(f"{output.name}.partial")
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder, output):
        for left in folder.iterdir():
            if left.is_dir() and not left.is_symlink():
                shutil.rmtree(left)
            else:
                left.unlink()
        yield folder


@contextlib.contextmanager
def _locked(folder: Path, output: Path) -> Iterator[None]:
    """Lock a folder for as long as this process lives; the lock moves with the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            mine = folder.exists() and os.path.samestat(os.fstat(descriptor), folder.stat())
        except BlockingIOError:
            mine = False
        if not mine:  # or it was put in place by its builder since it was opened
            raise HotloopError(
                f"another `repro run` is writing {output}: wait for it, or name another folder with -o"
            )
        yield
    finally:
        os.close(descriptor)


def discard(building: Path) -> None:
    """Remove what was being built."""
    shutil.rmtree(building, ignore_errors=True)


def publish(building: Path, output: Path) -> None:
    """Put what was built in place; an earlier report moves to `OUTPUT.previous`."""
    if output.exists():
        previous = _previous(output)
        shutil.rmtree(previous, ignore_errors=True)
        output.rename(previous)
    building.rename(output)


def _previous(output: Path) -> Path:
    """Where an earlier report is kept."""
    return output.with_name(f"{output.name}.previous")
