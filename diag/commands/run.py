"""`diag run`: starts a command, looks at the Python process in it, and ends it."""

import signal
import time
from typing import TYPE_CHECKING

import click

from diag.arguments import Seconds
from diag.commands import _answer
from diag.errors import HotloopError

if TYPE_CHECKING:
    from diag.family import Family

PATIENCE = 10.0
"""Seconds to wait for a Python process once the command has been up for the time asked for."""

_POLL = 0.05

HELP = """Start a command, and find out whether the Python process in it spins, storms, leaks, is blocked, or is fine.

CMD has this terminal: its input and output are its own, and the answer goes to standard error unless -o says
otherwise. When it is done, the command is ended with all that it has started; nothing else is.

\b
Exit code: the verdict's, not the command's: 0 healthy, 1 a verdict against
it, 2 it could not be measured.
Example: diag run --after 5 -- python -m shop --port 8000
Docs: docs/diag-run.md."""


@click.command(
    "run", help=HELP, context_settings={"allow_interspersed_args": False, "ignore_unknown_options": False}
)
@click.argument("words", metavar="CMD...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option(
    "--after",
    type=Seconds(min=0, max=3600),
    default=2.0,
    show_default=True,
    metavar="S",
    help="How long the command is up before it is looked at: start-up work is over by then.",
)
@click.option(
    "--seconds",
    type=Seconds(min=0.5, max=3600),
    default=3.0,
    show_default=True,
    metavar="S",
    help="How long to look.",
)
@_answer.options
@click.option("--leave", is_flag=True, help="Let the command go on when it is done.")
def command(
    words: tuple[str, ...], after: float, seconds: float, form: str | None, output: str | None, *, leave: bool
) -> int:
    """Start, wait, measure, end, judge, answer."""
    from diag.diagnosis import diagnose
    from diag.family import Family
    from diag.observation import observe

    to = _answer.destination(form, output, "diagnosis", stream="stderr")
    # Ended by a supervisor, it takes the command with it.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    family = Family(words, tied=not leave)
    done = False
    try:
        pid = _await_python(family, after)
        say(f"looking at process {pid} for {seconds:g} s")
        recording = observe(pid, seconds)
        done = True
    finally:
        # Left alone only where all went well: who is interrupted wants it over.
        if not (leave and done):
            _end(family)
    if leave and not family.ended:
        say(f"process {family.pid} goes on")
    return _answer.give(diagnose(recording), recording, to)


def say(sentence: str) -> None:
    """Tell on standard error what happens, apart from the command's own words."""
    click.echo(f"diag: {sentence}", err=True)


def _await_python(family: "Family", after: float) -> int:
    """Wait until the command has been up for a time and a Python process is there."""
    while True:
        if how := family.ended:
            raise HotloopError(
                f"The command ended {how} after {family.seconds:.1f} s, before it was looked at: give a smaller "
                "--after (0 looks at once), or one that runs for longer."
            )
        if family.seconds >= after:
            if (pid := family.python()) is not None:
                return pid
            if family.seconds >= after + PATIENCE:
                raise HotloopError(
                    f"The command has started no Python process that can be observed in {family.seconds:.0f} s."
                )
        time.sleep(_POLL)


def _end(family: "Family") -> None:
    """End the command, and say where that took force."""
    if not family.end():
        say("the command did not end when it was asked to (SIGTERM) and was killed")
