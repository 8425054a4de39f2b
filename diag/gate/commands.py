"""Runs a command to its end, within a time; whatever it started is gone afterwards."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from diag.errors import HotloopError

GRACE = 15.0
"""Seconds that a command has to end in order, once it is asked to."""

_LAST_WORDS = 200
"""Characters of its last line that are told."""


def run(  # noqa: PLR0913 - what a process has
    command: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    limit: float,
    log: Path,
    told: str,
) -> None:
    """Run a command.

    Args:
        command: the program and its arguments.
        folder: its working directory.
        environment: all its variables.
        limit: seconds that it may take.
        log: file for what it writes.
        told: where it runs, for the errors.

    Raises:
        HotloopError: it could not be started, failed, or took too long.
    """
    with log.open("wb") as stream:
        try:
            process = subprocess.Popen(
                command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=stream,
                stderr=subprocess.STDOUT, process_group=0,
            )  # fmt: skip
        except OSError as error:
            raise HotloopError(f"{command[0]} could not be run in {told}: {error.strerror}.") from error
    try:
        code = process.wait(limit)
    except subprocess.TimeoutExpired:
        raise HotloopError(
            f"The command took longer than {limit:g} s in {told}: allow more with --run-limit, or let it do less."
        ) from None
    finally:
        _end(process)
    if code != 0:
        how = f"ended by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        raise HotloopError(f"The command failed in {told} ({how}): {_last_words(log)}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End it in order, then by force, with what is left of its group."""
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_words(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1].strip()[:_LAST_WORDS] if lines else "it said nothing."
