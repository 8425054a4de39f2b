"""py-spy as a bounded child process: started, stopped, and its failures put into sentences."""

import contextlib
import math
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from diag import permission
from diag.collectors.proc import Proc
from diag.errors import HotloopError

START_SECONDS = 20.0
"""py-spy reads the symbols of the interpreter first: 0.1 s, more on a busy machine."""

STOP_SECONDS = 10.0
"""From the request to stop until the samples are written."""

LOG = "warn,remoteprocess::linux=debug,py_spy::config=info"
"""What py-spy logs: its start, failed looks, and each hold and release of the process if it holds it."""

# Dies with its parent by SIGINT, on which py-spy lets go of the process it holds; then becomes py-spy. A program
# of its own, because code between fork and exec is not safe in a program with threads.
_SHIM = (
    "import ctypes, os, signal, sys;"
    "ctypes.CDLL(None).prctl(1, int(signal.SIGINT), 0, 0, 0);"
    "os.getppid() == int(sys.argv[1]) or sys.exit('the parent is gone');"
    "os.execv(sys.argv[2], sys.argv[2:])"
)

_LATE = re.compile(r"([\d.]+)(ms|s) behind in sampling")
_TOTALS = re.compile(r"Samples: (\d+) Errors: (\d+)")


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """What a run of py-spy left."""

    trace: bytes
    """Its samples in the Chrome trace format."""
    log: str
    """Its log: see `LOG`."""
    ended: float
    """When it had ended, in seconds since the epoch."""
    samples: int
    errors: int
    late: float
    """The most that it said it was behind, in seconds."""


def binary() -> str:
    """Find py-spy beside this interpreter, or on the path."""
    beside = Path(sysconfig.get_path("scripts")) / "py-spy"
    found = str(beside) if beside.exists() else shutil.which("py-spy")
    if not found:
        raise HotloopError("py-spy is not installed: install it with `pip install py-spy`.")
    return found


class PySpy:
    """One run of `py-spy record` on one process.

    Use it as a context manager: it has ended when the block has, whatever happened there. It ends by itself
    when its parent dies, and at twice its time at the latest.
    """

    def __init__(self, pid: int, *, rate: int, seconds: float, pausing: bool = False) -> None:
        """Prepare.

        Args:
            pid: the process.
            rate: looks a second.
            seconds: the time wanted; it ends by itself at twice that.
            pausing: hold the process during each look.
        """
        self.pid = pid
        self._pausing = pausing
        self._rate = rate
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="hotloop-", ignore_cleanup_errors=True)
        self._said = ""

    def __enter__(self) -> Self:
        """Start, and return when the first look at the process has succeeded.

        Raises:
            HotloopError: py-spy cannot look at the process; the text says why.
        """
        try:
            self._start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End the process and remove its files."""
        with contextlib.suppress(HotloopError):
            self.stop()
        self._folder.cleanup()

    def wait(self, seconds: float) -> bool:
        """Wait until the process ends by itself, at most for a time; whether it has."""
        if self._process is None:
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            return True
        return False

    def stop(self) -> None:
        """Ask for the end, in the way that py-spy takes as "write what you have", and wait for it.

        Raises:
            HotloopError: it did not end in time and was killed, samples lost.
        """
        process = self._process
        if process is None:
            return
        self._process = None
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            rest, _ = process.communicate(timeout=STOP_SECONDS)
            self._said += rest.decode(errors="replace")
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            _set_going(self.pid)
            raise HotloopError(
                f"py-spy did not end {STOP_SECONDS:.0f} s after it was asked to, so its samples are lost: "
                "the machine may be overloaded; try a lower rate."
            ) from None

    def output(self) -> Output:
        """Stop, and give what was sampled.

        Raises:
            HotloopError: there is no output; the text says why.
        """
        self.stop()
        ended = time.time()
        totals = _TOTALS.search(self._said)
        log = (Path(self._folder.name) / "log").read_text(errors="replace")
        trace = Path(self._folder.name) / "trace.json"
        if totals is None or not trace.exists():
            raise HotloopError(explain(self.pid, log))
        late = [float(number) * (0.001 if unit == "ms" else 1) for number, unit in _LATE.findall(self._said)]
        return Output(
            trace=trace.read_bytes(),
            log=log,
            ended=ended,
            samples=int(totals[1]),
            errors=int(totals[2]),
            late=max(late, default=0.0),
        )

    def _start(self) -> None:
        folder = Path(self._folder.name)
        command = [
            *(sys.executable, "-I", "-S", "-c", _SHIM, str(os.getpid()), binary(), "record"),
            *(
                "--pid",
                str(self.pid),
                "--rate",
                str(self._rate),
                "--duration",
                str(math.ceil(self._seconds * 2)),
            ),
            *("--full-filenames", "--threads", "--format", "chrometrace"),
            *("--output", str(folder / "trace.json"), *(() if self._pausing else ("--nonblocking",))),
        ]
        with (folder / "log").open("wb") as log:
            # A process group of its own, so that Ctrl-C on a terminal reaches it through us, in our order.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, "RUST_LOG": LOG, "RUST_LOG_STYLE": "never"},
                process_group=0,
            )
        self._await_first_look(self._process)

    def _await_first_look(self, process: subprocess.Popen[bytes]) -> None:
        """Read what it says until it says that it samples."""
        assert process.stdout is not None
        deadline = time.monotonic() + START_SECONDS
        descriptor = process.stdout.fileno()
        while "Sampling process" not in self._said:
            ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise HotloopError(
                    f"py-spy could not look at process {self.pid} within {START_SECONDS:.0f} s."
                )
            chunk = os.read(descriptor, 4096)
            if not chunk:
                process.wait()
                raise HotloopError(
                    explain(self.pid, (Path(self._folder.name) / "log").read_text(errors="replace"))
                )
            self._said += chunk.decode(errors="replace")


def explain(pid: int, log: str) -> str:
    """Turn py-spy's backtrace into a sentence."""
    lowered = log.lower()
    if "permission denied" in lowered or "operation not permitted" in lowered or "eperm" in lowered:
        return permission.forbidden(Proc(), pid, by="py-spy")
    if "unsupported version of python" in lowered:
        version = re.search(r"unsupported version of python: ([\w.+-]+)", lowered)
        return (
            f"This py-spy does not know Python {version[1] if version else ''} of process {pid}: "
            "install a newer one with `pip install -U py-spy`."
        )
    if "gil_thread_id" in lowered or "free-threaded" in lowered:
        return f"py-spy cannot sample process {pid}: it does not know free-threaded builds of Python."
    if "no such process" in lowered or not Path(f"/proc/{pid}").exists():
        return f"Process {pid} ended before its stacks could be sampled."
    if "failed to find python version" in lowered or "failed to find a python interpreter" in lowered:
        return f"py-spy finds no Python interpreter in process {pid}."
    reason = next((line for line in log.splitlines() if line.startswith(("Error:", "Reason:"))), "")
    return f"py-spy could not sample process {pid}: {reason.partition(': ')[2] or 'it gave no reason'}."


def _set_going(pid: int) -> None:
    """Continue a process that a killed sampler has left stopped between its attach and its detach."""
    with contextlib.suppress(OSError):
        if Proc().stat(pid).state == "T":
            os.kill(pid, signal.SIGCONT)
