"""Stacks of a process's threads in the order of time, from py-spy's output.

py-spy's Chrome trace has the time of each change of a stack; a look that finds the stack as it was leaves no
trace. Its last line has the number of samples, and where it holds the process its log has the time of each look.
From these follows which looks found a thread at work: see `_fill`.
"""

import bisect
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

import msgspec

from diag.collectors.pyspy import Output
from diag.recording import Frame, Stacks, StackSample

Busy = Callable[[int, float], float]
"""For a thread's id and a time: the share of the time around it that the thread was on or waiting for a core."""

BEGINNINGS = frozenset({"<module>", "_run_module_as_main", "Thread._bootstrap", "_bootstrap"})
"""Functions that a thread begins with and stays in: a script's body, `python -m`, `threading.Thread`."""

MOSTLY = 0.6
"""Share of a thread's stacks with one beginning from which another beginning is an error of reading. Up to a third
of the looks at a tight loop are torn; greenlets, whose stacks begin each with its own function, have no beginning
that so many share."""

_THREAD = re.compile(r"thread \((?P<id>\w+)\)(?:: (?P<name>.*))?", re.DOTALL)
_LOG_LINE = re.compile(
    r"\[(?P<second>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?P<fraction>\.\d+)?Z +\w+ +(?P<module>[\w:]+)\] (?P<text>.*)"
)


class _Arguments(msgspec.Struct):
    filename: str = ""
    line: int | None = 0


class _Event(msgspec.Struct):
    """An entry of the Chrome trace: a frame begins (B) or ends (E)."""

    name: str
    ph: str
    tid: int
    ts: int
    """Microseconds since the trace's start."""
    args: _Arguments


class _Change(NamedTuple):
    """From `at` on, a thread that is at work has this stack."""

    at: float
    thread: str
    native: int
    """The thread's id in the system; 0 where py-spy does not know it."""
    frames: tuple[int, ...]


class Looks(NamedTuple):
    """What the log says, times in seconds since the epoch."""

    began: float | None
    """When the trace's clock started."""
    times: tuple[float, ...]
    """When the process was let go after each look, whose samples are in the trace."""
    paused: float
    """Seconds that it was held."""


def build(  # noqa: PLR0913 - all of it is said by name
    output: Output,
    *,
    pid: int,
    rate: int,
    pausing: bool,
    origin: float,
    start: float,
    end: float,
    busy: Busy | None = None,
) -> Stacks:
    """Put a run of py-spy together.

    Args:
        output: what py-spy left.
        pid: the process.
        rate: the looks a second that it was asked for.
        pausing: whether it held the process during each look.
        origin: the recording's start, in seconds since the epoch.
        start: when sampling was seen to have started, seconds since the recording's start.
        end: when it was told to end.
        busy: tells threads that worked from threads that slept where py-spy leaves it open; None if that is unknown.
    """
    events = [event for event in msgspec.json.decode(output.trace, type=list[_Event]) if event.ph in "BE"]
    looks = read_log(output.log)
    last = max((event.ts for event in events), default=0) * 1e-6
    began = (output.ended - last if looks.began is None else looks.began) - origin
    frames: dict[Frame, int] = {}
    changes = _changes(events, began, frames)
    whole = _whole(changes, tuple(frames))
    torn = len(changes) - len(whole)
    # py-spy looks before it is heard to have started, and until it hears that it shall end.
    start = min([start, *(change.at for change in changes)])
    end = max([end, *(change.at for change in changes)])
    moments = tuple(round(moment - origin, 6) for moment in looks.times)
    ticks = moments or _even(start, end, round((end - start) * rate))
    samples = _fill(whole, ticks, output.samples - torn, busy or (lambda _thread, _at: 1.0))
    return Stacks(
        pid=pid,
        start=start,
        end=end,
        frames=tuple(frames),
        samples=tuple(samples),
        ticks=len(ticks) if moments else _count_looks(samples, whole, ticks, output.errors + torn, busy),
        errors=output.errors + torn,
        late=output.late,
        paused=round(looks.paused, 6) if moments or not pausing else None,
        moments=moments,
    )


def read_log(log: str) -> Looks:
    """Find in py-spy's log when it looked, and how long each look held the process.

    The first look is py-spy's own trial, and the last one is dropped as it stops: neither is in the trace.
    """
    began = None
    holds: list[tuple[float, float]] = []
    held: float | None = None
    for line in log.splitlines():
        match = _LOG_LINE.match(line)
        if match is None:
            continue
        text = match["text"]
        if text.startswith("attached to"):
            at = _seconds(match)
            if held is None or (holds and holds[-1][0] == held):
                held = at
        elif text.startswith("detached from") and held is not None:
            released = (held, _seconds(match))
            if holds and holds[-1][0] == held:
                holds[-1] = released  # the threads are let go one by one
            else:
                holds.append(released)
        elif match["module"] == "py_spy::config" and began is None:
            began = _seconds(match)
    kept = holds[1:-1]
    return Looks(began, tuple(end for _, end in kept), sum((end - start for start, end in kept), 0.0))


def _seconds(match: re.Match[str]) -> float:
    return _whole_seconds(match["second"]) + float(match["fraction"] or 0)


@lru_cache(maxsize=16)
def _whole_seconds(text: str) -> float:
    return datetime.fromisoformat(text + "+00:00").timestamp()


