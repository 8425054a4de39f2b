"""Whose code ran: the modules that Python processes imported, told by themselves when they end.

An editable install, or a command with a fixed path, makes both revisions run the same code, and the comparison would be
between a thing and itself. So each run is started with a `sitecustomize` that writes down, at the end of each process,
which files it had imported from either tree. What is not from its own tree alone is refused.
"""

import contextlib
import importlib.resources
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from diag.errors import HotloopError

FOLDER = "HOTLOOP_GATE_IMPORTED"
"""Names the folder in which processes write."""

TREES = "HOTLOOP_GATE_TREES"
"""The two trees, divided by the path separator."""


class Watch:
    """What the processes of a run imported.

    Args:
        own: the tree whose code is to run.
        other: the one whose code is not.
        folder: in which they write.
        hook: in which the `sitecustomize` lies.
    """

    def __init__(self, own: Path, other: Path, folder: Path, hook: Path) -> None:
        self._own, self._other, self._folder, self._hook = own, other, folder, hook

    @property
    def environment(self) -> Mapping[str, str]:
        """Give the variables that the run is started with: its own tree comes before all that is installed."""
        paths = [str(self._hook), *(str(path) for path in (self._own, self._own / "src") if path.is_dir())]
        if inherited := os.environ.get("PYTHONPATH"):
            paths.append(inherited)
        return {
            "PYTHONPATH": os.pathsep.join(paths),
            FOLDER: str(self._folder),
            TREES: os.pathsep.join([str(self._own), str(self._other)]),
        }

    def check(self, told: str) -> None:
        """Check that what ran was the own tree's code.

        Raises:
            HotloopError: it was the other's, or none of either.
        """
        files = [
            Path(line)
            for file in self._folder.iterdir()
            for line in file.read_text(errors="replace").splitlines()
        ]
        foreign = [file for file in files if _is_under(file, self._other) and not _is_under(file, self._own)]
        if foreign:
            raise HotloopError(
                f"The run in {told} imported {foreign[0]}, which is the other side's: both would run the same code."
                " Run a command that imports from the working directory, such as `python -m ...`."
            )
        if not any(_is_under(file, self._own) for file in files):
            raise HotloopError(
                f"The run in {told} imported nothing from {self._own}, so it would not measure that revision: run a"
                " command that imports from the working directory, without -I or -E, such as `python -m ...`."
            )


@contextlib.contextmanager
def watched(own: Path, other: Path) -> Iterator[Watch]:
    """Give the watch over a run."""
    with tempfile.TemporaryDirectory(prefix="hotloop-imported-") as scratch:
        hook, folder = Path(scratch) / "hook", Path(scratch) / "imported"
        hook.mkdir()
        folder.mkdir()
        source = importlib.resources.files("diag.gate") / "_sitecustomize.py"
        (hook / "sitecustomize.py").write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
        yield Watch(own.resolve(), other.resolve(), folder, hook)


def _is_under(file: Path, tree: Path) -> bool:
    return file.is_relative_to(tree)
