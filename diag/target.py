"""Which process: found, checked and described, without running anything of it."""

import os
import pwd
from pathlib import Path

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
    interpreter = identify(proc, pid)
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
    except FileNotFoundError as error:
        raise HotloopError(_gone(pid)) from error


def _alive(proc: Proc, pid: int) -> Stat:
    """Read the state of a process that has not ended."""
    try:
        stat = proc.stat(pid)
    except (OSError, IndexError) as error:
        raise HotloopError(_gone(pid)) from error
    if stat.ended:
        raise HotloopError(
            f"Process {pid} has ended and only waits for its parent {stat.parent} to notice (a zombie), so there "
            "is nothing to observe."
        )
    return stat


def _gone(pid: int) -> str:
    return f"There is no process {pid}: it has ended, or runs in another PID namespace; `pgrep -af python` lists some."


def _command(proc: Proc, pid: int) -> tuple[str, ...]:
    try:
        words = proc.read(pid, "cmdline").rstrip(b"\0").split(b"\0")
    except OSError as error:
        raise HotloopError(_gone(pid)) from error
    return tuple(word.decode(errors="replace") for word in words)


def _check_permission(proc: Proc, pid: int) -> None:
    """Open the process's memory, for which the kernel asks the same permission as py-spy's attaching."""
    try:
        os.close(os.open(proc.path(pid, "mem"), os.O_RDONLY | os.O_CLOEXEC))
        proc.read(pid, "maps")
    except PermissionError as error:
        raise HotloopError(_forbidden(proc, pid)) from error
    except OSError as error:
        raise HotloopError(_gone(pid)) from error


def _forbidden(proc: Proc, pid: int) -> str:
    """Say which of the kernel's rules stands in the way, and how to get past it."""
    owner = _user(proc, pid)
    ours = os.geteuid() == Path(proc.path(pid)).stat().st_uid
    if os.geteuid() == 0:
        why = "this root has no CAP_SYS_PTRACE"
    elif not ours:
        why = f"it belongs to {owner}"
    else:
        scope = _ptrace_scope()
        why = f"kernel.yama.ptrace_scope is {scope}" if scope not in {"", "0"} else "the kernel forbids it"
    return (
        f"Process {pid} may not be looked at: {why}; run with CAP_SYS_PTRACE (sudo; Docker: --cap-add SYS_PTRACE; "
        "Kubernetes: securityContext.capabilities.add: [SYS_PTRACE])."
    )


def _ptrace_scope() -> str:
    try:
        return Path("/proc/sys/kernel/yama/ptrace_scope").read_text().strip()
    except OSError:
        return ""


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
    """Name the owner; a number where this system does not know the name (containers)."""
    try:
        number = Path(proc.path(pid)).stat().st_uid
    except OSError as error:
        raise HotloopError(_gone(pid)) from error
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


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
