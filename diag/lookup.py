"""Finds the Python process that a person means, from its number, a name, or a part of its command line."""

import contextlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from diag.collectors.proc import Proc
from diag.errors import HotloopError
from diag.interpreter import identify
from diag.processes import Processes, Running

_WATCH_SECONDS = 0.3
"""How long the CPU of several candidates is measured, to tell them apart."""

_OBSERVERS = frozenset({"diag"})
"""Scripts whose command lines name the process that they look at."""

_CONTAINER_CLIENTS = frozenset({"docker", "podman", "nerdctl", "kubectl", "crictl"})
"""Programs that have a daemon start the process: it is no descendant of theirs."""


class Candidate(NamedTuple):
    """A process that may be the one that is meant."""

    pid: int
    cores: float
    """CPU seconds a second, over a moment."""
    age: float
    """Seconds since its start."""
    command: tuple[str, ...]


class AmbiguousError(HotloopError):
    """Several processes may be meant."""

    def __init__(self, text: str, candidates: Iterable[Candidate]) -> None:
        self.candidates = tuple(sorted(candidates, key=lambda candidate: -candidate.cores))
        """The busiest first."""
        super().__init__(f"{text} Give the PID of one.")


def find(
    text: str,
    *,
    proc: Proc | None = None,
    own: int | None = None,
    pause: Callable[[float], object] = time.sleep,
) -> int:
    """Find a Python process.

    A number is a PID (or that of a thread); of a process that is not Python, such as `timeout` or a shell, the one
    Python that it started. Anything else is the whole name of a process, program, script or module, or else a part of
    the command line. This process and its ancestors, whose command lines hold the text as well, are never meant.
    Whether the process may be observed is not checked: see `diag.target.describe`.

    Args:
        text: what the user wrote.
        proc: where processes are read.
        own: pid of the process that asks; this one.
        pause: waits, between two looks at the CPU of several candidates.

    Raises:
        AmbiguousError: several may be meant.
        HotloopError: none is.
    """
    text = text.strip()
    search = _Search(proc or Proc(), own if own is not None else os.getpid(), pause)
    return search.by_pid(int(text)) if text.isascii() and text.isdigit() else search.by_name(text)


