"""`diag record`: measure a process and keep what was measured."""

import contextlib
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from diag.arguments import Pid, Seconds

if TYPE_CHECKING:
    from diag.recorder import Recorder
    from diag.recording import Recording

HELP = """Record CPU, demand, stacks and tasks of a running process.

PID is the process; its children are recorded with it. It needs no change and is never stopped, unless --pausing
is given.

The directory holds JSON, JSON Lines and speedscope files: open the latter at https://www.speedscope.app.
Ctrl-C ends the recording early and saves it. Docs: docs/record.md."""


@click.command("record", help=HELP)
@click.argument("pid", type=Pid())
@click.option(
    "-o",
    "--output",
    metavar="DIR",
    required=True,
    type=click.Path(path_type=Path),
    help="Directory to save in; a recording that is there is replaced.",
)
@click.option(
    "--seconds",
    type=Seconds(min=0.5, max=3600),
    default=10.0,
    show_default=True,
    metavar="S",
    help="How long to record.",
)
@click.option(
    "--rate",
    type=click.IntRange(min=1, max=1000),
    default=100,
    show_default=True,
    metavar="N",
    help="Looks at the stacks a second.",
)
@click.option(
    "--pausing",
    is_flag=True,
    help="Hold the process during each look: no look fails, but it costs 2 % of its time, and far more where no core is free.",
)
def command(pid: int, output: Path, seconds: float, rate: int, *, pausing: bool) -> int:
    """Record, save, and say where."""
    from diag import storage
    from diag.recorder import Recorder

    storage.check_directory(output)
    # Ended by a supervisor or by Ctrl-C, what was recorded is worth keeping.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Recorder(pid, stack_rate=rate, pausing=pausing) as recorder:
        interrupted = _conduct(recorder, seconds)
        recording = recorder.finish()
    storage.save(recording, output)
    for note in recording.notes:
        click.echo(f"note: {note}", err=True)
    if interrupted:
        click.echo(
            f"note: Interrupted after {recording.seconds:.1f} s; what was recorded is saved.", err=True
        )
    click.echo(f"{output}: {summary(recording)}")
    click.echo(f"hint: `diag diagnose {shlex.quote(str(output))}` judges it.", err=True)
    return 0


def summary(recording: "Recording") -> str:
    """Say in one line what a recording shows, from the time in which no stacks were sampled if there was any."""
    from diag import rates

    found = rates.rates(recording, undisturbed=True) or rates.rates(recording)
    live = rates.tasks_live(recording)
    created = rates.tasks_created(recording)
    parts = [f"{found.cores:.2f} cores, demand {found.demand:.2f}"] if found else ["CPU not measured"]
    parts.append("tasks not counted" if live is None else f"{live:,} task{'' if live == 1 else 's'}")
    if created is not None:
        parts[-1] += f" ({created:,.0f} created/s)"
    parts.append(f"{sum(len(stacks.samples) for stacks in recording.stacks):,} stack samples")
    return f"{', '.join(parts)} in {recording.seconds:.1f} s."


def _conduct(recorder: "Recorder", seconds: float) -> bool:
    """Go through the phases with progress on a terminal; whether it was interrupted."""
    from diag.observation import Prober
    from diag.recorder import conduct

    with _progress(recorder, seconds):
        try:
            with Prober(recorder, seconds):
                conduct(recorder, seconds)
        except KeyboardInterrupt:
            recorder.take_census()
            return True
    return False


@contextlib.contextmanager
def _progress(recorder: "Recorder", seconds: float) -> Iterator[None]:
    """Show on a terminal how far it is and what the process does."""
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return

    def line() -> Text:
        done = min(recorder.elapsed, seconds)
        memory = sum(reading.rss_bytes for reading in recorder.latest()) / 2**20
        filled = round(20 * done / seconds)
        bar = f"{'━' * filled}{'─' * (20 - filled)}"
        return Text(f"{bar} {done:4.1f} of {seconds:g} s  process {recorder.target.pid}, {memory:,.0f} MiB")

    with Live(get_renderable=line, console=console, transient=True, refresh_per_second=4):
        yield
