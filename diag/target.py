"""Which process: found, checked and described, without running anything of it."""

import os
from pathlib import Path

from diag import permission
from diag.collectors.proc import Proc, Stat
from diag.errors import HotloopError
from diag.interpreter import Interpreter, identify
from diag.lookup import find
from diag.recording import Target

__all__ = ["describe", "find", "is_python"]


def describe(pid: int, *, proc: Proc | None = None) -> Target:
    """Check that a process is a Python that may be observed, and describe it.

    Raises:
        HotloopError: it is gone, no CPython, or may not be looked at; the text says what to do.
    """
    proc = proc or Proc()
    stat = _alive(proc, pid)
    command = _command(proc, pid)
    _check_permission(proc, pid)
    try:
        interpreter = identify(proc, pid) if command else None
    except PermissionError as error:
        raise HotloopError(permission.forbidden(proc, pid)) from error
    except OSError as error:
        raise HotloopError(permission.missing(proc, pid)) from error
    if interpreter is None:
        raise HotloopError(_not_python(proc, pid, command))
    if interpreter.implementation != "CPython":
        raise HotloopError(
            f"Process {pid} runs {interpreter.implementation}; only CPython's memory can be read, so only it "
            "can be observed."
        )
    return _target(proc, pid, stat, command, interpreter)


def is_python(pid: int, *, proc: Proc | None = None) -> bool:
    """Whether a process is a CPython that may be observed."""
    try:
        found = identify(proc or Proc(), pid)
    except OSError:
        return False
    return found is not None and found.implementation == "CPython"


def _target(proc: Proc, pid: int, stat: Stat, command: tuple[str, ...], interpreter: Interpreter) -> Target:
    """Put the description together."""
    try:
        return Target(
            pid=pid,
            created=_boot_time(proc) + stat.start_ticks / os.sysconf("SC_CLK_TCK"),
            command=command,
            executable=proc.link(pid, "exe").removesuffix(" (deleted)"),
            user=_user(proc, pid),
            implementation=interpreter.implementation,
            version=interpreter.version,
            root=_root(proc, pid),
        )
    except OSError as error:
        raise HotloopError(permission.missing(proc, pid)) from error


def _alive(proc: Proc, pid: int) -> Stat:
    """Read the state of a process that has not ended."""
    try:
        stat = proc.stat(pid)
    except PermissionError as error:
        raise HotloopError(permission.hidden(pid)) from error
    except (OSError, IndexError) as error:
        raise HotloopError(permission.missing(proc, pid)) from error
    if stat.ended:
        raise HotloopError(
            f"Process {pid} has ended and only waits for its parent {stat.parent} to notice (a zombie), so there "
            "is nothing to observe."
        )
    return stat


def _command(proc: Proc, pid: int) -> tuple[str, ...]:
    try:
        content = proc.read(pid, "cmdline").rstrip(b"\0")
    except OSError as error:
        raise HotloopError(permission.missing(proc, pid)) from error
    return tuple(word.decode(errors="replace") for word in content.split(b"\0")) if content else ()


def _check_permission(proc: Proc, pid: int) -> None:
    """Open the process's memory, for which the kernel asks the same permission as py-spy's attaching."""
    try:
        os.close(os.open(proc.path(pid, "mem"), os.O_RDONLY | os.O_CLOEXEC))
        maps = proc.read(pid, "maps")
    except PermissionError as error:
        raise HotloopError(permission.forbidden(proc, pid)) from error
    except OSError as error:
        raise HotloopError(permission.missing(proc, pid)) from error
    if proc.root == "/proc" and maps:
        # A filter of system calls may stand in the way of copying memory even so.
        number = permission.copying_fails(pid, int(maps.partition(b"-")[0], 16))
        if number:
            raise HotloopError(permission.filtered(pid, number))


def _not_python(proc: Proc, pid: int, command: tuple[str, ...]) -> str:
    """Say so, and name a Python among its descendants: `timeout`, `uv run` and shells wrap one."""
    name = Path(command[0]).name if command and command[0] else "a kernel thread"
    parents = proc.parents()
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    found = sorted(child for child in family - {pid} if is_python(child, proc=proc))
    if found:
        return f"Process {pid} ({name}) is not Python, but it started one: try {found[0]}."
    return f"Process {pid} ({name}) is not Python; `pgrep -af python` lists some that are."


def _user(proc: Proc, pid: int) -> str:
    """Name the owner."""
    try:
        number = Path(proc.path(pid)).stat().st_uid
    except OSError as error:
        raise HotloopError(permission.missing(proc, pid)) from error
    return permission.user_name(number)


def _boot_time(proc: Proc) -> float:
    """Read when the system was started, in seconds since the epoch."""
    for line in (Path(proc.root) / "stat").read_text().splitlines():
        if line.startswith("btime "):
            return float(line.split()[1])
    return 0.0


def _root(proc: Proc, pid: int) -> str:
    """Give the path under which the process's files are found from here."""
    try:
        if proc.link(pid, "ns/mnt") != os.readlink("/proc/self/ns/mnt"):  # noqa: PTH115 - no file, only its name
            return proc.path(pid, "root")
    except OSError:
        return proc.path(pid, "root")
    return proc.link(pid, "root")
