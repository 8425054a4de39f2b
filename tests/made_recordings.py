"""Recordings made by hand or by a seeded generator, without a process."""

import random
from typing import Any

from diag.recording import (
    Activity,
    Census,
    Frame,
    LoopSnapshot,
    Machine,
    Phase,
    Ready,
    Recording,
    Settings,
    Snapshot,
    SnapshotFrame,
    Snapshots,
    SourceFile,
    Stacks,
    StackSample,
    Target,
    TaskGroup,
    ThreadSnapshot,
    Value,
)


def reading(at: float, pid: int = 7, **changes: Any) -> Activity:  # noqa: ANN401 - any field of an Activity
    """Make a reading in which nothing has happened, but for `changes`."""
    fields: dict[str, Any] = {
        "cpu_user": 0.0,
        "cpu_system": 0.0,
        "run_wait": 0.0,
        "voluntary": 0,
        "involuntary": 0,
        "threads": 1,
        "rss_bytes": 1000,
        "descriptors": 3,
        "connections": 0,
        "sampled": False,
    }
    return Activity(at=at, pid=pid, **(fields | changes))


def recording(**changes: Any) -> Recording:  # noqa: ANN401 - any field of a Recording
    """Make an empty recording of ten seconds, but for `changes`."""
    fields: dict[str, Any] = {
        "target": Target(
            pid=7,
            created=1.7e9,
            command=("python", "-m", "server"),
            executable="/usr/bin/python3.11",
            user="me",
            version="3.11.7",
        ),
        "machine": Machine(
            cores=2,
            processor="Example CPU",
            memory_bytes=1 << 34,
            kernel="6.1.0",
            python="3.11.7",
            hotloop="0.1.0",
            py_spy="0.4.3",
        ),
        "settings": Settings(activity_interval=0.25, stack_rate=100),
        "started": 1.7e9,
        "seconds": 10.0,
        "phases": (),
        "activity": (),
        "stacks": (),
        "censuses": (),
        "sources": (),
    }
    return Recording(**(fields | changes))


def varied(seed: int) -> Recording:
    """Make a recording with some of everything, odd values included; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - variety, no secret
    names = [
        "main",
        "größe",
        'say "hi"',
        "a\nb",
        "\u2028",
        "",
        "<lambda>",
        "\udcff".encode(errors="replace").decode(),
    ]

    def moment() -> float:
        return chance.choice([0.0, chance.random(), chance.uniform(0, 1e6), chance.random() * 1e-9])

    def stacks() -> Stacks:
        frames = tuple(
            Frame(
                function=chance.choice(names),
                file=f"/{index}/{chance.choice(names)}.py",
                line=chance.randrange(9**5),
            )
            for index in range(chance.randrange(1, 9))
        )
        samples = tuple(
            StackSample(
                at=moment(),
                thread=chance.choice(["MainThread (7)", "worker (8)", ""]),
                frames=tuple(chance.randrange(len(frames)) for _ in range(chance.randrange(4))),
            )
            for _ in range(chance.randrange(12))
        )
        return Stacks(
            pid=chance.choice([7, 8]),
            start=moment(),
            end=moment(),
            frames=frames,
            samples=samples,
            ticks=chance.randrange(20),
            errors=chance.randrange(3),
            late=moment(),
            paused=chance.choice([None, moment()]),
            moments=tuple(sorted(moment() for _ in range(chance.randrange(5)))),
        )

    return recording(
        phases=tuple(Phase(name=chance.choice(names), start=moment(), end=moment()) for _ in range(3)),
        activity=tuple(reading(moment(), chance.randrange(1, 9**9), run_wait=moment()) for _ in range(5)),
        stacks=tuple(stacks() for _ in range(chance.randrange(4))),
        censuses=tuple(
            Census(
                at=moment(),
                pid=7,
                groups=(
                    TaskGroup(coroutine=chance.choice(names), file="/a.py", line=3, state="pending", count=9),
                    TaskGroup(coroutine="done", file="", line=0, state="done", count=1),
                ),
                created=chance.choice([None, 10**12]),
                seconds=moment(),
            )
            for _ in range(chance.randrange(3))
        ),
        sources=tuple(
            SourceFile(
                path=f"{place}{chance.choice(names)}.py",
                modified=moment(),
                size=10,
                text=chance.choice(["", "a\r\nb", *names]),
            )
            for place in ("/", "", "../", "/")
        ),
        snapshots=tuple(shots(seed + number) for number in range(chance.randrange(3))),
        notes=tuple(chance.choice(names) for _ in range(2)),
    )


def shots(seed: int) -> Snapshots:
    """Make snapshots in which calls repeat, odd values included; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - variety, no secret
    files = [Frame(function=name, file=f"/{name}.py", line=3) for name in ("main", "größe", 'say "hi"')]
    calls = [
        SnapshotFrame(
            frame=chance.randrange(len(files)),
            identity=chance.choice([0, 2**63 + 5, 140468141400096]),
            coroutine=chance.random() < 0.5,
            variables=tuple((name, chance.randrange(3)) for name in ("self", "global X")),
        )
        for _ in range(5)
    ]

    def stack() -> tuple[SnapshotFrame, ...]:
        return tuple(chance.choices(calls, k=chance.randrange(6)))

    def loop() -> LoopSnapshot:
        return LoopSnapshot(
            identity=2**64 - 1,
            kind="Loop",
            thread=chance.choice([0, 7]),
            operations=chance.choice([None, 2**64 - 2]),
            ready=chance.choice([None, 0, 9]),
            overdue=chance.choice([None, 0.0, 1e-9]),
            next=tuple(
                Ready(callback="method", frames=stack(), task=chance.choice([0, 5])) for _ in range(3)
            ),
        )

    return Snapshots(
        pid=chance.choice([7, 8]),
        frames=tuple(files),
        values=(
            Value(type="NoneType", text="None"),
            Value(type="str", size=3, text="\u2028\x00", digest=2**64 - 1, identity=2**63),
            Value(type="A", attributes=(("größe", 0), ("b", 1))),
        ),
        taken=tuple(
            Snapshot(
                at=chance.random(),
                threads=tuple(
                    ThreadSnapshot(thread=n, name=chance.choice(["", "größe"]), state=s, frames=stack())
                    for n, s in enumerate("RSD")
                ),
                loops=tuple(loop() for _ in range(chance.randrange(3))),
            )
            for _ in range(chance.randrange(9))
        ),
        errors=chance.randrange(3),
    )
