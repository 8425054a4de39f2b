"""`diag run` as its user meets it: it starts, measures and ends real commands."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from live.started import TARGETS

DEADLINE = 25.0
PATIENCE = 20.0

DEAF = """
import json, os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        print(json.dumps({"orphan": os.getpid(), "command": os.getppid()}), flush=True)
        time.sleep(20)
    os._exit(0)
time.sleep(20)
"""
"""Does not hear SIGTERM, and has a grandchild in a session of its own whose parent is gone."""


def bounded(*words: str) -> list[str]:
    """Give a command line for what `diag run` starts: it ends by itself at the latest."""
    limits = ["--memory", f"{512 << 20}", "--deadline", f"{DEADLINE}"]
    return [sys.executable, "-m", "repro.bounds", *limits, "--", *words]


WORKING = bounded(sys.executable, str(TARGETS / "working.py"), "spin", "20")


@contextlib.contextmanager
def running(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """Run `diag run`, and end it with the block."""
    command = [sys.executable, "-m", "diag", "run", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def gone(pid: int) -> bool:
    """Wait until a process has ended."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.05)
                continue
        return True
    return False


def said(process: "subprocess.Popen[str]") -> dict[str, int]:
    """Read the line that the command says when it is ready."""
    assert process.stdout is not None
    line = process.stdout.readline()
    found: dict[str, int] = json.loads(line)
    return found


def test_it_measures_and_ends_the_command(tmp_path: Path) -> None:
    """Standard output is the command's own; the answer is about its Python, and it is gone afterwards."""
    with running(
        "--after", "0.5", "--seconds", "1", "-o", str(tmp_path / "a.json"), "--", *WORKING
    ) as process:
        pid = said(process)["pid"]
        out, err = process.communicate(timeout=60)
    assert out == ""
    assert f"looking at process {pid} for 1 s" in err
    answer = json.loads((tmp_path / "a.json").read_text())
    assert answer["target"]["pid"] == pid
    assert process.returncode == {"healthy": 0, "unknown": 2}.get(answer["verdicts"][0], 1)
    assert gone(pid)


def test_the_python_behind_a_wrapper_is_found(tmp_path: Path) -> None:
    """`timeout` or a shell may start it; words after the command are the command's, without a `--` as well."""
    words = ["timeout", "20", sys.executable, str(TARGETS / "working.py"), "spin", "20"]
    with running(
        "--after", "0.5", "--seconds", "0.5", "-o", f"{tmp_path}/", "--format", "json", *words
    ) as process:
        pid = said(process)["pid"]
        process.communicate(timeout=60)
    assert json.loads((tmp_path / "diagnosis.json").read_text())["target"]["pid"] == pid
    assert gone(pid)


def test_who_does_not_end_when_asked_is_killed_with_its_orphans() -> None:
    """SIGTERM, then SIGKILL, for all of the family; that it took force is said."""
    with running("--after", "0", "--seconds", "0.5", "--", *bounded(sys.executable, "-c", DEAF)) as process:
        orphan = said(process)["orphan"]
        _, err = process.communicate(timeout=60)
    assert "was killed" in err
    assert gone(orphan)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)]
)
def test_the_command_ends_with_it(number: signal.Signals, code: int) -> None:
    """Ctrl-C, a supervisor's SIGTERM, and even SIGKILL."""
    with running("--after", "15", "--", *WORKING) as process:
        pid = said(process)["pid"]
        process.send_signal(number)
        assert process.wait(timeout=PATIENCE) == code
        assert gone(pid)


def test_a_command_can_be_left() -> None:
    """`--leave`: it goes on, and its number is told."""
    with running("--leave", "--after", "0", "--seconds", "0.5", "--", *WORKING) as process:
        pid = said(process)["pid"]
        assert process.stderr is not None
        err = process.stderr.read()
        process.wait(timeout=PATIENCE)
    try:
        assert re.search(rf"process {pid} goes on", err)
        assert psutil.pid_exists(pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_a_command_that_ends_in_the_window_is_judged_by_what_was_seen() -> None:
    """No error: an answer, and the note that it ended."""
    words = bounded(sys.executable, str(TARGETS / "working.py"), "spin", "1.5")
    with running("--after", "0", "--seconds", "20", "--", *words) as process:
        _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode in {0, 1, 2}
    assert "ended" in err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["no-such-program-here"], "There is no program 'no-such-program-here'"),
        ([str(TARGETS / "working.py")], "Say `python .*working.py` to run a script"),
        (["sh", "-c", "exit 3"], "ended with exit code 3 after .* before it was looked at"),
    ],
)
def test_what_cannot_be_measured_is_a_sentence(words: list[str], sentence: str) -> None:
    """Exit code 2 and no traceback."""
    with running("--after", "5", "--", *words) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert re.search(sentence, err)
    assert "Traceback" not in err
