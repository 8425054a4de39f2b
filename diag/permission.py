"""Why a process may not be looked at, and what lets one look: the kernel's rules, in a sentence.

Reading another process's memory takes what ptrace takes (man 2 ptrace, "Ptrace access mode checking"): the same user and
no fewer capabilities, or CAP_SYS_PTRACE; the Yama module and seccomp filters forbid more.
"""

import ctypes
import errno
import os
import pwd
from pathlib import Path
from typing import NamedTuple

from diag.collectors.proc import Proc

_CAP_SYS_PTRACE = 1 << 19
"""linux/capability.h."""

DOCS = "docs/permissions.md"


class Observer(NamedTuple):
    """Who looks, and from where."""

    user: int
    """Effective."""
    capabilities: int
    """Effective, a bit each as in linux/capability.h."""
    filtered: bool
    """Whether a seccomp filter restricts its system calls."""
    container: str
    """"docker" (or its like), "kubernetes", or "" for none that can be told."""
    ptrace_scope: str
    """kernel.yama.ptrace_scope; "" without Yama."""

    @property
    def may_trace(self) -> bool:
        """Whether it has the capability that goes before user and Yama."""
        return bool(self.capabilities & _CAP_SYS_PTRACE)


def this_observer() -> Observer:
    """Describe this very process."""
    fields = dict(
        line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":" in line
    )
    return Observer(
        user=os.geteuid(),
        capabilities=int(fields.get("CapEff", "0"), 16),
        filtered=fields.get("Seccomp", "0").strip() == "2",
        container=_container(),
        ptrace_scope=_line("/proc/sys/kernel/yama/ptrace_scope"),
    )


def forbidden(proc: Proc, pid: int, observer: Observer | None = None, *, by: str = "") -> str:
    """Say which rule stands in the way of looking at a process, and the way out.

    Args:
        proc: where processes are read.
        pid: the process.
        observer: who looks; this process.
        by: with what it looks, if that is a program of its own.
    """
    observer = observer or this_observer()
    why, way = _refused_anyway(observer) if observer.may_trace else _lacking(_owner(proc, pid), observer)
    return f"Process {pid} may not be looked at{by and f' by {by}'}: {why}; {way} ({DOCS})."


def missing(proc: Proc, pid: int, observer: Observer | None = None) -> str:
    """Say that there is no process of a number, as far as can be seen."""
    observer = observer or this_observer()
    if proc.root == "/proc" and _exists(pid):
        return hidden(pid)
    what = f"There is no process {pid}: it has ended, or"
    if observer.container == "kubernetes":
        return (
            f"{what} it is of another container, which `kubectl debug --target=CONTAINER` or shareProcessNamespace: true "
            f"shows ({DOCS}); `pgrep -af python` lists some."
        )
    if observer.container:
        return (
            f"{what} it is outside of this container, which `docker run --pid container:NAME` or `--pid host` shows "
            f"({DOCS}); `pgrep -af python` lists some."
        )
    return f"{what} that is its number inside of a container; `pgrep -af python` lists some."


def hidden(pid: int) -> str:
    """Say that a process is there but not to be seen."""
    return (
        f'Process {pid} is another user\'s, and /proc is mounted to hide those (hidepid); run `sudo "$(command -v diag)" '
        f"...` ({DOCS})."
    )


def filtered(pid: int, number: int, observer: Observer | None = None) -> str:
    """Say why the system call that reads memory fails although the process may be looked at.

    Args:
        pid: the process.
        number: the failure's errno.
        observer: who looks; this process.
    """
    observer = observer or this_observer()
    if not observer.filtered:
        why = "this kernel lacks process_vm_readv (CONFIG_CROSS_MEMORY_ATTACH)"
        return f"The memory of process {pid} may not be read: {why}: {os.strerror(number)}."
    return (
        f"The memory of process {pid} may not be read: a seccomp filter, such as that of a container, forbids "
        "process_vm_readv; start the container with `--cap-add SYS_PTRACE` or `--security-opt seccomp=unconfined` "
        f"(Kubernetes: securityContext.seccompProfile.type: Unconfined) ({DOCS})."
    )


