"""`repro view`: opens log views like browser tabs and counts what comes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec

from diag.arguments import Seconds
from diag.errors import HotloopError
from repro.kube.kinds import KIND_LABEL
from repro.viewers.addresses import base_address, parse_selector

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from repro.viewers.crowd import Plan
    from repro.viewers.summary import Summary
    from repro.viewers.watching import Audience

PLAIN_INTERVAL = 5.0
"""Seconds between two lines of progress where there is no terminal."""

TERMINAL_INTERVAL = 0.5

SECONDS = Seconds(min=0)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """The words of the call."""

    base: str
    variant: str
    namespace: str | None
    pods: tuple[str, ...]
    container: str | None
    labels: dict[str, str] | None
    views: int | None
    ramp: float
    seconds: float | None
    leave_after: float | None
    abruptly: bool
    stop_reading_after: float | None
    open_timeout: float
    expect: int | None
    format: Literal["text", "json"]
    output: Path | None
    on_enter: bool
    stay: bool


def _base(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    try:
        return base_address(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r}: {error}.") from None


def _labels(_context: click.Context, _parameter: click.Parameter, value: str | None) -> dict[str, str] | None:
    try:
        return None if value is None else parse_selector(value)
    except ValueError as error:
        raise click.BadParameter(f"{error}.") from None


def _output(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Tell of a place that cannot be written to before the run, not after it."""
    if value is not None and not os.access(value if value.exists() else value.parent, os.W_OK):
        raise click.BadParameter(f"{value} cannot be written to.")
    return value


@click.command(name="view")
@click.argument("base", metavar="URL", callback=_base)
@click.option("--variant", required=True, metavar="NAME", help="Variant of the log server to view through.")
@click.option(
    "-n", "--namespace", metavar="NAME", help="Namespace of the pods.  [default: default; with --kind, all]"
)
@click.option("--pod", "pods", multiple=True, metavar="NAME", help="Pod to view; repeatable.")
@click.option("-c", "--container", metavar="NAME", help="Container, where a pod has several.")
@click.option("--kind", metavar="KIND", help="View the pods of this kind, as the server lists them.")
@click.option(
    "-l", "--selector", "labels", metavar="LABEL=VALUE", callback=_labels, help="... with these labels."
)
@click.option(
    "--views",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many, over the pods in turn.  [default: one a pod]",
)
@click.option(
    "--ramp", type=SECONDS, metavar="S", default=0.0, help="Seconds over which to open them.  [default: 0]"
)
@click.option(
    "--seconds",
    type=SECONDS,
    metavar="S",
    help="Leave after so many seconds.  [default: when all have ended]",
)
@click.option("--leave-after", type=SECONDS, metavar="S", help="Each view leaves S seconds after opening.")
@click.option("--abruptly", is_flag=True, help="Leave without a close frame, as a killed browser does.")
@click.option(
    "--stop-reading-after", type=SECONDS, metavar="S", help="Each view stops reading its socket after S."
)
@click.option(
    "--open-timeout", type=SECONDS, default=10.0, metavar="S", help="Give up opening.  [default: 10]"
)
@click.option(
    "--expect", type=click.IntRange(min=0), metavar="LINES", help="Lines a view should get, to count lost."
)
@click.option(
    "--format", type=click.Choice(["text", "json"]), default="text", help="Of the summary.  [default: text]"
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_output,
    help="File for the summary.",
)
@click.option("--stay", is_flag=True, help="Go on probing /healthz when all views have ended.")
@click.option("--on-enter", is_flag=True, help="Say `ready`, and open when a line comes on standard input.")
def command(**words: Any) -> int:  # noqa: ANN401 - click's words, checked by it
    """Open log views at the log server URL like browser tabs and count what comes.

    A view waits for the server to close it. The command ends when all views have ended, after --seconds,
    or on Ctrl-C or SIGTERM: then every view leaves, and the summary is still written.
    """
    kind = words.pop("kind")
    if kind is not None:
        words["labels"] = {**(words["labels"] or {}), KIND_LABEL: kind}
    wish = Wish(**words)
    if not wish.pods and wish.labels is None:
        raise click.UsageError(
            "No views are wanted: name pods with --pod, or choose them with --kind or --selector."
        )
    # Health probes run on a thread: let them have the interpreter soon, also in a flood of frames.
    sys.setswitchinterval(0.0005)
    summary = asyncio.run(_run(wish))
    said_no = [reason for reason in summary.refusals if reason.startswith("HTTP ")]
    nothing = bool(said_no) and not summary.views.opened
    if not nothing or wish.output or wish.format == "json":
        _write(wish, summary)
    if nothing:
        raise HotloopError(f"The server opened no view: {said_no[0]}")
    return 0


