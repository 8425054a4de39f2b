"""Processes found by what people call them, among real wrappers and workers."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from diag.lookup import AmbiguousError, find
from repro.bounds import bounded

SCRIPT = """
import os, sys, time
for _ in range(int(sys.argv[2])):
    if not os.fork():
        time.sleep(20)
        os._exit(0)
print(os.getpid(), flush=True)
time.sleep(20)
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """Write a script whose name no other process on this machine has."""
    path = tmp_path / f"shop_{os.getpid()}_{tmp_path.name[-4:]}.py"
    path.write_text(SCRIPT)
    return path


@contextlib.contextmanager
def running(*command: str) -> Iterator[tuple[int, int]]:
    """Run a command and give its own pid and that of the Python that it started; both end with the block."""
    with subprocess.Popen(
        bounded(command, memory=512 << 20, deadline=30), stdout=subprocess.PIPE, process_group=0
    ) as process:
        assert process.stdout is not None
        python = int(process.stdout.readline())
        try:
            yield process.pid, python
        finally:
            os.killpg(process.pid, 9)


@pytest.mark.parametrize(
    "wrapper",
    [
        ("timeout", "--foreground", "20"),
        ("sh", "-c", '"$@"; true', "sh"),
        ("timeout", "--foreground", "20", "sh", "-c", '"$@"; true', "sh"),
    ],
)
def test_wrappers(wrapper: tuple[str, ...], script: Path) -> None:
    """The wrapper's PID, the script's name, its path and a part of its command line lead to the Python."""
    program = shutil.which(wrapper[0])
    assert program
    with running(program, *wrapper[1:], sys.executable, str(script), "0", "0") as (outer, python):
        assert outer != python
        for text in (str(outer), str(python), script.name, script.stem, str(script), f"{script.name} 0"):
            assert find(text) == python


def test_workers(script: Path) -> None:
    """Forked children have the same command line; their parent is meant."""
    with running(sys.executable, str(script), "0", "3") as (_, python):
        assert find(script.name) == python


def test_workers_with_a_title_of_their_own(tmp_path: Path) -> None:
    """A copy of a process is its worker even if it has written another command line over its own, as gunicorn's do."""
    title = f"worker_{os.getpid()}_{tmp_path.name}"
    script = tmp_path / f"{title}.py"
    # The area of the command line is given a new text, as setproctitle does.
    renaming = """
def rename(pid, text):
    start = int(open("/proc/self/stat").read().rpartition(")")[2].split()[45])
    ctypes.memmove(start, text, len(text))
"""
    script.write_text(
        f"import ctypes{renaming}"
        + SCRIPT.replace("time.sleep(20)", f"rename(0, b'{title}.py copy\\0'); time.sleep(20)", 1)
    )
    with running(sys.executable, str(script), "0", "2") as (_, python):
        assert find(title) == python


def test_several(script: Path) -> None:
    """Two of a name are told with what tells them apart; a longer part of the command line finds one."""
    one = (sys.executable, str(script), "1", "0")
    with running(*one) as (first, _), running(*one[:2], "2", "0") as (second, _):
        with pytest.raises(AmbiguousError) as raised:
            find(script.name)
        assert {candidate.pid for candidate in raised.value.candidates} == {first, second}
        assert all(0 <= candidate.age < 60 for candidate in raised.value.candidates)
        assert find(f"{script.name} 2") == second


def test_the_shell_that_asks_is_not_meant(script: Path) -> None:
    """Nor is the command itself, though both have the text in their command lines."""
    ask = f"{sys.executable} -m diag inspect {script.name}; exit $?"
    sh = shutil.which("sh")
    assert sh
    done = subprocess.run([sh, "-c", ask], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert f"No Python process matches {script.name!r}" in done.stderr
    code = f"from diag.lookup import find; print(find({script.name!r}))"
    with running(sys.executable, str(script), "0", "0") as (_, python):
        done = subprocess.run(
            [sh, "-c", f'{sys.executable} -c "{code}"; true'],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert int(done.stdout) == python
