"""Which files to check: those named, and those below the directories named."""

import fnmatch
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from diag.errors import HotloopError
from diag.lint.checking import File

EXCLUDED = (
    ".bzr", ".direnv", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pytest_cache", ".pytype",
    ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", "__pycache__", "__pypackages__", "_build", "build", "buck-out",
    "dist", "node_modules", "site-packages", "venv",
)  # fmt: skip
"""Names of directories that are not gone into, unless they are named themselves."""

_SUFFIXES = (".py", ".pyw")
_NOTEBOOK = ".ipynb"


@dataclass(frozen=True)
class Excludes:
    """Patterns of what is left out, as fnmatch has them."""

    patterns: tuple[str, ...] = ()
    """Each matches a name (`generated`, `*_pb2.py`), or, if it holds a slash, a path (`docs/*.py`)."""
    root: Path = Path()
    """What the paths of patterns are relative to."""

    def match_within(self, path: Path) -> bool:
        """Whether a file, or a directory that it is in, is left out."""
        inside = os.path.relpath(path, self.root)
        depth = 0 if inside.startswith(os.pardir) else len(Path(inside).parts) - 1
        return any(self.match(one) for one in (path, *list(Path(os.path.abspath(path)).parents)[:depth]))  # noqa: PTH100

    def match(self, path: Path) -> bool:
        """Whether a file or directory itself is left out."""
        return any(self._matches(path, pattern.removesuffix("/")) for pattern in self.patterns)

    def _matches(self, path: Path, pattern: str) -> bool:
        pattern = pattern.removeprefix("./")
        if "/" not in pattern:
            return fnmatch.fnmatchcase(path.name, pattern)
        absolute = Path(os.path.abspath(path))  # noqa: PTH100 - a link stays what it is called
        inside = os.path.relpath(absolute, os.path.abspath(self.root))  # noqa: PTH100 - likewise
        pattern = pattern.removesuffix("/**")
        return fnmatch.fnmatchcase(inside, pattern) or fnmatch.fnmatchcase(str(absolute), pattern)


@dataclass(frozen=True)
class Sought:
    """What was found."""

    files: tuple[File, ...]
    notebooks: int = 0
    excluded: int = 0
    """Files that were named, and are left out by a pattern all the same."""
    problems: tuple[tuple[str, str], ...] = ()
    """Directories that cannot be read, and why."""


def sought(paths: Sequence[Path], excludes: Excludes, *, force: bool = False) -> Sought:
    """Find the Python files.

    Links to directories are not followed, unless they are named. Each file counts once.

    Args:
        paths: files, taken as they are, whatever their suffix; and directories.
        excludes: what is left out below the directories.
        force: whether files that are named are left out as well.

    Raises:
        HotloopError: a path does not exist.
    """
    found: dict[str, File] = {}
    notebooks: set[str] = set()
    problems: dict[str, str] = {}
    excluded = 0
    for path in paths:
        if not path.exists():
            raise HotloopError(f"{path} does not exist: name a file or a directory to check.")
        if force and path.is_file() and excludes.match_within(path):
            excluded += 1
            continue
        for entry in _walked(path, excludes, problems) if path.is_dir() else [path]:
            if entry.suffix == _NOTEBOOK:
                notebooks.add(os.path.abspath(entry))  # noqa: PTH100 - a link stays what it is called
            elif entry.suffix in _SUFFIXES or entry == path:
                found.setdefault(os.path.abspath(entry), File(entry, shown(entry), named=entry == path))  # noqa: PTH100
    return Sought(tuple(found.values()), len(notebooks), excluded, tuple(problems.items()))


def shown(path: Path) -> str:
    """Give the name of a file for the output: relative where it is below the working directory."""
    absolute = os.path.abspath(path)  # noqa: PTH100 - a link stays what it is called
    here = os.getcwd()  # noqa: PTH109 - compared as text
    inside = os.path.relpath(absolute, here)
    return absolute if inside.startswith(os.pardir) else inside


def _walked(top: Path, excludes: Excludes, problems: dict[str, str]) -> Iterator[Path]:
    def failed(error: OSError) -> None:
        problems[shown(Path(str(error.filename)))] = f"it cannot be read: {error.strerror}"

    for folder, inner, names in os.walk(top, onerror=failed):
        inner[:] = sorted(_kept(Path(folder), inner, excludes))
        for name in sorted(names):
            if name.endswith((*_SUFFIXES, _NOTEBOOK)) and not excludes.match(Path(folder, name)):
                yield Path(folder, name)


def _kept(folder: Path, names: Iterable[str], excludes: Excludes) -> Iterator[str]:
    return (name for name in names if name not in EXCLUDED and not excludes.match(folder / name))
