"""The snapshots of a process, taken apart into what was seen at work: threads, tasks and callbacks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from diag.recording import LoopSnapshot, Recording, Snapshot, SnapshotFrame, Snapshots, ThreadSnapshot, Value

_TURN = {
    ("_run_once", "asyncio/base_events.py"),
    ("_run", "asyncio/events.py"),
    ("unrolled_run", "trio/_core/_run.py"),
    ("run", "trio/_core/_run.py"),
    ("run", "gevent/hub.py"),
    ("run", "eventlet/hubs/hub.py"),
}
"""Functions of event loops below which a task or callback begins."""

_FORKED = {
    ("_bootstrap", "multiprocessing/process.py"),
    ("_bootstrap", "billiard/process.py"),
    ("init_process", "gunicorn/workers/base.py"),
    ("fork_processes", "tornado/process.py"),
}
"""Functions in which a forked process begins."""

_RUNNERS = ("asyncio/runners.py", "uvloop/__init__.py", "asyncio/base_events.py")
"""Files whose functions run an event loop, whatever its kind."""

_SELECT = {"select", "poll", "_poll", "_select"}

_BOOTSTRAP = ("threading.py", "<frozen runpy>", "runpy.py", "concurrent/futures/thread.py")
"""Files whose frames at a stack's beginning only start what follows."""


@dataclass(frozen=True)
class Call:
    """A frame with its variables."""

    function: str
    file: str
    line: int
    identity: int
    """Of its coroutine or generator; 0 for the call of a plain function."""
    variables: Mapping[str, Value]

    @property
    def name(self) -> str:
        """The last part of the function's name."""
        return self.function.rpartition(".")[2]

    @property
    def key(self) -> tuple[str, str]:
        """What names the function."""
        return self.function, self.file


@dataclass(frozen=True)
class Unit:
    """One thing at work at one look: a thread's stack, a task, or a callback."""

    look: int
    """Number of the look."""
    owner: str
    """Tells one task, thread or kind of callback from another over the looks."""
    calls: tuple[Call, ...]
    """Outermost first, the event loop's plumbing left out."""
    running: bool
    """Whether it ran at the look; else it was about to."""
    on_loop: bool
    thread: int
    waiting: bool = False
    """Whether it waited at the look, as it must where it does I/O: it was at work at others."""


class Looks:
    """The snapshots of one process."""

    def __init__(self, snapshots: Snapshots) -> None:
        self.snapshots = snapshots
        self.taken: Sequence[Snapshot] = snapshots.taken

    def __len__(self) -> int:
        return len(self.taken)

    def calls(self, frames: Iterable[SnapshotFrame]) -> tuple[Call, ...]:
        """Resolve frames."""
        return tuple(self._call(frame) for frame in frames)

    def _call(self, entry: SnapshotFrame) -> Call:
        frame = self.snapshots.frames[entry.frame]
        identity = entry.identity if entry.coroutine else 0
        return Call(frame.function, frame.file, frame.line, identity, self._flat(entry.variables))

    def _flat(self, variables: Iterable[tuple[str, int]]) -> dict[str, Value]:
        """Give variables by name, with attributes as `name.attribute`."""
        found: dict[str, Value] = {}
        for name, index in variables:
            value = self.snapshots.values[index]
            found[name] = value
            for attribute, inner in value.attributes:
                found[f"{name}.{attribute}"] = self.snapshots.values[inner]
        return found

    @cached_property
    def busy(self) -> dict[int, float]:
        """For each thread, the share of the looks at which it was on a core or waited for one."""
        counts: dict[int, int] = {}
        for shot in self.taken:
            for thread in shot.threads:
                counts[thread.thread] = counts.get(thread.thread, 0) + (thread.state == "R")
        return {thread: count / max(1, len(self.taken)) for thread, count in counts.items()}

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """Everything that was seen at work, in the order of time."""
        found: list[Unit] = []
        for number, shot in enumerate(self.taken):
            loops = {loop.thread: loop for loop in self.loops(shot)}
            for thread in shot.threads:
                found += self._thread_units(number, thread, loops.get(thread.thread))
        return tuple(found)

    def loops(self, shot: Snapshot) -> list[LoopSnapshot]:
        """Give the event loops of a look that the process itself runs, and not its parent before a fork."""
        inherited = {
            thread.thread
            for thread in shot.threads
            if (calls := self.calls(thread.frames))
            and since_fork(calls) != calls
            and not _runs_loop(since_fork(calls))
        }
        return [loop for loop in shot.loops if loop.thread not in inherited]

    def _thread_units(self, look: int, thread: ThreadSnapshot, loop: LoopSnapshot | None) -> Iterable[Unit]:
        calls = since_fork(self.calls(thread.frames))
        below = below_loop(calls, uvloop=loop is not None)
        if below is None and loop is None:
            if thread.state == "R" and calls:
                yield Unit(
                    look,
                    f"thread {thread.thread}",
                    own_part(calls),
                    running=True,
                    on_loop=False,
                    thread=thread.thread,
                )
            return
        if below and (thread.state == "R" or not waits_in_select(calls)):
            yield Unit(look, _owner(below), below, running=True, on_loop=True, thread=thread.thread)
        for ready in loop.next if loop is not None else ():
            frames = self.calls(ready.frames)
            owner = f"task {frames[0].identity}" if ready.task and frames else f"callback {ready.callback}"
            yield Unit(look, owner, frames, running=False, on_loop=True, thread=thread.thread)
        for task in loop.waiting if loop is not None else ():
            if frames := self.calls(task.frames):
                yield Unit(
                    look,
                    f"task {frames[0].identity}",
                    frames,
                    running=False,
                    on_loop=True,
                    thread=thread.thread,
                    waiting=True,
                )


