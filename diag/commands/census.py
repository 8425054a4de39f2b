"""`diag census`: the asyncio tasks, or the objects of every type, of a running process, counted without an agent."""

import itertools
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import click

from diag.arguments import Process, Seconds
from diag.commands import _census_tasks, _census_types

if TYPE_CHECKING:
    from rich.console import Group

    from diag.recording import Census

_PERIOD = 2.0
"""Seconds between two looks of --watch."""

_ROWS = 30

Look = TypeVar("Look")


@dataclass(frozen=True, slots=True)
class Kind(Generic[Look]):
    """A kind of census."""

    take: Callable[[int, float], Look]
    """Looks at a process, at a number of seconds since the first look."""
    as_json: Callable[[Look, Look | None], dict[str, Any]]
    render: Callable[[Look, Look | None, int], "Group"]


@click.command(
    epilog="Reads the memory of the process; it is not stopped, written to or injected into. CPython 3.8-3.15,"
    " 64 bits, release builds with a GIL. Docs: docs/census.md."
)
@click.argument("pid", metavar="PID|NAME", type=Process())
@click.option(
    "--by",
    type=click.Choice(["coroutine", "type"]),
    default="coroutine",
    show_default=True,
    help="Count asyncio tasks by coroutine, or all objects by type.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="A table, or a line of JSON a look.",
)
@click.option(
    "--watch",
    is_flag=False,
    flag_value=_PERIOD,
    type=Seconds(min=0.1),
    metavar="[SECONDS]",
    help=f"Look again and again, with the growth per second, until Ctrl-C. [{_PERIOD:g} seconds]",
)
@click.option(
    "--rows",
    type=click.IntRange(min=0),
    default=_ROWS,
    show_default=True,
    metavar="N",
    help="Rows of the table; 0 for all.",
)
def command(pid: int, by: str, form: str, watch: float | None, rows: int) -> None:
    """Count the asyncio tasks of a process by coroutine, or its objects by type.

    PID is the process, or NAME a name or part of its command line that only it has.

    Of tasks it tells how many run each coroutine, whether they are pending or done, where they wait and for what; and
    how many tasks the process has created so far. Of objects it tells how many of each type there are, in any
    Python process; with --watch those that grow the most come first.
    """
    try:
        if by == "type":
            _show(Kind(_types, _census_types.as_json, _census_types.render), pid, form, watch, rows)
        else:
            _show(Kind(_tasks, _census_tasks.as_json, _census_tasks.render), pid, form, watch, rows)
    except KeyboardInterrupt:
        if watch is None:
            raise


def _tasks(pid: int, at: float) -> "Census":
    from diag.collectors.census import take

    return take(pid, at=at)


def _types(pid: int, at: float) -> _census_types.Objects:
    from diag.collectors.types import count

    began = time.perf_counter()
    counts = {row.type: row.count for row in count(pid)}
    return _census_types.Objects(pid, at, counts, time.perf_counter() - began)


def _show(kind: Kind[Look], pid: int, form: str, period: float | None, rows: int) -> None:
    """Look, and print each look."""
    looks = _looks(kind, pid, period)
    if form == "json":
        _print_json(kind, looks)
    else:
        _print_text(kind, looks, rows, live=period is not None)


def _looks(
    kind: Kind[Look], pid: int, period: float | None, sleep: Callable[[float], None] = time.sleep
) -> Iterator[tuple[Look, Look | None]]:
    """Look once, or every `period` seconds; give each look with the one before."""
    from diag.target import describe

    describe(pid)  # what cannot be observed is told as by the other commands
    began = time.monotonic()
    before = None
    for number in itertools.count(1):
        look = kind.take(pid, time.monotonic() - began)
        yield look, before
        if period is None:
            return
        before = look
        sleep(max(0.0, began + number * period - time.monotonic()))


def _print_json(kind: Kind[Look], looks: Iterator[tuple[Look, Look | None]]) -> None:
    import json
    import sys

    for look, before in looks:
        click.echo(json.dumps(kind.as_json(look, before), ensure_ascii=False))
        sys.stdout.flush()


def _print_text(
    kind: Kind[Look], looks: Iterator[tuple[Look, Look | None]], rows: int, *, live: bool
) -> None:
    """Print a table a look; on a terminal each takes the place of the one before."""
    from rich.console import Console
    from rich.live import Live

    console = Console()
    if not (live and console.is_terminal):
        for look, before in looks:
            with console.capture() as drawn:
                console.print(kind.render(look, before, rows))
            click.echo(drawn.get(), nl=False)
        return
    with Live(console=console, auto_refresh=False) as screen:
        for look, before in looks:
            screen.update(kind.render(look, before, rows), refresh=True)