def _even(start: float, end: float, count: int) -> tuple[float, ...]:
    """Suppose looks at equal distances, where the log does not give them."""
    step = (end - start) / count if count else 0.0
    return tuple(round(start + (index + 0.5) * step, 6) for index in range(count))


def _count_looks(
    samples: Sequence[StackSample],
    changes: Iterable[_Change],
    supposed: Sequence[float],
    failed: int,
    busy: Busy | None,
) -> int:
    """Count the looks, where the log does not give them.

    py-spy looks at random times, so that their number in a window varies by its square root (a Poisson process).
    Those that found the busiest thread at work are counted, and the failed ones. How many found it idle does not
    depend on these; the best guess is the number supposed for the time that it was neither on nor waiting for a
    core.
    """
    thread, found = max(Counter(s.thread for s in samples).items(), key=lambda item: item[1], default=("", 0))
    native = next((change.native for change in changes if change.thread == thread), 0)
    if busy is None or not native:
        return max(len(supposed), found + failed)
    idle = sum(1.0 - busy(native, at) for at in supposed)
    return found + failed + max(0, round(idle))


def _whole(changes: Sequence[_Change], frames: Sequence[Frame]) -> list[_Change]:
    """Leave out stacks that lost their outer part because they changed while they were read.

    Such a stack begins otherwise than most of its thread's, which begin as threads do; or it begins with a
    frame that is an inner one in the thread's other stacks. A thread that is called from C with one function and
    another keeps them all.
    """
    places = [(frame.function, frame.file) for frame in frames]
    outermost: dict[str, Counter[tuple[str, str] | None]] = defaultdict(Counter)
    inner: dict[str, set[tuple[str, str] | None]] = defaultdict(set)
    firsts = [places[change.frames[0]] if change.frames else None for change in changes]
    for change, first in zip(changes, firsts, strict=True):
        outermost[change.thread][first] += 1
    usual = {thread: counts.most_common(1)[0] for thread, counts in outermost.items()}
    for change, first in zip(changes, firsts, strict=True):
        if first == usual[change.thread][0]:
            inner[change.thread].update(places[number] for number in change.frames[1:])

    def torn(thread: str, first: tuple[str, str] | None) -> bool:
        begins, count = usual[thread]
        if first == begins:
            return False
        stays = begins is not None and begins[0] in BEGINNINGS
        return (stays and count >= MOSTLY * outermost[thread].total()) or first in inner[thread]

    return [change for change, first in zip(changes, firsts, strict=True) if not torn(change.thread, first)]


def _changes(events: Sequence[_Event], began: float, frames: dict[Frame, int]) -> list[_Change]:
    """Follow the begins and ends of frames to the stack after each change; number the frames on the way."""
    stacks: dict[int, list[_Event]] = defaultdict(list)
    changes = []
    for (thread, moment), group in itertools.groupby(events, key=lambda event: (event.tid, event.ts)):
        stack = stacks[thread]
        for event in group:
            if event.ph == "B":
                stack.append(event)
            elif stack:
                stack.pop()
        if stack:  # an empty one is the trace's end
            changes.append(_change(round(began + moment * 1e-6, 6), stack, frames))
    return changes


def _change(at: float, stack: Sequence[_Event], frames: dict[Frame, int]) -> _Change:
    """Describe a stack, whose outermost entry is the thread."""
    thread, *rest = stack
    match = _THREAD.fullmatch(thread.name)
    number = match["id"] if match else ""
    label = f"{(match and match['name']) or 'thread'} ({number or thread.tid})"
    native = int(number) if number.isdecimal() else 0
    return _Change(at, label, native, tuple(_number(event, frames) for event in rest))


def _number(event: _Event, frames: dict[Frame, int]) -> int:
    frame = Frame(function=event.name, file=event.args.filename, line=event.args.line or 0)
    return frames.setdefault(frame, len(frames))


def _fill(changes: Iterable[_Change], ticks: Sequence[float], total: int, busy: Busy) -> list[StackSample]:
    """Give a sample for each look that found a thread at work.

    Each change is a sample. Between two changes of a thread lie looks that found the same stack or an idle
    thread; how many found it at work is known over all (`total` less the changes). Those are taken where the
    thread was the busiest, and among equals where the changes lie closest.
    """
    by_thread: dict[str, list[_Change]] = defaultdict(list)
    for change in changes:
        by_thread[change.thread].append(change)
    samples = [
        StackSample(at=c.at, thread=c.thread, frames=c.frames) for own in by_thread.values() for c in own
    ]
    open_looks: list[tuple[float, int, float, _Change]] = []
    for own in by_thread.values():
        for change, following in itertools.zip_longest(own, own[1:]):
            first = bisect.bisect_right(ticks, change.at)
            # The look just before the next change is the one that found it.
            behind = len(ticks) if following is None else bisect.bisect_right(ticks, following.at) - 1
            run = ticks[first:behind]
            open_looks += [(-round(busy(change.native, at), 1), len(run), at, change) for at in run]
    open_looks.sort(key=lambda look: look[:3])
    # Where looks are only supposed, there may be fewer of them than samples: some then count twice.
    missing = max(0, total - len(samples))
    for _, _, at, change in itertools.islice(itertools.cycle(open_looks), missing):
        samples.append(StackSample(at=at, thread=change.thread, frames=change.frames))
    samples.sort(key=lambda sample: sample.at)
    return samples