def _owner(calls: Sequence[Call]) -> str:
    """Name a running task by its coroutine, or a callback by its function."""
    first = calls[0]
    return f"task {first.identity}" if first.identity else f"callback {first.function}"


def below_loop(calls: Sequence[Call], *, uvloop: bool = False) -> tuple[Call, ...] | None:
    """Give the frames that an event loop's turn runs; None for a stack without an event loop.

    Args:
        calls: a whole stack.
        uvloop: the thread is known to run a loop, which may have no frames of its own.
    """
    for number in range(len(calls) - 1, -1, -1):
        call = calls[number]
        if any(call.name == name and call.file.endswith(file) for name, file in _TURN):
            rest = tuple(calls[number + 1 :])
            return () if rest and _selects(rest[0]) else rest
    if not uvloop:
        return None
    for number in range(len(calls) - 1, -1, -1):
        if calls[number].file.endswith(_RUNNERS):
            return tuple(calls[number + 1 :])
    return ()


def _runs_loop(calls: Sequence[Call]) -> bool:
    """Whether an event loop is run within these calls; uvloop is known by who started it."""
    return below_loop(calls) is not None or any(call.file.endswith(_RUNNERS) for call in calls)


def since_fork(calls: tuple[Call, ...]) -> tuple[Call, ...]:
    """Leave out what a forked process has on its stack from its parent, whose past that is."""
    for number in range(len(calls) - 1, -1, -1):
        call = calls[number]
        if any(call.name == name and call.file.endswith(file) for name, file in _FORKED):
            return calls[number + 1 :]
    return calls


def own_part(calls: Sequence[Call]) -> tuple[Call, ...]:
    """Leave out the frames at a thread's beginning that only start what follows."""
    first = 0
    while first < len(calls) - 1 and calls[first].file.endswith(_BOOTSTRAP):
        first += 1
    return tuple(calls[first:])


def waits_in_select(calls: Sequence[Call]) -> bool:
    """Whether a stack ends in the event loop's own wait for I/O and timers, or on its own lines around it.

    A select that a task or callback calls is none of the loop's: it holds the loop up.
    """
    return below_loop(calls) == ()


def _selects(call: Call) -> bool:
    """Whether a call is a selector's; a function of the user's may have such a name as well."""
    return call.name in _SELECT and call.file.endswith("selectors.py")


def of_recording(recording: Recording) -> Looks | None:
    """Give the snapshots of the process that has the most of them; None where there are none."""
    best = max(recording.snapshots, key=lambda shots: len(shots.taken), default=None)
    return Looks(best) if best is not None and best.taken else None
