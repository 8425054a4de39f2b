"""The source files that stacks point into, as they are when a recording ends."""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterable

from diag.collectors.proc import Proc
from diag.recording import Census, Snapshots, SourceFile, Stacks, Target
from diag.rooted import inside

LARGEST = 1 << 20
"""Bytes of a file up to which its text is kept."""

MOST = 64
"""Files whose text is kept: those that were seen the most often."""

_ARCHIVE = re.compile(r"(.+\.(?:zip|pyz|egg|whl|pex))/(.+\.py)$")

COMMAND_LINE = "<string>"
"""The file of code that was given with `python -c`."""


class Sources:
    """Reads the files of a process, with the process's own root and working directory."""

    def __init__(self, target: Target, proc: Proc) -> None:
        self._target = target
        self._proc = proc

    def look_up(
        self, stacks: Iterable[Stacks], snapshots: Iterable[Snapshots], censuses: Iterable[Census]
    ) -> tuple[SourceFile, ...]:
        """Describe the files of all frames, with the text of those seen most; in the order of their paths.

        The coroutines of tasks count as well: those that wait are on no stack.
        """
        seen: Counter[tuple[int, str]] = Counter()
        for sampled in stacks:
            for sample in sampled.samples:
                seen.update({(sampled.pid, sampled.frames[number].file) for number in sample.frames})
            seen.update((sampled.pid, frame.file) for frame in sampled.frames)
        for shots in snapshots:
            seen.update((shots.pid, frame.file) for frame in shots.frames)
            for shot in shots.taken:
                for thread in shot.threads:
                    if thread.state == "R":
                        seen.update((shots.pid, shots.frames[call.frame].file) for call in thread.frames)
        for census in censuses:
            seen.update({(census.pid, group.file): group.count for group in census.groups if group.file})
        found: dict[str, SourceFile] = {}
        for number, ((pid, path), _) in enumerate(seen.most_common()):
            if path not in found and (source := self._describe(pid, path, text=number < MOST)):
                found[path] = source
        return tuple(found[path] for path in sorted(found))

    def _describe(self, pid: int, path: str, *, text: bool) -> SourceFile | None:
        if path == COMMAND_LINE:
            code = command_line_code(self._target.command)
            return (
                SourceFile(path=path, modified=self._target.created, size=len(code), text=code)
                if code
                else None
            )
        if path.startswith("<") or not path:
            return None  # code without a file
        # Imported here, where it is needed: a listing of installed packages is read for it.
        from diag.packages import distribution

        archive, inner = archived(path)
        with contextlib.suppress(OSError):
            seen = self._seen(pid, archive)
            status = os.stat(seen)  # noqa: PTH116 - a string
            return SourceFile(
                path=path,
                modified=status.st_mtime,
                size=status.st_size,
                package=distribution(path, self._target.root),
                text=_read(seen, inner) if text and (inner or status.st_size <= LARGEST) else "",
            )
        return None

    def _seen(self, pid: int, path: str) -> str:
        """Give the path under which we see a file of the process."""
        if not path.startswith("/"):
            return self._proc.path(pid, f"cwd/{path}")
        return inside(path, self._target.root)


def command_line_code(command: tuple[str, ...]) -> str:
    """Give the code of `python -c CODE`; "" for any other command."""
    with contextlib.suppress(ValueError, IndexError):
        return command[command.index("-c") + 1]
    return ""


def archived(path: str) -> tuple[str, str]:
    """Split the path of a file in a zip archive into the archive's and its name within; "" for any other file."""
    match = _ARCHIVE.match(path)
    return (match[1], match[2]) if match else (path, "")


def _read(path: str, inner: str = "") -> str:
    """Read a source file, or one in a zip archive; "" where it is none."""
    import tokenize
    import zipfile

    if inner:
        with contextlib.suppress(OSError, KeyError, zipfile.BadZipFile, UnicodeDecodeError):
            return zipfile.ZipFile(path).read(inner)[:LARGEST].decode()
        return ""
    with contextlib.suppress(OSError, SyntaxError, UnicodeDecodeError), tokenize.open(path) as file:
        return file.read()
    return ""
