"""Starts a case under limits, waits for its fault, has it inspected as a user would, and ends it."""

import contextlib
import os
import re
import resource
import select
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import psutil

from benchmarks.corpus.manifest import Case, Corpus, Start
from diag.errors import HotloopError
from diag.findings import Diagnosis
from repro.bounds import bounded

MEMORY = 1 << 30
"""Bytes of resident memory that a case may take; what leaks is looked at long before."""
START = 20.0
"""Seconds that a case may take to be ready: it may import much, on a busy machine."""
INSPECTION = 60.0
"""Seconds after which an inspection is given up."""


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What `diag inspect` answered."""

    diagnosis: Diagnosis | None
    """None where it failed."""
    error: str = ""
    """What it wrote in place of a diagnosis."""
    seconds: float = 0.0
    """How long it took, its own start included."""
    cpu: float = 0.0
    """CPU seconds that it took, those of the processes it started included."""


def command(corpus: Corpus, case: Case, start: Start, venvs: Path, pythons: dict[str, str]) -> list[str]:
    """Give the command line of a case, but for its SECONDS.

    Raises:
        HotloopError: its interpreter or virtual environment is not there.
    """
    if start.venv:
        python = str(venvs / start.venv / "bin" / "python")
        if not Path(python).exists():
            raise HotloopError(f"no virtual environment {start.venv} in {venvs}")
    else:
        minor = ".".join(start.python.split(".")[:2])
        if minor not in pythons:
            raise HotloopError(f"no CPython {minor} on this machine")
        python = pythons[minor]
    return [python, *start.python_flags, str(corpus.folder / case.script)]


@contextlib.contextmanager
def running(words: list[str], arguments: tuple[str, ...], *, seconds: float) -> Iterator[int]:
    """Run a case until the block ends; gives the pid that it said is ready.

    Raises:
        HotloopError: it ended, or did not say that it is ready.
    """
    whole = [*words, f"{seconds:g}", *arguments]
    limits = bounded(whole, memory=MEMORY, deadline=seconds + 5)
    with subprocess.Popen(limits, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        errors = _Drain(process.stderr.fileno())
        try:
            pid = _ready(process.stdout.fileno())
            if pid is None:
                raise HotloopError(f"it did not get ready: {errors.last or 'it said nothing'}")
            _Drain(process.stdout.fileno())
            yield pid
        finally:
            _end(process.pid)


def inspect(pid: int, *, window: float, keep: Path | None = None) -> Inspection:
    """Run `diag inspect PID --format json`.

    Args:
        pid: the process.
        window: seconds to look.
        keep: where to save the recording; None for nowhere.
    """
    words = [sys.executable, "-m", "diag", "inspect", str(pid), "--format", "json"]
    words += ["--seconds", f"{window:g}", *(["--keep", str(keep)] if keep else [])]
    before, begin = _children_cpu(), time.monotonic()
    try:
        answer = subprocess.run(words, capture_output=True, timeout=INSPECTION, check=False)
    except subprocess.TimeoutExpired:
        return Inspection(diagnosis=None, error=f"no answer in {INSPECTION:g} s", seconds=INSPECTION)
    seconds, cpu = time.monotonic() - begin, _children_cpu() - before
    diagnosis, error = _decoded(answer)
    return Inspection(diagnosis=diagnosis, error=error, seconds=seconds, cpu=cpu)


@contextlib.contextmanager
def neighbour(seconds: float) -> Iterator[None]:
    """Keep a core busy with a process of no concern, until the block ends."""
    code = "while True: sum(range(10_000))"
    words = bounded([sys.executable, "-c", code], memory=MEMORY, deadline=seconds)
    with subprocess.Popen(words) as process:
        try:
            yield
        finally:
            process.kill()


class _Drain(threading.Thread):
    """Reads a stream to its end, and keeps the last of it: a full pipe would hold the process up."""

    def __init__(self, stream: int) -> None:
        super().__init__(daemon=True)
        self._stream = os.dup(stream)
        self._tail = b""
        self.start()

    def run(self) -> None:
        while data := os.read(self._stream, 1 << 20):
            self._tail = (self._tail + data)[-2000:]
        os.close(self._stream)

    @property
    def last(self) -> str:
        """The last line so far."""
        self.join(0.5)
        return self._tail.decode(errors="replace").strip().rpartition("\n")[2]


def _ready(stream: int) -> int | None:
    """Wait for "READY pid"."""
    said, end = b"", time.monotonic() + START
    while (left := end - time.monotonic()) > 0:
        if not select.select([stream], [], [], left)[0]:
            break
        data = os.read(stream, 4096)
        said += data
        if found := re.search(rb"^READY (\d+)\s", said, re.MULTILINE):
            return int(found[1])
        if not data:
            break
    return None


def _decoded(answer: "subprocess.CompletedProcess[bytes]") -> tuple[Diagnosis | None, str]:
    try:
        return msgspec.json.decode(answer.stdout, type=Diagnosis), ""
    except msgspec.DecodeError as error:
        said = answer.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        return None, said or f"exit code {answer.returncode}: {error}"


def _end(pid: int) -> None:
    """Kill a process that was started here, with all that it started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for each in [process, *process.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