def copying_fails(pid: int, address: int) -> int:
    """Try to copy a byte out of a process; give the errno if the system call is refused, 0 if it is not."""
    libc = ctypes.CDLL(None, use_errno=True)
    byte = ctypes.create_string_buffer(1)
    local = (ctypes.c_void_p * 2)(ctypes.addressof(byte), 1)
    remote = (ctypes.c_void_p * 2)(address, 1)
    if libc.process_vm_readv(pid, local, ctypes.c_ulong(1), remote, ctypes.c_ulong(1), ctypes.c_ulong(0)) < 0:
        number = ctypes.get_errno()
        return number if number in {errno.EPERM, errno.EACCES, errno.ENOSYS} else 0
    return 0


def user_name(number: int) -> str:
    """Name a user; a number where this system does not know the name (containers)."""
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _refused_anyway(observer: Observer) -> tuple[str, str]:
    """Give the rule that goes before the capability, and the way out."""
    if observer.ptrace_scope == "3":
        return "kernel.yama.ptrace_scope is 3, which forbids it to everybody", "a lower value takes a reboot"
    why = (
        "the kernel refuses although CAP_SYS_PTRACE is there, as for a process of a user namespace outside of this one, "
        "or where SELinux or AppArmor protects it"
    )
    return why, "run as root on the machine itself, outside of containers"


def _lacking(owner: int | None, observer: Observer) -> tuple[str, str]:
    """Give the rule for those without the capability, and the way out."""
    way = _way(observer)
    if observer.user == 0:
        return "this root has no CAP_SYS_PTRACE", way
    if owner is not None and owner != observer.user:
        return f"it belongs to {user_name(owner)}, not to {user_name(observer.user)}", way
    if observer.ptrace_scope == "1":
        why = "kernel.yama.ptrace_scope is 1, which lets only a process's ancestors look"
        return why, f"{way}, or allow it to all of a user by `sudo sysctl kernel.yama.ptrace_scope=0`"
    if observer.ptrace_scope in {"2", "3"}:
        return f"kernel.yama.ptrace_scope is {observer.ptrace_scope}", way
    return "it has changed its user, or has capabilities that you have not", way


def _way(observer: Observer) -> str:
    """Say how to get the capability."""
    if observer.container:
        return _beside(observer)
    if observer.user == 0:
        return "add it: `docker run --cap-add SYS_PTRACE`, in Kubernetes securityContext.capabilities.add: [SYS_PTRACE]"
    return 'run `sudo "$(command -v diag)" ...`'


def _beside(observer: Observer) -> str:
    """Say how to look at a container from another one beside it."""
    if observer.container == "kubernetes":
        return (
            "use `kubectl debug -it POD --image=IMAGE --target=CONTAINER --profile=general -- diag ...`, or add "
            "SYS_PTRACE to the container's securityContext.capabilities"
        )
    return (
        "use `docker run --pid container:NAME --cap-add SYS_PTRACE IMAGE diag ...`, or start the container itself with "
        "`--cap-add SYS_PTRACE`"
    )


def _owner(proc: Proc, pid: int) -> int | None:
    """Give the user of a process: the directory in /proc belongs to root for one that is protected from its user."""
    try:
        lines = proc.read(pid, "status").splitlines()
        return next(int(line.split()[2]) for line in lines if line.startswith(b"Uid:"))
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _exists(pid: int) -> bool:
    """Whether the kernel knows a process that /proc does not show; nothing is sent to it."""
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False
    return False  # it has just begun


def _container() -> str:
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    marks = ("/.dockerenv", "/run/.containerenv")
    return "docker" if any(Path(mark).exists() for mark in marks) else ""


def _line(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
