"""`diag inspect`: is a running process spinning, storming, leaking, blocked or fine; where, why, what to do."""

import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diag.arguments import Process, Seconds
from diag.commands import _answer, _progress
from diag.errors import HotloopError

if TYPE_CHECKING:
    from diag.recording import Recording

HELP = """Find out whether a running Python process spins, storms, leaks, is blocked, or is fine; where and why.

PID is the process, or NAME a name or part of its command line that only it has; its children are looked at with it. It needs no change and is never stopped, written to or
injected into.

\b
Exit code: 0 healthy, 1 a verdict against it, 2 it could not be measured.
The JSON is stable ("schema": 1). Docs: docs/inspect.md."""


@click.command("inspect", help=HELP)
@click.argument("pid", metavar="PID|NAME", type=Process())
@click.option(
    "--seconds",
    type=Seconds(min=0.5, max=3600),
    default=3.0,
    show_default=True,
    metavar="S",
    help="How long to look.",
)
@_answer.options
@click.option(
    "--keep",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Save what was measured as well: `diag diagnose DIR` judges it again.",
)
def command(pid: int, seconds: float, form: str | None, output: str | None, keep: Path | None) -> int:
    """Measure, judge, answer."""
    from diag import storage
    from diag.diagnosis import diagnose
    from diag.observation import observe

    to = _answer.destination(form, output, f"diagnosis-{pid}")
    if keep is not None:
        storage.check_directory(keep)
    # Ended by a supervisor, the sampler is to end as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _progress.shown(f"process {pid}", seconds) as tell:
        recording = observe(pid, seconds, progress=tell)
        tell("judging", 0.0)
        diagnosis = diagnose(recording)
    unsaved = _saved(recording, keep)
    code = _answer.give(diagnosis, recording, to)
    if unsaved is not None:
        raise unsaved
    return code


def _saved(recording: "Recording", keep: Path | None) -> HotloopError | None:
    """Save if that is wanted; what stands in the way is told after the answer, which is not to be lost by it."""
    from diag import storage

    try:
        if keep is not None:
            storage.save(recording, keep)
    except HotloopError as error:
        return error
    return None
