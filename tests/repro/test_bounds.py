"""Limits hold for a process that listens to nobody."""

import os
import signal
import subprocess
import sys

import psutil

from repro.bounds import bounded

MIB = 1 << 20
SPIN = "while True: pass"


def run(code: str, *, memory: int = 256 * MIB, deadline: float = 20, nice: int = 0) -> subprocess.Popen[str]:
    """Start Python code under limits."""
    command = bounded([sys.executable, "-c", code], memory=memory, deadline=deadline, nice=nice)
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_the_deadline_ends_a_spin() -> None:
    """A loop without end is ended by its alarm."""
    with run(SPIN, deadline=0.3) as process:
        assert process.wait(timeout=20) == -signal.SIGALRM


def test_address_space_is_bounded() -> None:
    """Memory far over the limit cannot be had."""
    with run("bytearray(8 << 30)", memory=256 * MIB) as process:
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "MemoryError" in errors


def test_it_runs_nicely() -> None:
    """The niceness asked for is the command's."""
    with run("import os; print(os.nice(0))", nice=7) as process:
        said, _ = process.communicate(timeout=20)
    assert int(said) == os.nice(0) + 7


def test_it_dies_with_its_parent() -> None:
    """When the parent is killed the kernel kills the child, however busy it is."""
    parent = f"""
import subprocess, sys, time
from repro.bounds import bounded
child = subprocess.Popen(bounded([sys.executable, "-c", {SPIN!r}], memory={256 * MIB}, deadline=20))
print(child.pid, flush=True)
time.sleep(20)
"""
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        child = psutil.Process(int(process.stdout.readline()))
        process.kill()
    _, alive = psutil.wait_procs([child], timeout=10)
    assert not alive


def test_an_orphan_does_not_start() -> None:
    """Where the named parent is not the parent any more, the command is not run."""
    command = bounded([sys.executable, "-c", SPIN], memory=256 * MIB, deadline=20, parent=1)
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1
    assert "is gone" in done.stderr
