"""Recordings of looks at a made program: snapshots, stacks, activity and traffic with made-up times, no process.

A test says what each look sees: the calls of a thread with their variables, or one turn of an event loop with what is
ready. The CPU, the traffic and the rest are conditions with ordinary values.
"""

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from made_program import APP, PID, STARTED, At, Program, Strand, Thing, Waiting, plain
from made_recordings import reading, recording

from diag.recording import (
    Activity,
    Census,
    Connection,
    Frame,
    LoopSnapshot,
    Phase,
    Ready,
    Recording,
    Snapshot,
    SnapshotFrame,
    Snapshots,
    Stacks,
    StackSample,
    TaskGroup,
    ThreadSnapshot,
    Traffic,
    Value,
)


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What else is measured of the process; the defaults are those of a spin in its memory, long after its start."""

    looks: int = 40
    seconds: float = 3.0
    cores: float = 1.0
    waited: float = 0.0
    """Cores that it waited for."""
    system: float = 0.0
    """The kernel's share of the CPU."""
    voluntary: float = 0.0
    """Switches a second."""
    levels: Mapping[str, Callable[[float], int]] = field(default_factory=dict)
    """Threads, descriptors, connections as a function of the time."""
    tcp_bytes: float = 0.0
    segments: float = 0.0
    new_sockets: float = 0.0
    """A second."""
    listening: bool = False
    changes: Mapping[str, object] = field(default_factory=dict)
    """Fields of the Recording."""


class Film:
    """Collects looks; frames and values stand in tables, each once."""

    def __init__(self) -> None:
        self._frames: dict[Frame, int] = {}
        self._values: dict[Value, int] = {}
        self._taken: list[Snapshot] = []

    def look(self, at: float, strands: Sequence[Strand]) -> None:
        """Add a look."""
        self._taken.append(
            Snapshot(
                at=at,
                threads=tuple(
                    ThreadSnapshot(thread=one.number, state=one.state, frames=self._calls(one.calls))
                    for one in strands
                ),
                loops=tuple(self._loop(one) for one in strands if one.loop),
            )
        )

    def snapshots(self) -> Snapshots:
        """Give what was seen."""
        return Snapshots(
            pid=PID, frames=tuple(self._frames), values=tuple(self._values), taken=tuple(self._taken)
        )

    def stacks(self, start: float, end: float) -> Stacks:
        """Give the same as a sampler of stacks sees it."""
        return Stacks(
            pid=PID,
            start=start,
            end=end,
            frames=tuple(self._frames),
            samples=tuple(
                StackSample(
                    at=shot.at,
                    thread=f"MainThread ({one.thread})",
                    frames=tuple(call.frame for call in one.frames),
                )
                for shot in self._taken
                for one in shot.threads
                if one.state == "R" and shot.at >= start
            ),
            ticks=len(self._taken),
            errors=0,
            late=0.0,
        )

    def _loop(self, strand: Strand) -> LoopSnapshot:
        return LoopSnapshot(
            identity=strand.number,
            kind="_UnixSelectorEventLoop",
            thread=strand.number,
            operations=strand.operations,
            ready=len(strand.ready),
            overdue=strand.overdue,
            next=tuple(self._ready(one) for one in strand.ready),
            waiting=tuple(self._ready(one) for one in strand.waiting),
        )

    def _ready(self, one: Waiting) -> Ready:
        return Ready(callback=one.callback, frames=self._calls(one.calls), task=one.task)

    def _calls(self, calls: Sequence[At]) -> tuple[SnapshotFrame, ...]:
        return tuple(
            SnapshotFrame(
                frame=self._frames.setdefault(
                    Frame(function=call.function, file=call.file, line=call.line), len(self._frames)
                ),
                identity=call.coroutine,
                coroutine=bool(call.coroutine),
                variables=tuple((name, self._value(value)) for name, value in call.variables.items()),
            )
            for call in calls
        )

    def _value(self, given: object) -> int:
        value = (
            self._object(given) if isinstance(given, Thing) else plain(given)
        )  # a value has what its reader gives
        return self._values.setdefault(value, len(self._values))

    def _object(self, given: Thing) -> Value:
        return Value(
            type=given.type,
            size=given.size,
            text=given.text,
            digest=zlib.crc32(repr(given).encode()),
            identity=given.identity,
            attributes=tuple((name, self._value(value)) for name, value in given.attributes.items()),
        )


Moment = Callable[[int], Strand | Sequence[Strand]]
"""Gives what the look of that number sees."""


def filmed(
    programs: Program | Sequence[Program],
    moment: Moment,
    **conditions: Any,  # noqa: ANN401 - any field of Conditions
) -> Recording:
    """Make the recording of a program.

    Args:
        programs: the sources that are known.
        moment: gives the threads that each look sees.
        conditions: of `Conditions`.
    """
    given = Conditions(**conditions)
    film = Film()
    for number in range(given.looks):
        seen = moment(number)
        at = 0.2 + (given.seconds - 0.4) * number / max(1, given.looks - 1)
        film.look(at, [seen] if isinstance(seen, Strand) else seen)
    known = [programs] if isinstance(programs, Program) else programs
    calm = 0.3 * given.seconds
    fields: dict[str, Any] = {
        "started": STARTED + 60,
        "seconds": given.seconds,
        "phases": (
            Phase(name="undisturbed", start=0.0, end=calm),
            Phase(name="sampled", start=calm, end=given.seconds),
        ),
        "activity": _activity(given, calm),
        "stacks": (film.stacks(calm, given.seconds),),
        "sources": tuple(program.source for program in known),
        "snapshots": (film.snapshots(),),
        "connections": _connections(given),
        "traffic": _traffic(given),
    }
    return recording(**{**fields, **given.changes})


def _activity(given: Conditions, calm: float) -> tuple[Activity, ...]:
    times = [number / 10 for number in range(round(given.seconds * 10) + 1)]
    return tuple(
        reading(
            at,
            PID,
            cpu_user=given.cores * (1 - given.system) * at,
            cpu_system=given.cores * given.system * at,
            run_wait=given.waited * at,
            voluntary=round(given.voluntary * at),
            sampled=at > calm,
            **{name: level(at) for name, level in given.levels.items()},
        )
        for at in times
    )


def _traffic(given: Conditions) -> tuple[Traffic, ...]:
    return tuple(
        Traffic(at=at, pid=PID, sockets=2, new_sockets=round(given.new_sockets * at))
        for at in (0.0, given.seconds / 2, given.seconds)
    )


def _connections(given: Conditions) -> tuple[Connection, ...]:
    served = (("LISTEN", 100),) if given.listening else ()
    return tuple(
        Connection(
            at=at,
            pid=PID,
            identity=identity,
            local="127.0.0.1:80",
            remote="127.0.0.1:9",
            state=state,
            received=round(given.tcp_bytes * at) if state == "ESTAB" else None,
            sent=0 if state == "ESTAB" else None,
            segments_in=round(given.segments * at),
            segments_out=0,
        )
        for at in (0.0, given.seconds)
        for state, identity in (("ESTAB", 99), *served)
    )


def census(at: float, created: int | None = None, **counts: int) -> Census:
    """Make a census of tasks that are pending, by the name of their coroutine; each is defined in line 1."""
    return Census(
        at=at,
        pid=PID,
        groups=tuple(
            TaskGroup(coroutine=name, file=APP, line=1, state="pending", count=count)
            for name, count in counts.items()
        ),
        created=created,
        seconds=0.01,
    )
