"""`diag census`: the asyncio tasks of a running process, counted without an agent."""

import itertools
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import click

from diag.arguments import Pid, Seconds

if TYPE_CHECKING:
    from rich.console import Group

    from diag.recording import Census, TaskGroup

_PERIOD = 2.0
"""Seconds between two looks of --watch."""

_NARROW = 40
"""Columns of a name or place at an 80-column terminal, beside state, count and growth."""


@click.command(
    epilog="Reads the memory of the process; it is not stopped, written to or injected into. CPython 3.8-3.15,"
    " 64 bits, release builds with a GIL."
)
@click.argument("pid", type=Pid())
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
def command(pid: int, form: str, watch: float | None) -> None:
    """Count the asyncio tasks of process PID by coroutine and state.

    Tells for each coroutine how many tasks run it, whether they are pending or done, and where it is defined; and
    how many tasks the process has created so far.
    """
    looks = _looks(pid, watch)
    try:
        if form == "json":
            _print_json(looks)
        else:
            _print_text(looks, live=watch is not None)
    except KeyboardInterrupt:
        if watch is None:
            raise


def _looks(
    pid: int, period: float | None, sleep: Callable[[float], None] = time.sleep
) -> Iterator[tuple["Census", "Census | None"]]:
    """Look once, or every `period` seconds; give each census with the one before."""
    from diag.collectors.census import take
    from diag.target import describe

    describe(pid)  # what cannot be observed is told as by the other commands
    began = time.monotonic()
    before = None
    for number in itertools.count(1):
        census = take(pid, at=time.monotonic() - began)
        yield census, before
        if period is None:
            return
        before = census
        sleep(max(0.0, began + number * period - time.monotonic()))


def growth(now: int | None, before: int | None, seconds: float) -> float | None:
    """Give the change per second; None where one of the counts is not known."""
    if now is None or before is None or seconds <= 0:
        return None
    return (now - before) / seconds


def as_json(census: "Census", before: "Census | None") -> dict[str, Any]:
    """Give the JSON of a look (schema 1); rates are null without a look before it."""
    import msgspec

    seconds = census.at - before.at if before else 0.0
    by_coroutine: dict[str, int] = {}
    for group in census.groups:
        if group.state != "done":
            by_coroutine[group.coroutine] = by_coroutine.get(group.coroutine, 0) + group.count
    return {
        "schema": 1,
        "pid": census.pid,
        "tasks": {
            "live": census.live,
            "done": sum(group.count for group in census.groups) - census.live,
            "created": census.created,
            "growth_per_second": growth(census.live, before.live if before else None, seconds),
            "created_per_second": growth(census.created, before.created if before else None, seconds),
            "by_coroutine": by_coroutine,
        },
        "groups": msgspec.to_builtins(census.groups),
        "seconds": round(census.seconds, 4),
    }


def _print_json(looks: Iterator[tuple["Census", "Census | None"]]) -> None:
    import json
    import sys

    for census, before in looks:
        click.echo(json.dumps(as_json(census, before), ensure_ascii=False))
        sys.stdout.flush()


def _print_text(looks: Iterator[tuple["Census", "Census | None"]], *, live: bool) -> None:
    """Print a table a look; on a terminal each takes the place of the one before."""
    from rich.console import Console
    from rich.live import Live

    console = Console()
    if not (live and console.is_terminal):
        for census, before in looks:
            with console.capture() as drawn:
                console.print(render(census, before))
            click.echo(drawn.get(), nl=False)
        return
    with Live(console=console, auto_refresh=False) as screen:
        for census, before in looks:
            screen.update(render(census, before), refresh=True)


def render(census: "Census", before: "Census | None") -> "Group":
    """Draw a look: a line with the totals, and a row a group; with growth if there is a look before it."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("coroutine", overflow="fold", ratio=1)
    table.add_column("state")
    table.add_column("count", justify="right")
    if before:
        table.add_column("per second", justify="right")
    table.add_column("defined in", overflow="fold", ratio=1)
    old = {_key(group): group.count for group in before.groups} if before else {}
    seconds = census.at - before.at if before else 0.0
    for group in census.groups:
        change = [_signed(growth(group.count, old.get(_key(group), 0), seconds))] if before else []
        row = [group.coroutine, group.state, f"{group.count:,}", *change, _place(group)]
        table.add_row(*(Text(_printable(cell)) for cell in row))
    summary = Text(_summary(census, before), style="bold")
    return Group(summary, table) if census.groups else Group(summary)


def _key(group: "TaskGroup") -> tuple[str, str, int, str]:
    return group.coroutine, group.file, group.line, group.state


def _summary(census: "Census", before: "Census | None") -> str:
    """Put the totals into a sentence."""
    if not census.groups:
        return f"process {census.pid}: no asyncio tasks"
    done = sum(group.count for group in census.groups) - census.live
    parts = [f"{census.live:,} live tasks" if census.live != 1 else "1 live task", f"{done:,} done"]
    if census.created is not None:
        parts.append(f"{census.created:,} created so far")
    totals = f"process {census.pid}: " + ", ".join(parts)
    if not before:
        return totals
    seconds = census.at - before.at
    live = _signed(growth(census.live, before.live, seconds))
    made = _signed(growth(census.created, before.created, seconds))
    return f"{totals}\nper second: {live} live, {made} created"


def _signed(rate: float | None) -> str:
    return "?" if rate is None else f"{rate:+,.0f}" if abs(rate) >= 1 or rate == 0 else f"{rate:+.1g}"


def _place(group: "TaskGroup") -> str:
    """Give file:line, the start of a long path left out."""
    if not group.file:
        return "?"
    place = f"{group.file}:{group.line}"
    return place if len(place) <= _NARROW else "…" + place[1 - _NARROW :]


def _printable(text: str) -> str:
    """Show characters that would steer the terminal as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