class _Search:
    """A search among the processes of a moment."""

    def __init__(self, proc: Proc, own: int, pause: Callable[[float], object]) -> None:
        self._proc = proc
        self._pause = pause
        self._processes = Processes(proc)
        self._ours = {own, *self._processes.ancestors(own)}
        self._own = own
        self._pythons: dict[int, bool] = {}

    def by_pid(self, pid: int) -> int:
        """Find by number; what cannot be a target is left for `describe` to say."""
        pid = self._leader(pid)
        process = self._processes.by_pid.get(pid)
        if process is None or self._is_python(process):
            return pid
        found = self._started_by(pid)
        if len(found) > 1:
            raise self._ambiguous(
                f"Process {pid} ({process.title}) started {len(found)} Python processes.", found
            )
        if not found and process.title in _CONTAINER_CLIENTS:
            raise HotloopError(
                f"Process {pid} ({process.title}) is only a client; the container's process is no child of it: `docker "
                "top NAME` and `docker inspect -f '{{.State.Pid}}' NAME` give its PID on this machine."
            )
        return found[0] if found else pid

    def by_name(self, text: str) -> int:
        """Find by name, or else by a part of the command line."""
        if not text:
            raise HotloopError("No process is named: give a PID, a name, or a part of a command line.")
        others = [process for pid, process in self._processes.by_pid.items() if pid not in self._ours]
        others = [
            process
            for process in others
            if "diag" in text or process.script.rpartition("/")[2] not in _OBSERVERS
        ]
        matching: list[Running] = []
        for matches in (self._is_named, self._runs_file, _is_part):
            matching = [process for process in others if matches(process, text)]
            if found := self._meant(matching):
                return self._only(text, found)
        raise HotloopError(self._nothing(text, others, matching))

    def _leader(self, pid: int) -> int:
        """Give the process that a thread belongs to: `top -H` shows threads, and /proc answers to their numbers."""
        try:
            status = self._proc.read(pid, "status")
        except OSError:
            return pid
        return next((int(line[5:]) for line in status.splitlines() if line.startswith(b"Tgid:")), pid)

    @staticmethod
    def _is_named(process: Running, text: str) -> bool:
        return text in process.names

    def _runs_file(self, process: Running, text: str) -> bool:
        """Whether a path leads to the script that a process runs."""
        if "/" not in text or not process.script:
            return False
        try:
            folder = self._proc.link(process.pid, "cwd")
        except OSError:
            return False
        return os.path.normpath(Path(folder) / process.script) == os.path.abspath(text)  # noqa: PTH100 - links stay

    def _is_python(self, process: Running) -> bool:
        """Whether a process runs Python of any kind; by its name, where its memory may not be read."""
        if process.pid not in self._pythons:
            try:
                self._pythons[process.pid] = identify(self._proc, process.pid) is not None
            except PermissionError:
                self._pythons[process.pid] = process.is_python_by_name
            except (OSError, ValueError):
                self._pythons[process.pid] = False
        return self._pythons[process.pid]

    def _started_by(self, pid: int) -> list[int]:
        """List the Pythons below a process, each without those below itself."""
        found: list[int] = []
        for child in self._processes.children(pid):
            if child == self._own:
                continue
            is_python = self._is_python(self._processes.by_pid[child])
            found += [child] if is_python and child not in self._ours else self._started_by(child)
        return found

    def _meant(self, matching: list[Running]) -> list[int]:
        """Give the Pythons among the processes that match, and those that wrappers among them started."""
        found: set[int] = set()
        for process in matching:
            found |= {process.pid} if self._is_python(process) else set(self._started_by(process.pid))
        return sorted(self._without_family(found))

    def _without_family(self, found: set[int]) -> set[int]:
        """Of a parent and its children keep one: the child of a wrapper, else the parent of workers."""
        by_pid = self._processes.by_pid
        dropped = set()
        for pid in found:
            for ancestor in found.intersection(self._processes.ancestors(pid)):
                child, parent = by_pid[pid].command, by_pid[ancestor].command
                wraps = len(child) < len(parent) and child[1:] == parent[len(parent) - len(child) + 1 :]
                if wraps and len(child) > 1:
                    dropped.add(ancestor)
                elif child == parent or _is_worker(child) or self._is_fork(pid, ancestor):
                    dropped.add(pid)
        return found - dropped

    def _is_fork(self, pid: int, ancestor: int) -> bool:
        """Whether a process is a copy of an ancestor, whatever it calls itself: its stack begins at the same address.

        The kernel chooses one at random for each program that is started, and tells it to those who may look.
        """
        try:
            starts = [self._proc.read(one, "stat").rpartition(b")")[2].split()[25] for one in (pid, ancestor)]
        except (OSError, IndexError):
            return False
        return starts[0] == starts[1] != b"0"

    def _only(self, text: str, found: list[int]) -> int:
        if len(found) > 1:
            raise self._ambiguous(f"{len(found)} Python processes match {text!r}.", found)
        return found[0]

    def _ambiguous(self, text: str, found: list[int]) -> AmbiguousError:
        """Measure the candidates for a moment."""
        before = self._ticks(found)
        begun = time.monotonic()
        self._pause(_WATCH_SECONDS)
        seconds = max(time.monotonic() - begun, _WATCH_SECONDS)
        after = self._ticks(list(before))
        tick = os.sysconf("SC_CLK_TCK")
        now = _uptime(self._proc)
        candidates = []
        for pid, ticks in after.items():
            process = self._processes.by_pid[pid]
            cores = (ticks - before[pid]) / tick / seconds
            age = max(0.0, now - process.start_ticks / tick)
            candidates.append(Candidate(pid, cores, age, process.command or (process.title,)))
        return AmbiguousError(text, candidates)

    def _ticks(self, pids: list[int]) -> dict[int, int]:
        """Read the CPU time of processes, in clock ticks; without those that ended."""
        found = {}
        for pid in pids:
            with contextlib.suppress(OSError, IndexError, ValueError):
                stat = self._proc.stat(pid)
                found[pid] = stat.user_ticks + stat.system_ticks
        return found

    def _nothing(self, text: str, others: list[Running], matching: list[Running]) -> str:
        """Say that nothing was found, and what comes near."""
        if matching:
            first = matching[0]
            return (
                f"No Python process matches {text!r}: process {first.pid} ({first.title}) does, but neither it nor what "
                "it started is Python."
            )
        names = set().union(
            *(process.names for process in others if process.is_python_by_name or process.script)
        )
        return f"No Python process matches {text!r}.{_near(text, names)} `pgrep -af python` lists some."


def _near(text: str, names: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(text, sorted(names))
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""


def _is_part(process: Running, text: str) -> bool:
    return text in process.line


def _is_worker(command: tuple[str, ...]) -> bool:
    """Whether a command is that of a process made by multiprocessing, which does not show what it runs."""
    return any(word.startswith("from multiprocessing.") for word in command)


def _uptime(proc: Proc) -> float:
    """Read the seconds since boot; 0 where they are not told."""
    try:
        return float((Path(proc.root) / "uptime").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0.0
