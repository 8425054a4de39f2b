"""A command that `diag` itself starts, and all that it starts in turn: watched, and ended together."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence

import psutil

from diag.errors import HotloopError
from diag.target import is_python

GRACE = 3.0
"""Seconds that processes have to end after SIGTERM, before SIGKILL."""

_ROUNDS = 10
"""Times that the living are looked for and killed."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PR_SET_PTRACER = 0x59616D61


class Family:
    """A command and its descendants.

    It shares the terminal with its parent: standard input, output and error, and the process group, so that Ctrl-C
    and Ctrl-Z reach both. A tied one ends with its parent; descendants that lose their own parent stay in the family.
    """

    def __init__(self, command: Sequence[str], *, tied: bool = True) -> None:
        """Start the command.

        Args:
            command: program and arguments; no shell reads them.
            tied: whether it is to end with this process.

        Raises:
            HotloopError: it cannot be started.
        """
        self._others = {child.pid for child in psutil.Process().children()}
        libc = ctypes.CDLL(None, use_errno=True)
        parent = os.getpid()
        if tied:
            libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

        def tie() -> None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            # Yama's `ptrace_scope` 1 lets only forebears look. This process is one, but py-spy, its other child, is not;
            # whoever is named here may look, with all that it starts. It holds for the command's own process, also after
            # exec, not for what that starts in turn. Without Yama it does nothing.
            libc.prctl(_PR_SET_PTRACER, parent, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

        try:
            self._process = subprocess.Popen(command, preexec_fn=tie if tied else None)  # noqa: PLW1509 - no other thread runs yet
        except OSError as error:
            raise HotloopError(_refused(command[0], error)) from error
        self._started = time.monotonic()

    @property
    def pid(self) -> int:
        """The command's own process."""
        return self._process.pid

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._started

    @property
    def ended(self) -> str:
        """How the command ended, such as "with exit code 1"; "" while it runs."""
        code = self._process.poll()
        if code is None:
            return ""
        return f"with exit code {code}" if code >= 0 else f"by {signal.Signals(-code).name}"

    def members(self) -> list[psutil.Process]:
        """List the command's process and all its living descendants, the older before the younger."""
        own = psutil.Process()
        found = {}
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in own.children():
                # Orphans of the family are children of this process as well, as it asked for.
                if child.pid == self.pid or child.pid not in self._others:
                    found[child.pid] = child
                    found |= {member.pid: member for member in child.children(recursive=True)}
        return [member for member in found.values() if _alive(member)]

    def python(self, is_python: Callable[[int], bool] = is_python) -> int | None:
        """Find the Python process to look at: one that no other Python started, of several the busiest."""
        pythons = {member.pid: member for member in self.members() if is_python(member.pid)}
        heads = {}
        for pid, member in pythons.items():
            with contextlib.suppress(psutil.NoSuchProcess):
                if not pythons.keys() & {parent.pid for parent in member.parents()}:
                    heads[pid] = sum(member.cpu_times()[:2])
        return max(heads, key=lambda pid: heads[pid], default=None)

    def end(self, grace: float = GRACE) -> bool:
        """End all members; whether all of them did so in time when they were asked to."""
        try:
            _, left = self._ask(signal.SIGTERM, grace)
            return not left
        finally:
            # Also where the wait was interrupted: what is alive by now has been asked. Who forks has more than one turn.
            for _ in range(_ROUNDS):
                if not any(self._ask(signal.SIGKILL, grace)):
                    break
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(grace)

    def _ask(
        self, number: signal.Signals, seconds: float
    ) -> tuple[list[psutil.Process], list[psutil.Process]]:
        """Send a signal to all, and wait; those that ended and those that did not."""
        asked = self.members()
        for member in asked:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.send_signal(number)
        gone, left = psutil.wait_procs(asked, timeout=seconds)
        return gone, left


def _alive(process: psutil.Process) -> bool:
    """Tell whether a process still runs; one that only waits for its parent to notice does not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _refused(program: str, error: OSError) -> str:
    """Say why a program cannot be started."""
    if isinstance(error, FileNotFoundError):
        return f"There is no program {program!r}: give its path, or a name that is on $PATH."
    if isinstance(error, PermissionError):
        script = f" Say `python {program}` to run a script." if program.endswith(".py") else ""
        return f"{program} may not be run: it is no program, or not executable for you.{script}"
    return f"{program} cannot be run: {error.strerror or error}."