async def _run(wish: Wish) -> Summary:
    """Do what is wished."""
    from repro.viewers.descriptors import make_room
    from repro.viewers.watching import watch

    plan = await _plan(wish)
    make_room(plan.views)
    async with _stop_on_signals() as stop:
        if wish.on_enter:
            click.echo("ready")
            sys.stdout.flush()
            await _entered(stop)
        with _audience(wish) as audience:
            return await watch(plan, expected=wish.expect, stop=stop, audience=audience)


async def _plan(wish: Wish) -> Plan:
    from repro.viewers.conduct import Conduct, Place
    from repro.viewers.crowd import Plan
    from repro.viewers.places import check_reachable, choose, list_pods

    names = [(wish.namespace or "default", pod) for pod in wish.pods]
    if wish.labels is not None:
        listed = choose(await list_pods(wish.base, wish.namespace), wish.labels)
        names += [(pod.namespace, pod.name) for pod in listed]
    else:
        await check_reachable(wish.base)
    return Plan(
        base=wish.base,
        places=tuple(Place(wish.variant, namespace, pod, wish.container) for namespace, pod in names),
        views=wish.views or len(names),
        ramp=wish.ramp,
        seconds=wish.seconds,
        stay=wish.stay,
        conduct=Conduct(
            leave_after=wish.leave_after,
            abruptly=wish.abruptly,
            stop_reading_after=wish.stop_reading_after,
            opening=wish.open_timeout,
        ),
    )


@contextlib.asynccontextmanager
async def _stop_on_signals() -> AsyncIterator[asyncio.Event]:
    """Turn Ctrl-C and SIGTERM into an event."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def _entered(stop: asyncio.Event) -> None:
    """Wait for a line on standard input, its end, or the order to stop."""
    loop = asyncio.get_running_loop()
    entered = asyncio.Event()
    try:
        loop.add_reader(sys.stdin.fileno(), entered.set)
    except PermissionError:
        return  # a regular file: whatever is in it, is there
    waiting = [asyncio.create_task(event.wait()) for event in (entered, stop)]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    loop.remove_reader(sys.stdin.fileno())


@contextlib.contextmanager
def _audience(wish: Wish) -> Iterator[Audience]:
    """Tell how it goes: in place on a terminal, in a line now and then elsewhere."""
    from rich.console import Console

    from repro.viewers.watching import Audience

    def tried(opened: int, refused: int) -> None:
        click.echo(f"views open: {opened} refused: {refused}", err=True)

    console = Console(stderr=True)
    if console.is_terminal and wish.format == "text":
        with console.status("opening views") as status:
            yield Audience(
                tried=lambda _opened, _refused: None,
                progress=lambda progress: status.update(progress.line()),
                interval=TERMINAL_INTERVAL,
            )
    else:
        yield Audience(
            tried=tried,
            progress=lambda progress: click.echo(progress.line(), err=True),
            interval=PLAIN_INTERVAL,
        )


def _write(wish: Wish, summary: Summary) -> None:
    """Write the summary where it is wanted, in its format."""
    from repro.viewers.text import render

    if wish.format == "json":
        text = msgspec.json.format(msgspec.json.encode(summary), indent=2).decode() + "\n"
    else:
        text = render(summary)
    if wish.output:
        wish.output.write_text(text, encoding="utf-8")
    else:
        click.echo(text, nl=False)
