"""Stacks as a speedscope file (https://www.speedscope.app/file-format-schema.json), and back.

A profile a thread, in seconds since the recording's start. Time in which a thread was idle is an empty stack.
What the format has no place for (exact times, the order across threads, the sampler's own figures) stands under
the key `hotloop`, which other readers of the format pass over.
"""

import bisect
from collections.abc import Sequence

import msgspec

from diag.recording import Frame, Stacks, StackSample

SCHEMA_URL = "https://www.speedscope.app/file-format-schema.json"


class _FrameEntry(msgspec.Struct, frozen=True):
    name: str
    file: str
    line: int


class _Shared(msgspec.Struct, frozen=True):
    frames: tuple[_FrameEntry, ...]


class _Profile(msgspec.Struct, frozen=True, rename={"start": "startValue", "end": "endValue"}):
    name: str
    start: float
    end: float
    samples: tuple[tuple[int, ...], ...]
    weights: tuple[float, ...]
    type: str = "sampled"
    unit: str = "seconds"


class _Exact(msgspec.Struct, frozen=True, kw_only=True):
    """What is needed to get the very same Stacks back."""

    pid: int
    start: float
    end: float
    ticks: int
    errors: int
    late: float
    paused: float | None
    moments: tuple[float, ...]
    threads: tuple[str, ...]
    at: tuple[float, ...]
    """The time of each sample, in the order of the samples."""
    order: tuple[int, ...]
    """The thread of each sample; its samples stand in its profile in this order."""
    positions: tuple[tuple[int, ...], ...]
    """For each profile, which of its entries are samples; the others are idle time."""


class _File(
    msgspec.Struct, frozen=True, kw_only=True, rename={"schema": "$schema", "active": "activeProfileIndex"}
):
    schema: str = SCHEMA_URL
    exporter: str
    name: str
    active: int = 0
    shared: _Shared
    profiles: tuple[_Profile, ...]
    hotloop: _Exact


def encode(stacks: Stacks, *, name: str, exporter: str) -> bytes:
    """Write stacks as a speedscope file of the given name."""
    threads = tuple(dict.fromkeys(sample.thread for sample in stacks.samples))
    numbers = {thread: number for number, thread in enumerate(threads)}
    profiles = []
    positions = []
    for thread in threads:
        own = [sample for sample in stacks.samples if sample.thread == thread]
        profile, places = _profile(thread, own, stacks)
        profiles.append(profile)
        positions.append(places)
    if not profiles:
        # Viewers want one profile at least.
        profiles.append(_profile("idle", [], stacks)[0])
    document = _File(
        exporter=exporter,
        name=name,
        shared=_Shared(tuple(_FrameEntry(frame.function, frame.file, frame.line) for frame in stacks.frames)),
        profiles=tuple(profiles),
        hotloop=_Exact(
            pid=stacks.pid,
            start=stacks.start,
            end=stacks.end,
            ticks=stacks.ticks,
            errors=stacks.errors,
            late=stacks.late,
            paused=stacks.paused,
            moments=stacks.moments,
            threads=threads,
            at=tuple(sample.at for sample in stacks.samples),
            order=tuple(numbers[sample.thread] for sample in stacks.samples),
            positions=tuple(positions),
        ),
    )
    return msgspec.json.encode(document)


def decode(content: bytes) -> Stacks:
    """Read the stacks of a speedscope file that `encode` wrote.

    Raises:
        msgspec.DecodeError: it is no such file.
        IndexError: its parts do not fit together.
    """
    document = msgspec.json.decode(content, type=_File)
    exact = document.hotloop
    rows = [
        iter([profile.samples[place] for place in places])
        for profile, places in zip(document.profiles, exact.positions, strict=False)
    ]
    samples = []
    for at, thread in zip(exact.at, exact.order, strict=False):
        frames = next(rows[thread], None)
        if frames is None:
            raise IndexError(f"thread {thread} has too few samples")
        samples.append(StackSample(at=at, thread=exact.threads[thread], frames=frames))
    return Stacks(
        pid=exact.pid,
        start=exact.start,
        end=exact.end,
        frames=tuple(Frame(function=f.name, file=f.file, line=f.line) for f in document.shared.frames),
        samples=tuple(samples),
        ticks=exact.ticks,
        errors=exact.errors,
        late=exact.late,
        paused=exact.paused,
        moments=exact.moments,
    )


def _profile(thread: str, samples: Sequence[StackSample], stacks: Stacks) -> tuple[_Profile, tuple[int, ...]]:
    """Lay a thread's samples out in time, with idle time between them.

    A sample lasts until the sampler's next look. Where looks are not known each lasts one tick, so that shares of
    time stay right: samples closer than that are moved on a little.
    """
    rows: list[tuple[int, ...]] = []
    weights: list[float] = []
    places = []
    start = cursor = min([stacks.start, *(sample.at for sample in samples)])
    tick = max(0.0, stacks.end - stacks.start) / max(1, stacks.ticks)
    for sample in samples:
        begin = max(cursor, sample.at)
        if begin > cursor:
            rows.append(())
            weights.append(round(begin - cursor, 6))
        places.append(len(rows))
        rows.append(sample.frames)
        end = _next_look(sample.at, stacks) if stacks.moments else begin + tick
        weights.append(round(max(0.0, end - begin), 6))
        cursor = max(begin, end)
    if stacks.end > cursor:
        rows.append(())
        weights.append(round(stacks.end - cursor, 6))
    profile = _Profile(
        name=thread, start=start, end=max(stacks.end, cursor), samples=tuple(rows), weights=tuple(weights)
    )
    return profile, tuple(places)


def _next_look(at: float, stacks: Stacks) -> float:
    """Give the time of the sampler's next look after a sample, which is noted a little after its own look."""
    after = bisect.bisect_right(stacks.moments, at)
    return stacks.moments[after] if after < len(stacks.moments) else stacks.end
