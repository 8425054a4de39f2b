"""The processes of this system: their family tree, their commands, and the names that a person calls them by."""

import os
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

from diag.collectors.proc import Proc

_PYTHON = re.compile(r"(?:python|pypy|graalpy)[\d.]*[dmtu]*", re.IGNORECASE)

_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})
"""Options of the interpreter whose value is the next word."""


class Running(NamedTuple):
    """A process at a moment."""

    pid: int
    parent: int
    start_ticks: int
    """Its start, in clock ticks since boot."""
    title: str
    """The name that the kernel has for it, of at most 15 characters: its program's, or one that it took."""
    command: tuple[str, ...]
    """() for a part of the kernel."""

    @property
    def is_python_by_name(self) -> bool:
        """Whether it is called like an interpreter: a guess for where its memory may not be read."""
        program = PurePosixPath(self.command[0]).name if self.command else ""
        return bool(_PYTHON.fullmatch(program) or _PYTHON.fullmatch(self.title))

    @property
    def script(self) -> str:
        """What a Python runs, as its command line has it: a path, or a module's name; "" where there is none."""
        words = iter(self.command[1:] if self.is_python_by_name else ())
        for word in words:
            if word in _WITH_VALUE:
                next(words, "")
            elif word == "-m":
                return next(words, "")
            elif word in {"-c", "-"}:
                return ""
            elif word.startswith("-m"):
                return word[2:]
            elif not word.startswith("-"):
                return word
        return ""

    @property
    def line(self) -> str:
        """The whole command line."""
        return " ".join(self.command) or self.title

    @property
    def names(self) -> frozenset[str]:
        """Its whole names: of the process, the program and the script, with and without `.py`."""
        paths = [PurePosixPath(word) for word in (self.script, *self.command[:1]) if word]
        # `python app/` and `python app/__main__.py` both run app.
        paths = [path.parent if path.name == "__main__.py" else path for path in paths]
        return frozenset({self.title, *(path.name for path in paths), *(path.stem for path in paths)} - {""})


class Processes:
    """The processes that were there at a moment."""

    def __init__(self, proc: Proc) -> None:
        """Look."""
        self.proc = proc
        found = (_running(proc, int(entry)) for entry in os.listdir(proc.root) if entry.isdigit())  # noqa: PTH208 - cheaper
        self.by_pid = {process.pid: process for process in found if process}
        self._children: dict[int, list[int]] = {}
        for process in self.by_pid.values():
            self._children.setdefault(process.parent, []).append(process.pid)

    def children(self, pid: int) -> list[int]:
        """List the children of a process."""
        return sorted(self._children.get(pid, ()))

    def ancestors(self, pid: int) -> Iterator[int]:
        """Give parent, grandparent and so on."""
        seen = {pid}
        while (process := self.by_pid.get(pid)) and process.parent not in seen:
            pid = process.parent
            seen.add(pid)
            yield pid


def _running(proc: Proc, pid: int) -> Running | None:
    """Read a process; None if it has ended."""
    try:
        stat = proc.stat(pid)
        if stat.ended:
            return None
        content = proc.read(pid, "cmdline").rstrip(b"\0")
        title = proc.read(pid, "comm").rstrip(b"\n").decode(errors="replace")
    except (OSError, IndexError, ValueError):
        return None
    command = tuple(word.decode(errors="replace") for word in content.split(b"\0")) if content else ()
    return Running(pid, stat.parent, stat.start_ticks, title, command)
