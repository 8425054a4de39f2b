"""The source files that stacks point into, as they are when a recording ends."""

import contextlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from diag.collectors.proc import Proc
from diag.origin import Origin, origin
from diag.recording import Census, Snapshots, SourceFile, Stacks, Target
from diag.rooted import inside

LARGEST = 1 << 20
"""Bytes of a file up to which its text is kept."""

MOST = 64
"""Files whose text is kept: those that were seen at work the most often."""

_ARCHIVE = re.compile(r"(.+\.(?:zip|pyz|egg|whl|pex))/(.+\.py)$")

COMMAND_LINE = "<string>"
"""The file of code that was given with `python -c`."""


class Sources:
    """Reads the files of a process, with the process's own root and working directory."""

    def __init__(self, target: Target, proc: Proc) -> None:
        self._target = target
        self._proc = proc

    def look_up(
        self, stacks: Sequence[Stacks], snapshots: Sequence[Snapshots], censuses: Sequence[Census]
    ) -> tuple[SourceFile, ...]:
        """Describe the files of all frames, with the text of those that can matter; in the order of their paths."""
        weights = _at_work(stacks, snapshots, censuses)
        seen = dict.fromkeys(key for key, _ in weights.most_common())
        seen |= dict.fromkeys(_of_all_frames(stacks, snapshots))
        found: dict[str, SourceFile] = {}
        kept = 0
        for pid, path in seen:
            if path in found:
                continue
            # A library's threads may sleep; who starts the user's own is looked for in the user's own files.
            wanted = kept < MOST and ((pid, path) in weights or origin(path) is Origin.OWN)
            if source := self._describe(pid, path, text=wanted):
                found[path] = source
                kept += bool(source.text)
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
                text=_read(seen, inner) if text else "",
            )
        return None

    def _seen(self, pid: int, path: str) -> str:
        """Give the path under which we see a file of the process."""
        if not path.startswith("/"):
            return self._proc.path(pid, f"cwd/{path}")
        return inside(path, self._target.root)


def _at_work(
    stacks: Iterable[Stacks], snapshots: Iterable[Snapshots], censuses: Iterable[Census]
) -> Counter[tuple[int, str]]:
    """Count how often the files of each process were seen in what was at work, or is a task.

    The thread of an event loop counts also where it sleeps: a call that blocks it may do so asleep. So do the
    coroutines of tasks that wait, which are on no stack.
    """
    seen: Counter[tuple[int, str]] = Counter()
    for sampled in stacks:
        for sample in sampled.samples:
            seen.update({(sampled.pid, sampled.frames[number].file) for number in sample.frames})
    for shots in snapshots:
        for shot in shots.taken:
            loops = {loop.thread for loop in shot.loops}
            calls = [
                thread.frames for thread in shot.threads if thread.state == "R" or thread.thread in loops
            ]
            calls += [ready.frames for loop in shot.loops for ready in loop.next]
            seen.update((shots.pid, shots.frames[call.frame].file) for stack in calls for call in stack)
    for census in censuses:
        seen.update({(census.pid, group.file): group.count for group in census.groups if group.file})
    return seen


def _of_all_frames(stacks: Iterable[Stacks], snapshots: Iterable[Snapshots]) -> Iterable[tuple[int, str]]:
    """Give the files of all frames, whoever they are of."""
    for sampled in stacks:
        yield from ((sampled.pid, frame.file) for frame in sampled.frames)
    for shots in snapshots:
        yield from ((shots.pid, frame.file) for frame in shots.frames)


def command_line_code(command: tuple[str, ...]) -> str:
    """Give the code of `python -c CODE`; "" for any other command, whose own options are none of the interpreter's."""
    words = iter(command[1:])
    for word in words:
        if word in {"-X", "-W"}:
            next(words, "")
        elif not word.startswith("-") or word in {"-m", "-"}:
            return ""
        elif word.endswith("c") and not word.startswith(("--", "-X", "-W", "-m")):
            return next(words, "")
    return ""


def archived(path: str) -> tuple[str, str]:
    """Split the path of a file in a zip archive into the archive's and its name within; "" for any other file."""
    match = _ARCHIVE.match(path)
    return (match[1], match[2]) if match else (path, "")


def _read(path: str, inner: str = "") -> str:
    """Read a source file, or one in a zip archive; "" where it is none, or too large."""
    import importlib.util
    import zipfile

    # OSError: of the file; NotImplementedError and RuntimeError: an archive packed in a way that is not known.
    with contextlib.suppress(
        OSError, KeyError, zipfile.BadZipFile, SyntaxError, UnicodeDecodeError, RuntimeError
    ):
        if inner:
            with zipfile.ZipFile(path) as archive:
                if archive.getinfo(inner).file_size <= LARGEST:
                    return importlib.util.decode_source(archive.read(inner))
        else:
            with open(path, "rb") as file:  # noqa: PTH123 - a string
                content = file.read(LARGEST + 1)
            if len(content) <= LARGEST:
                return importlib.util.decode_source(content)
    return ""
