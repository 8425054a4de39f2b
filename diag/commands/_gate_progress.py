"""Progress while two revisions are measured by turns: on standard error, a bar on a terminal, else a line a run."""

import contextlib
import time
from collections.abc import Callable, Iterator

import click

Tell = Callable[[int, str], None]
"""Told how many runs are over, and what is being done."""


@contextlib.contextmanager
def shown(runs: int, clock: Callable[[], float] = time.monotonic) -> Iterator[Tell]:
    """Show how many of `runs` are over, what is being done and how long the rest takes; gives what to tell."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console, begun = Console(stderr=True), clock()

    def left(over: int) -> str:
        return f", about {_span((clock() - begun) / over * (runs - over))} left" if over else ""

    if not console.is_terminal:

        def say(over: int, doing: str) -> None:
            click.echo(f"{over}/{runs} {doing}{left(over)}", err=True)

        yield say
        return
    columns = (BarColumn(20), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=runs)

        def tell(over: int, doing: str) -> None:
            progress.update(task, completed=over, description=f"{doing}{left(over)}")

        yield tell


def _span(seconds: float) -> str:
    """Write a length of time."""
    return f"{seconds / 60:.0f} min" if seconds >= 90 else f"{seconds:.0f} s"  # noqa: PLR2004 - a minute and a half
