"""The comparison of a scenario's runs, as `comparison.json` keeps it (`"schema": 1`)."""

import msgspec

SCHEMA = 1


class Phases(msgspec.Struct, frozen=True, kw_only=True):
    """A figure in each phase; None where it could not be measured (the server was gone, say)."""

    quiet: float | None
    viewing: float | None
    after: float | None


UNMEASURED = Phases(quiet=None, viewing=None, after=None)


class Tasks(msgspec.Struct, frozen=True, kw_only=True):
    """Asyncio tasks of the server, from the census at each phase's end."""

    live: Phases
    created_per_second: float | None
    """While viewing."""
    created: Phases = UNMEASURED
    """As the server's event loop counts them; None where it does not answer, and for several workers."""


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Latency of `/healthz` while viewing, in milliseconds; None where no probe was answered."""

    p50: float | None
    p99: float | None
    failed: int
    """Probes that were not answered within their second."""


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Log lines, summed over the views."""

    expected: int
    received: int
    lost: int
    repeated: int


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What the server still held after everyone had left, beyond what it held when quiet."""

    tasks: int | None
    connections: int | None


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A row: one variant, one kind of pod."""

    variant: str
    pod: str
    views: int
    workers: int
    cores: Phases
    """CPU seconds a second, the server's processes together."""
    demand: Phases
    """On-CPU plus run-queue wait, seconds a second: the cores that were asked for."""
    cpu_seconds: Phases = UNMEASURED
    """CPU time of the server's processes together."""
    turns: Phases = UNMEASURED
    """Of the server's event loop, as it counts them; None where it does not answer, and for several workers."""
    empty_turns: Phases = UNMEASURED
    """Those of them that nothing from outside had caused."""
    tasks: Tasks
    rss_mb: Phases
    """Peak resident memory in the phase, MiB."""
    health_ms: Health
    lines: Lines
    empty_frames: int
    log_requests_per_second: float | None
    """Log requests to the Kubernetes API while viewing."""
    left: Left
    ended: str
    """"deadline" (its time was over, the ordinary end), "memory limit", "died: ...", "interrupted"."""
    recording: str
    """The recording's folder, relative to the comparison; "" where there is none."""
    verdicts: tuple[str, ...] = ()
    """What `diag` says of the recording, the worst first; () where there is none."""
    culprit: str = ""
    """Where, as "function (file:lines)", with the package if it is one's; "" where there is no such place."""
    causes: tuple[str, ...] = ()
    """"HL001 ineffective-break"..."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """The runs of one scenario, on one machine."""

    schema: int = SCHEMA
    started: float
    """Seconds since the epoch."""
    seconds: float
    """How long the whole took."""
    cluster: str
    """"embedded", or the real cluster's address and version."""
    command: str
    """The command that measured it."""
    memory_limit_mb: int
    seconds_of_phases: Phases = UNMEASURED
    """How long each phase is meant to be, of a run with one worker."""
    machine: dict[str, str | int]
    """As in the recordings: cores, processor, memory_bytes, kernel, python, hotloop, py_spy."""
    runs: tuple[Run, ...]
