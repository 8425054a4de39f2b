"""`diag top`: a live view of a running process, judged anew every two seconds."""

import signal
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from diag.arguments import Process, Seconds
from diag.commands._tables import short
from diag.commands._top_looks import Limits

if TYPE_CHECKING:
    from diag.commands._top_state import History
    from diag.recording import Target
    from diag.watching import Look

HELP = """Watch a running Python process: what is wrong with it, CPU, tasks, and the functions at work.

PID is the process, or NAME a name or part of its command line that only it has; its children are watched with it. It
needs no change and is never stopped, written to or injected into.

Every look measures the process and judges it as `diag inspect` does. On a terminal the view fills the screen: q quits,
? tells the other keys. Elsewhere each look is a line.

\b
Exit code: 0 at the end (q, Ctrl-C, --seconds, --count), 2 where it could not
be measured, or has ended. Docs: docs/top.md."""


@click.command("top", help=HELP)
@click.argument("pid", metavar="PID|NAME", type=Process())
@click.option(
    "--interval",
    type=Seconds(min=1, max=60),
    default=2.0,
    show_default=True,
    metavar="S",
    help="From one look to the next.",
)
@click.option("--seconds", type=Seconds(min=0.1), metavar="S", help="End after so long.")
@click.option("--count", type=click.IntRange(min=1), metavar="N", help="End after so many looks.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["screen", "text", "json"]),
    help="A full screen, or a line a look.  [default: screen on a terminal, text elsewhere]",
)
def command(pid: int, interval: float, seconds: float | None, count: int | None, form: str | None) -> int:
    """Watch until the end."""
    from rich.console import Console

    from diag.commands._top_screen import Screen
    from diag.target import describe
    from diag.watching import Watcher

    target = describe(pid)  # what cannot be observed is told as by the other commands
    console = Console()
    drawable = console.is_terminal and not console.is_dumb_terminal
    if form == "screen" and not drawable:
        raise click.UsageError("--format screen needs a terminal; text and json go anywhere.")
    # Ended by a supervisor, the terminal is given back, and the sampler ends as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    watcher = Watcher(pid, interval)
    limits = Limits(watcher, seconds, count)
    try:
        if form == "screen" or (form is None and drawable):
            Screen(console, limits, subject(target)).show()
        else:
            _print_lines(limits, form)
    except KeyboardInterrupt:
        pass
    finally:
        watcher.stop()
    return 0


def subject(target: "Target") -> str:
    """Name a process, with its command in short."""
    program, *words = target.command or ("?",)
    return " ".join([f"process {target.pid}:", program.rpartition("/")[2], *map(short, words)])


def _print_lines(limits: Limits, form: str | None) -> None:
    """Print a line a look."""
    import json

    from diag.commands._top_state import History
    from diag.commands._top_view import line

    history = History("")
    for look in _looks(limits):
        history.add(look)
        text = json.dumps(as_json(history), ensure_ascii=False) if form == "json" else line(history)
        click.echo(text)
        sys.stdout.flush()


def _looks(limits: Limits) -> Iterator["Look"]:
    """Look until the end, with objects by type left out."""
    while look := limits.watcher.look():
        yield look
        if not limits.counted():
            return


def as_json(history: "History") -> dict[str, Any]:
    """Give the JSON of the newest look (schema 1): the diagnosis as `inspect` has it, and what is beside it."""
    import msgspec

    look = history.looks[-1]
    fields: dict[str, Any] = msgspec.to_builtins(look)
    fields.pop("types")
    return {
        "schema": 1,
        "pid": look.diagnosis.target.pid,
        "verdict": look.verdict,
        "held_seconds": history.held,
        **fields,
    }
