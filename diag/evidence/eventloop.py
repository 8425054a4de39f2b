"""What the event loop does: how many callbacks it runs, whether it turns at all, and what holds it up."""

from collections.abc import Sequence
from dataclasses import dataclass

from diag.evidence.looks import Call, Looks, below_loop, waits_in_select
from diag.findings import Evidence
from diag.recording import LoopSnapshot

_WORD = 1 << 64
LEAST = 4
"""Looks that tell whether a loop turns."""


@dataclass(frozen=True)
class Hold:
    """A time in which one call kept the event loop from turning."""

    start: float
    seconds: float
    calls: tuple[Call, ...]
    """What was running, outermost first, below the loop's plumbing."""
    waiting: bool
    """Whether something was due meanwhile: a timer or a callback."""
    idle: bool
    """Whether the thread slept in the call: it used no CPU."""


@dataclass(frozen=True)
class EventLoop:
    """One event loop over the window."""

    kind: str
    thread: int
    looks: int
    callbacks_per_second: float | None
    frozen: bool
    """Whether it did not turn in the whole window, though it was not waiting for I/O."""
    holds: tuple[Hold, ...]
    """From the longest to the shortest."""
    overdue: float
    """The most that a timer was late, in seconds."""


def find(looks: Looks) -> list[EventLoop]:
    """Describe the event loops of a process."""
    series: dict[int, list[tuple[float, LoopSnapshot, tuple[Call, ...], bool]]] = {}
    for shot in looks.taken:
        stacks = {thread.thread: thread for thread in shot.threads}
        for loop in looks.loops(shot):
            thread = stacks.get(loop.thread)
            calls = looks.calls(thread.frames) if thread else ()
            asleep = thread is not None and thread.state != "R"
            series.setdefault(loop.identity, []).append((shot.at, loop, calls, asleep))
    return [_describe(rows) for rows in series.values() if len(rows) >= LEAST]


def _describe(rows: Sequence[tuple[float, LoopSnapshot, tuple[Call, ...], bool]]) -> EventLoop:
    first, last = rows[0], rows[-1]
    seconds = last[0] - first[0]
    rate = None
    if first[1].operations is not None and last[1].operations is not None and seconds > 0:
        rate = ((last[1].operations - first[1].operations) % _WORD) / 2 / seconds
    holds = sorted(_holds(rows), key=lambda hold: -hold.seconds)
    return EventLoop(
        kind=last[1].kind,
        thread=last[1].thread,
        looks=len(rows),
        callbacks_per_second=rate,
        # Without a call that holds it, the loop runs what never was in its queue: uvloop's callbacks for descriptors.
        frozen=rate == 0 and bool(holds) and bool(holds[0].calls) and holds[0].seconds >= 0.9 * seconds,
        holds=tuple(holds),
        overdue=max((row[1].overdue or 0.0 for row in rows), default=0.0),
    )


def _holds(rows: Sequence[tuple[float, LoopSnapshot, tuple[Call, ...], bool]]) -> list[Hold]:
    """Find the runs of looks between which the loop ran nothing, though it was not waiting for I/O."""
    found = []
    start = 0
    for number in range(1, len(rows) + 1):
        same = number < len(rows) and rows[number][1].operations == rows[start][1].operations
        if same and rows[start][1].operations is not None and not waits_in_select(rows[number][2]):
            continue
        run = rows[start:number]
        if len(run) > 1 and not any(waits_in_select(row[2]) for row in run):
            found.append(_hold(run))
        start = number
    return found


def _hold(run: Sequence[tuple[float, LoopSnapshot, tuple[Call, ...], bool]]) -> Hold:
    seconds = run[-1][0] - run[0][0]
    below = below_loop(run[len(run) // 2][2], uvloop=True) or ()
    last = run[-1][1]
    return Hold(
        start=run[0][0],
        seconds=seconds,
        calls=below,
        waiting=bool(last.ready) or (last.overdue or 0.0) > 0,
        idle=sum(row[3] for row in run) > len(run) / 2,
    )


def evidence(loop: EventLoop) -> list[Evidence]:
    """State how many callbacks it runs."""
    rate = loop.callbacks_per_second
    if rate is None:
        return []
    text = "The event loop does not turn."
    if not loop.frozen:
        text = f"The event loop ({loop.kind}) runs {rate:,.0f} callbacks a second."
    return [Evidence(kind="callbacks", value=round(rate, 1), unit="1/s", text=text)]
