"""The limits every process of a reproduction runs under, so that a spin or a leak never takes the machine.

`python -m repro.bounds --memory BYTES --deadline SECONDS [--nice N] -- COMMAND...` sets them and becomes
COMMAND. All are kept by the kernel, so they hold for a process that no longer listens to anybody:

- it dies with its parent (`PR_SET_PDEATHSIG`);
- an alarm that survives `exec` ends it at its deadline (SIGALRM);
- its address space is bounded (`RLIMIT_AS`). The limit on resident memory itself is watched by the runner,
  which can say why it ended the process; this one is the floor under it.
"""

import argparse
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Sequence

ADDRESS_SPACE_HEADROOM = 3 << 30
"""Bytes of address space above the memory limit: mapped libraries, thread stacks and arenas that are never
touched. An idle log server maps about 1 GiB and holds 0.1 GiB."""

_PR_SET_PDEATHSIG = 1


def bind(parent: int, *, memory: int | None = None, deadline: float | None = None) -> None:
    """Put the calling process under limits; a forked child calls it anew, for an alarm is not inherited.

    Args:
        parent: pid of the process to die with; where it is gone already, this one ends at once.
        memory: limit on resident memory, in bytes.
        deadline: seconds until the alarm.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent:
        sys.exit(f"the parent process {parent} is gone")
    if memory is not None:
        ceiling = memory + ADDRESS_SPACE_HEADROOM
        resource.setrlimit(resource.RLIMIT_AS, (ceiling, ceiling))
    if deadline is not None:
        signal.setitimer(signal.ITIMER_REAL, deadline)


def bounded(
    command: Sequence[str], *, memory: int, deadline: float, nice: int = 0, parent: int | None = None
) -> list[str]:
    """Give the command line that runs `command` under limits, as a child of this process."""
    return [
        *(sys.executable, "-m", "repro.bounds", "--parent", str(parent or os.getpid())),
        *("--memory", str(memory), "--deadline", str(deadline), "--nice", str(nice), "--", *command),
    ]


def main() -> None:
    """Take limits and a command from the command line, and become the command."""
    parser = argparse.ArgumentParser(prog="python -m repro.bounds", description=__doc__.splitlines()[0])
    parser.add_argument("--parent", type=int, default=os.getppid(), help="pid to die with")
    parser.add_argument("--memory", type=int, required=True, help="bytes")
    parser.add_argument("--deadline", type=float, required=True, help="seconds")
    parser.add_argument("--nice", type=int, default=0, help="added to the niceness")
    parser.add_argument("command", nargs="+")
    arguments = parser.parse_args()
    bind(arguments.parent, memory=arguments.memory, deadline=arguments.deadline)
    os.nice(arguments.nice)
    os.execvp(arguments.command[0], arguments.command)  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
