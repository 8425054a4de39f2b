"""Processes checked and described."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from made_proc import MadeProc

from diag.collectors.proc import Proc
from diag.errors import HotloopError
from diag.interpreter import Interpreter, identify
from diag.target import describe, is_python


def with_files(
    root: Path, pid: int, *, memory: bytes = b"", program: str = "/opt/app", maps: str = ""
) -> Proc:
    """Write a process with memory, a program and mappings, and what describes them."""
    MadeProc(root).process(pid)
    place = root / str(pid)
    (place / "mem").write_bytes(memory)
    (place / "maps").write_text(maps)
    (place / "cmdline").write_bytes(b"app\0--port\0" + b"80\0")
    (place / "exe").symlink_to(program)
    (place / "ns" / "mnt").symlink_to("mnt:[1]")
    (place / "root").symlink_to("/")
    (root / "stat").write_text("cpu 1 2 3\nbtime 1700000000\n")
    return Proc(str(root))


def mapping(start: int, end: int, permissions: str, path: str = "") -> str:
    """Write a line of /proc/PID/maps."""
    return f"{start:08x}-{end:08x} {permissions} 00000000 fe:00 {7 if path else 0}   {path}".rstrip() + "\n"


VERSION = b"3.11.7 (main, May  9 2026, 07:35:25) [GCC 12.2.0]"


def test_this_process_is_described() -> None:
    """Pid, command, program, user and version are those of this interpreter."""
    found = describe(os.getpid())
    assert found.pid == os.getpid()
    assert found.executable == str(Path(sys.executable).resolve())
    assert found.version == sys.version.split()[0]
    assert (found.implementation, found.root) == ("CPython", "/")
    assert found.command[0].endswith(Path(sys.orig_argv[0]).name)
    assert 0 < time.time() - found.created < 86400


def test_the_version_is_read_from_static_data(tmp_path: Path) -> None:
    """It stands in the anonymous memory right behind the interpreter's own, whatever the program is called."""
    maps = (
        mapping(0, 64, "rw-p")
        + mapping(64, 128, "r-xp", "/opt/app")
        + mapping(128, 192, "rw-p", "/opt/app")
        + mapping(192, 512, "rw-p")
        + mapping(600, 700, "rw-p")
    )
    proc = with_files(tmp_path, 7, memory=b"\0" * 200 + VERSION + b"\0" * 500, maps=maps)
    assert identify(proc, 7) == Interpreter("CPython", "3.11.7")
    found = describe(7, proc=proc)
    assert found.command == ("app", "--port", "80")
    assert found.created == 1700000000 + 500 / os.sysconf("SC_CLK_TCK")
    assert found.root == f"{tmp_path}/7/root"


def test_text_elsewhere_is_no_interpreter(tmp_path: Path) -> None:
    """A program that merely has the text in its heap is not Python."""
    maps = mapping(0, 64, "rw-p", "/opt/app") + mapping(100, 400, "rw-p")
    proc = with_files(tmp_path, 7, memory=b"\0" * 150 + VERSION + b"\0" * 300, maps=maps)
    assert identify(proc, 7) is None
    with pytest.raises(HotloopError, match=r"Process 7 \(app\) is not Python"):
        describe(7, proc=proc)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/usr/lib/libpython3.9.so.1.0", Interpreter("CPython", "3.9")),
        ("/usr/bin/python3.13", Interpreter("CPython", "3.13")),
        ("/opt/pypy/bin/libpypy3.10-c.so", Interpreter("PyPy", "3.10")),
        ("/usr/lib/libpython-helper.so", None),
    ],
)
def test_names_serve_where_memory_does_not(path: str, expected: Interpreter | None, tmp_path: Path) -> None:
    """A library or program of an interpreter's name is one, with the version that the name has."""
    program = path if ".so" not in path else "/opt/app"
    proc = with_files(tmp_path, 7, memory=b"\0" * 99, program=program, maps=mapping(0, 64, "r--p", path))
    assert identify(proc, 7) == expected


def test_pypy_is_refused(tmp_path: Path) -> None:
    """Its memory is laid out otherwise, and nothing is guessed."""
    text = b"3.10.14 (39dc8d3c85a7, Aug 27 2026, 14:33:33)\n[PyPy 7.3.17 with GCC 10.2.1]"
    maps = mapping(0, 256, "rw-p", "/opt/app")
    proc = with_files(tmp_path, 7, memory=text + b"\0" * 256, maps=maps)
    with pytest.raises(HotloopError, match="runs PyPy"):
        describe(7, proc=proc)


def test_a_process_that_has_gone(tmp_path: Path) -> None:
    """No such pid, and a zombie, are told apart."""
    with pytest.raises(HotloopError, match="There is no process 7"):
        describe(7, proc=Proc(str(tmp_path)))
    MadeProc(tmp_path).process(7, state="Z")
    with pytest.raises(HotloopError, match="zombie"):
        describe(7, proc=Proc(str(tmp_path)))
    assert not is_python(7, proc=Proc(str(tmp_path)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open what a mode forbids")
def test_a_process_that_may_not_be_looked_at(tmp_path: Path) -> None:
    """The sentence says so; `diag.permission` says why."""
    proc = with_files(tmp_path, 7)
    (tmp_path / "7" / "mem").chmod(0)
    with pytest.raises(HotloopError, match="Process 7 may not be looked at"):
        describe(7, proc=proc)


def test_a_wrapper_points_at_the_python_that_it_started() -> None:
    """`timeout` and its like are not Python; the sentence names the child that is."""
    code = "import time; print(flush=True); time.sleep(20)"
    command = ["/usr/bin/env", "timeout", "20", sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as wrapper:
        assert wrapper.stdout is not None
        wrapper.stdout.readline()
        try:
            with pytest.raises(HotloopError, match=r"\(timeout\) is not Python, but it started one: try \d+"):
                describe(wrapper.pid)
        finally:
            wrapper.terminate()
