"""Processes that live tests observe: bounded, and gone at the end."""

import contextlib
import json
import select
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from repro.bounds import bounded

TARGETS = Path(__file__).parent / "targets"
MEMORY = 512 << 20
DEADLINE = 30.0


class Started(NamedTuple):
    """A target that said it is ready."""

    pid: int
    said: dict[str, Any]
    """What it printed: a line of JSON."""
    process: "subprocess.Popen[str]"


@contextlib.contextmanager
def started(
    python: str, target: str, *arguments: str, memory: int = MEMORY, deadline: float = DEADLINE
) -> Iterator[Started]:
    """Run a target script until the block ends; the block starts when it has printed its line."""
    command = [python, str(TARGETS / target), *arguments]
    with subprocess.Popen(
        bounded(command, memory=memory, deadline=deadline), stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], deadline)
            line = process.stdout.readline() if ready else ""
            assert line, f"{command} ended before it was ready"
            yield Started(process.pid, json.loads(line), process)
        finally:
            process.kill()
