"""Samples out of `repro run`'s comparison.json: a run each row. Only what the gate judges is read."""

from pathlib import Path

import msgspec

from diag.errors import HotloopError
from diag.gate.figures import RUN
from diag.gate.samples import Sample, Subject, Value

FILE = "comparison.json"
SCHEMA = 1

IN_TIME = "deadline"
AGAINST = ("memory limit", "died", "failed: the server ")
"""How a run ends whose server is at fault; any other end is the measurement's."""


class _Phases(msgspec.Struct, frozen=True):
    quiet: float | None = None
    viewing: float | None = None
    after: float | None = None


class _Tasks(msgspec.Struct, frozen=True):
    live: _Phases = _Phases()
    created: _Phases = _Phases()


class _Health(msgspec.Struct, frozen=True):
    p50: float | None = None
    p99: float | None = None
    failed: int | None = None


class _Lines(msgspec.Struct, frozen=True):
    expected: int
    received: int
    lost: int
    repeated: int


class _Left(msgspec.Struct, frozen=True):
    tasks: int | None
    connections: int | None


class _Run(msgspec.Struct, frozen=True):
    """A row."""

    variant: str
    pod: str
    views: int
    workers: int
    cores: _Phases
    demand: _Phases
    tasks: _Tasks
    rss_mb: _Phases
    lines: _Lines
    empty_frames: int
    left: _Left
    ended: str
    health_ms: _Health = _Health()
    cpu_seconds: _Phases = _Phases()
    turns: _Phases = _Phases()
    empty_turns: _Phases = _Phases()
    log_requests_per_second: float | None = None
    recording: str = ""
    verdicts: tuple[str, ...] = ()
    culprit: str = ""


class _Comparison(msgspec.Struct, frozen=True):
    """The file."""

    schema: int
    started: float
    cluster: str
    memory_limit_mb: int
    machine: dict[str, str | int]
    runs: tuple[_Run, ...]
    seconds_of_phases: _Phases = _Phases()


def read(file: Path) -> list[Sample]:
    """Read the samples of a comparison.

    Raises:
        HotloopError: it is damaged, or of a newer hotloop.
    """
    try:
        content = file.read_bytes()
        schema = msgspec.json.decode(content, type=dict[str, object]).get("schema")
        if schema != SCHEMA:
            raise HotloopError(
                f"{file} has schema {schema!r}, and this hotloop reads {SCHEMA}: use a newer one."
            )
        comparison = msgspec.json.decode(content, type=_Comparison)
    except msgspec.DecodeError as error:
        raise HotloopError(f"{file} is no comparison of `repro run`: {error}.") from error
    if not comparison.runs:
        raise HotloopError(f"{file} holds no run: run `repro run` again.")
    return [_sample(file, comparison, run) for run in comparison.runs]


def _sample(file: Path, comparison: _Comparison, run: _Run) -> Sample:
    failed = run.ended.startswith(("failed", "interrupted"))
    return Sample(
        subject=Subject(source="run", path=(run.pod, run.variant), views=run.views, workers=run.workers),
        place=file.parent,
        started=comparison.started,
        figures={} if failed else _figures(run),
        conditions=_conditions(comparison),
        known=RUN,
        ended="" if run.ended == IN_TIME else run.ended,
        broken=run.ended.startswith(AGAINST),
        verdicts=run.verdicts,
        culprit=run.culprit,
        recording=file.parent / run.recording if run.recording else None,
    )


def _figures(run: _Run) -> dict[str, Value]:
    tasks, health, lines = run.tasks, run.health_ms, run.lines
    memory = [
        value for value in (run.rss_mb.quiet, run.rss_mb.viewing, run.rss_mb.after) if value is not None
    ]
    return {
        "cores": run.cores.viewing,
        "cores_quiet": run.cores.quiet,
        "cores_after": run.cores.after,
        "demand": run.demand.viewing,
        "demand_quiet": run.demand.quiet,
        "demand_after": run.demand.after,
        "cpu_seconds": run.cpu_seconds.viewing,
        "cpu_seconds_after": run.cpu_seconds.after,
        "turns": run.turns.viewing,
        "turns_after": run.turns.after,
        "empty_turns": run.empty_turns.viewing,
        "empty_turns_after": run.empty_turns.after,
        "turns_per_view": _over(run.turns.viewing, run.views),
        "empty_turns_per_view": _over(run.empty_turns.viewing, run.views),
        "tasks_created": tasks.created.viewing,
        "tasks_created_after": tasks.created.after,
        "tasks_created_per_view": _over(tasks.created.viewing, run.views),
        "tasks_live": tasks.live.viewing,
        "tasks_left": run.left.tasks,
        "connections_left": run.left.connections,
        "lines_received": lines.received,
        "lines_lost": lines.lost,
        "lines_repeated": lines.repeated,
        "empty_frames": run.empty_frames,
        "rss_mb": max(memory, default=None),
        "rss_growth_mb": _more(run.rss_mb.quiet, run.rss_mb.viewing),
        "health_p50_ms": health.p50,
        "health_p99_ms": health.p99,
        "health_failed": health.failed,
        "log_requests_per_second": run.log_requests_per_second,
    }


def _conditions(comparison: _Comparison) -> dict[str, str]:
    machine = comparison.machine
    phases = comparison.seconds_of_phases
    return {
        "machine": ", ".join(
            str(machine.get(key, "")) for key in ("cores", "processor", "memory_bytes", "kernel")
        ),
        "Python": str(machine.get("python", "")),
        "hotloop": str(machine.get("hotloop", "")),
        "sampler": f"py-spy {machine.get('py_spy', '')}",
        "cluster": comparison.cluster,
        "memory limit": f"{comparison.memory_limit_mb} MiB",
        "length of the phases": ", ".join(str(each) for each in (phases.quiet, phases.viewing, phases.after)),
    }


def _over(value: float | None, views: int) -> float | None:
    return None if value is None or views < 1 else value / views


def _more(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else max(0.0, after - before)
