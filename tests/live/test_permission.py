"""Processes that may not be looked at, for real: one sentence, exit code 2, no traceback."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from repro.bounds import bounded

FOLDER = str(Path(__file__).parent)

TRUE = shutil.which("true") or "true"
SLEEPER = "import time; print(flush=True); time.sleep(30)"

NOBODY = "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534)"
FILTERED = f"import sys; sys.path.insert(0, {FOLDER!r}); import filtered; filtered.forbid_copying()"

# What is imported late is no longer readable for another user: a first census imports it all.
CODE = """import os, sys, diag.cli
diag.cli.run("diag", ["census", str(os.getpid())])
{first}
raise SystemExit(diag.cli.run("diag", ["census", sys.argv[1]]))"""

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user, or mount")


def census(pid: int, first: str = "pass", *wrapper: str) -> tuple[int, str]:
    """Run `diag census`, after some code that restricts it; give its exit code and what it said of a failure."""
    command = [*wrapper, sys.executable, "-c", CODE.format(first=first), str(pid)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture
def sleeper() -> Iterator[int]:
    """Run a Python that sleeps."""
    with running(sys.executable) as process:
        yield process.pid
        process.kill()


def running(python: str) -> "subprocess.Popen[bytes]":
    """Start a Python that sleeps, and wait until it does."""
    process = subprocess.Popen(
        bounded([python, "-c", SLEEPER], memory=512 << 20, deadline=30), stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


@as_root
def test_another_user(sleeper: int) -> None:
    """Whose process it is, and whose we are."""
    code, said = census(sleeper, NOBODY)
    assert code == 2
    assert f"Process {sleeper} may not be looked at: it belongs to root, not to nobody; " in said


@as_root
def test_root_without_the_capability(sleeper: int) -> None:
    """As in a container."""
    if not shutil.which("setpriv"):
        pytest.skip("needs setpriv")
    code, said = census(sleeper, "pass", "setpriv", "--bounding-set", "-sys_ptrace")
    assert code == 2
    assert "this root has no CAP_SYS_PTRACE" in said


def test_a_filter_of_system_calls(sleeper: int) -> None:
    """The process may be looked at, but not by the system call that it takes."""
    code, said = census(sleeper, FILTERED)
    assert code == 2
    assert "a seccomp filter, such as that of a container, forbids process_vm_readv" in said


@as_root
@pytest.mark.parametrize("hidepid", [1, 2])
def test_a_proc_that_hides_others(hidepid: int, sleeper: int) -> None:
    """The process is there, though /proc does not show it."""
    mount = f"import subprocess; subprocess.run(['mount', '-t', 'proc', '-o', 'hidepid={hidepid}', 'proc', '/proc'], check=True)"
    if not shutil.which("unshare"):
        pytest.skip("needs unshare")
    code, said = census(sleeper, f"{mount}; {NOBODY}", "unshare", "--mount")
    assert code == 2
    assert f"Process {sleeper} is another user's, and /proc is mounted to hide those" in said


def test_a_zombie() -> None:
    """Its parent has still to notice."""
    with subprocess.Popen([TRUE]) as process:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        code, said = census(process.pid)
    assert code == 2
    assert f"Process {process.pid} has ended and only waits for its parent {os.getpid()}" in said


@pytest.mark.skipif(not shutil.which("pypy3"), reason="needs PyPy")
def test_another_python() -> None:
    """PyPy keeps its objects in another way."""
    with running("pypy3") as process:
        code, said = census(process.pid)
        process.kill()
    assert code == 2
    assert f"Process {process.pid} runs PyPy; " in said


def test_a_process_that_has_gone() -> None:
    """Its number is free."""
    with subprocess.Popen([TRUE]) as process:
        process.wait()
    code, said = census(process.pid)
    assert code == 2
    assert f"There is no process {process.pid}" in said
