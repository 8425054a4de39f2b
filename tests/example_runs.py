"""Hand-built comparisons and recordings: what the runner measures, without measuring."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from diag.recording import (
    Activity,
    Census,
    Frame,
    Machine,
    Phase,
    Recording,
    Settings,
    Stacks,
    StackSample,
    Target,
    TaskGroup,
)
from repro.comparison import Comparison, Health, Left, Lines, Phases, Run, Tasks

QUIET, VIEWING, AFTER = (0.0, 2.0), (2.0, 7.0), (7.0, 10.0)
PYTHON = "/usr/lib/python3.11"
PACKAGES = "/home/me/hotloop/.venv/lib/python3.11/site-packages"
VARIANTS = "/home/me/hotloop/repro/server/variants"

MACHINE = Machine(
    cores=2,
    processor="Example CPU @ 2.50GHz",
    memory_bytes=24 << 30,
    kernel="Linux 6.1.0 x86_64",
    python="3.11.7",
    hotloop="0.1.0",
    py_spy="0.4.3",
)


def phases(quiet: float | None, viewing: float | None, after: float | None) -> Phases:
    """Write a figure of each phase."""
    return Phases(quiet=quiet, viewing=viewing, after=after)


def run(variant: str = "buggy", pod: str = "succeeded", **changes: Any) -> Run:  # noqa: ANN401 - any field of a Run
    """Make a run in which nothing is wrong, but for `changes`."""
    fields: dict[str, Any] = {
        "variant": variant,
        "pod": pod,
        "views": 1,
        "workers": 1,
        "cores": phases(0.004, 0.012, 0.004),
        "demand": phases(0.004, 0.014, 0.004),
        "tasks": Tasks(live=phases(4, 7, 4), created_per_second=1.2),
        "rss_mb": phases(61, 62, 62),
        "health_ms": Health(p50=1.1, p99=3.4, failed=0),
        "lines": Lines(expected=20, received=20, lost=0, repeated=0),
        "empty_frames": 0,
        "log_requests_per_second": 0.2,
        "left": Left(tasks=0, connections=0),
        "ended": "deadline",
        "recording": f"recordings/{variant}-{pod}",
        "verdicts": ("healthy",),
    }
    return Run(**(fields | changes))


def spinning(variant: str = "buggy", pod: str = "succeeded", **changes: Any) -> Run:  # noqa: ANN401 - any field
    """Make a run that burns a core and goes on burning it."""
    burning: dict[str, Any] = {
        "cores": phases(0.004, 0.991, 0.987),
        "demand": phases(0.004, 1.013, 1.002),
        "health_ms": Health(p50=1.9, p99=7.2, failed=0),
        "left": Left(tasks=3, connections=0),
        "verdicts": ("spin",),
        "culprit": f"read_log (variants/{variant}.py:33-44)",
        "causes": ("HL001 ineffective-break",),
    }
    return run(variant, pod, **(burning | changes))


def comparison(*runs: Run, **changes: Any) -> Comparison:  # noqa: ANN401 - any field of a Comparison
    """Put runs into a comparison."""
    fields: dict[str, Any] = {
        "started": 1_764_000_000.0,
        "seconds": 231.0,
        "cluster": "embedded",
        "command": "repro run -o reports/latest",
        "memory_limit_mb": 1024,
        "machine": {name: getattr(MACHINE, name) for name in MACHINE.__struct_fields__},
        "runs": runs,
    }
    return Comparison(**(fields | changes))


def full_comparison() -> Comparison:
    """Give what the default scenario measures: eight variants, three kinds of pods, and the pair at scale."""
    return comparison(*_faulty(), *_fixed(), *_at_scale())


def _faulty() -> list[Run]:
    """Give the runs of the faulty variants."""
    frozen: dict[str, Any] = {
        "health_ms": Health(p50=None, p99=None, failed=9),
        "tasks": Tasks(live=phases(4, None, None), created_per_second=None),
    }
    runs = [spinning(pod=pod) for pod in ("succeeded", "crash-looping")]
    runs += [spinning("frozen", pod, **frozen) for pod in ("succeeded", "crash-looping")]
    respawn = Tasks(live=phases(4, 9, 7), created_per_second=41_200.0)
    runs += [spinning("half_fixed", pod, tasks=respawn) for pod in ("succeeded", "crash-looping")]
    runs += [
        spinning(
            "fan_out",
            pod,
            cores=phases(0.004, 1.0, None),
            demand=phases(0.004, 1.02, None),
            tasks=Tasks(live=phases(4, 1_130_000, None), created_per_second=312_000.0),
            rss_mb=phases(61, 1024, None),
            health_ms=Health(p50=None, p99=None, failed=3),
            left=Left(tasks=None, connections=None),
            ended="memory limit",
            verdicts=("leak", "spin"),
            causes=("HL014 task-without-end", "HL009 task-per-turn"),
        )
        for pod in ("succeeded", "crash-looping")
    ]
    storm: dict[str, Any] = {
        "cores": phases(0.004, 0.62, 0.004),
        "demand": phases(0.004, 0.71, 0.004),
        "lines": Lines(expected=20, received=9420, lost=0, repeated=9400),
        "log_requests_per_second": 94.0,
        "left": Left(tasks=0, connections=0),
        "verdicts": ("storm",),
        "culprit": "Watch.stream of kubernetes 37.0.2 (watch/watch.py:170-220)",
        "causes": ("HL013 watch-restarted",),
    }
    runs += [spinning("rewatch", pod, **storm) for pod in ("succeeded", "crash-looping")]
    quiet = ("buggy", "frozen", "half_fixed", "fan_out", "rewatch")
    return [
        *runs,
        *(run(variant, "running", views=20, cores=phases(0.004, 0.06, 0.004)) for variant in quiet),
    ]


def _fixed() -> list[Run]:
    """Give the runs of the fixed variants."""
    runs = [
        run(variant, pod, views=20)
        for variant in ("published", "hardened", "bypass")
        for pod in ("running", "succeeded", "crash-looping")
        if (variant, pod) != ("published", "running")
    ]
    lost = Lines(expected=21, received=20, lost=1, repeated=0)
    return [
        *runs,
        run("published", "no-newline", lines=lost),
        run("published", "running", views=20, left=Left(tasks=20, connections=0)),
    ]


def _at_scale() -> list[Run]:
    """Give the pair with 25 workers."""
    many: dict[str, Any] = {
        "views": 25,
        "workers": 25,
        "lines": Lines(expected=500, received=500, lost=0, repeated=0),
    }
    burning: dict[str, Any] = {
        "cores": phases(0.03, 1.96, 1.97),
        "demand": phases(0.03, 25.08, 24.93),
        "rss_mb": phases(1500, 1510, 1510),
    }
    quiet: dict[str, Any] = {
        "cores": phases(0.03, 0.04, 0.03),
        "demand": phases(0.03, 0.043, 0.03),
        "rss_mb": phases(1500, 1510, 1510),
    }
    return [
        spinning(**many, **burning, left=Left(tasks=75, connections=0), recording="recordings/buggy-25"),
        run("hardened", **many, **quiet, recording="recordings/hardened-25"),
    ]


@dataclass(frozen=True)
class Stack:
    """A stack and how often it was seen: `(function, file, line)`, outermost first."""

    frames: Sequence[tuple[str, str, int]]
    samples: int


LOOP = (
    ("<module>", "/home/me/hotloop/repro/__main__.py", 9),
    ("run", f"{PYTHON}/asyncio/runners.py", 190),
    ("BaseEventLoop.run_until_complete", f"{PYTHON}/asyncio/base_events.py", 640),
    ("BaseEventLoop.run_forever", f"{PYTHON}/asyncio/base_events.py", 607),
    ("BaseEventLoop._run_once", f"{PYTHON}/asyncio/base_events.py", 1922),
)
HANDLER = (
    *LOOP,
    ("_run", f"{PYTHON}/asyncio/events.py", 80),
    ("start", f"{PACKAGES}/aiohttp/web_protocol.py", 547),
    ("_handle", f"{PACKAGES}/aiohttp/web_app.py", 569),
    ("logs", "/home/me/hotloop/repro/server/app.py", 88),
)


def stacks_of(variant: str, line: int = 60) -> list[Stack]:
    """Give the stacks of a variant that spins at `line` of its module."""
    module = f"{VARIANTS}/{variant}.py"
    view, read = ("view", module, line - 8), ("read_log", module, line)
    return [
        Stack((*HANDLER, view), 60),
        Stack((*HANDLER, view, ("wait", f"{PYTHON}/asyncio/tasks.py", 420)), 90),
        Stack(
            (
                *HANDLER,
                view,
                ("wait", f"{PYTHON}/asyncio/tasks.py", 425),
                ("_wait", f"{PYTHON}/asyncio/tasks.py", 530),
            ),
            40,
        ),
        Stack((*LOOP, ("_run", f"{PYTHON}/asyncio/events.py", 80), read), 70),
        Stack((*LOOP, ("_run", f"{PYTHON}/asyncio/events.py", 80), ("read_log", module, line + 3)), 30),
        Stack(
            (
                *LOOP,
                ("_run", f"{PYTHON}/asyncio/events.py", 80),
                read,
                ("readline", f"{PACKAGES}/aiohttp/streams.py", 350),
            ),
            80,
        ),
        Stack((*LOOP, ("select", f"{PYTHON}/selectors.py", 468)), 70),
        Stack(LOOP, 50),
        Stack((*LOOP, ("_run", f"{PYTHON}/asyncio/events.py", 80), ("rare", module, line + 9)), 2),
    ]


def sampled(stacks: Sequence[Stack], *, pid: int = 4242, start: float = 2.5, end: float = 7.0) -> Stacks:
    """Spread stacks evenly over a window, as the sampler would have seen them."""
    frames: dict[tuple[str, str, int], int] = {}
    indices = [
        tuple(frames.setdefault(frame, len(frames)) for frame in stack.frames)
        for stack in stacks
        for _ in range(stack.samples)
    ]
    step = (end - start) / max(len(indices), 1)
    return Stacks(
        pid=pid,
        start=start,
        end=end,
        frames=tuple(Frame(function=function, file=file, line=line) for function, file, line in frames),
        samples=tuple(
            StackSample(at=start + step * place, thread="MainThread", frames=its)
            for place, its in enumerate(indices)
        ),
        ticks=max(len(indices), round((end - start) * 100)),
        errors=0,
        late=0.01,
    )


def recording(
    *,
    cores: Phases | None = None,
    live: Phases | None = None,
    stacks: Sequence[Stacks] = (),
    pids: Sequence[int] = (4242,),
    until: float = AFTER[1],
    **changes: Any,  # noqa: ANN401 - any field of a Recording
) -> Recording:
    """Make a recording whose curves follow the figures of the phases, a little unevenly."""
    cores = cores or phases(0.004, 0.012, 0.004)
    live = live or phases(4, 7, 4)
    fields: dict[str, Any] = {
        "target": Target(
            pid=pids[0],
            created=1_764_000_000.0,
            command=("python", "-m", "repro", "serve"),
            executable="/usr/bin/python3.11",
            user="me",
            version="3.11.7",
        ),
        "machine": MACHINE,
        "settings": Settings(activity_interval=0.2, stack_rate=100),
        "started": 1_764_000_000.0,
        "seconds": until,
        "phases": tuple(
            Phase(name=name, start=start, end=min(end, until))
            for name, (start, end) in (("quiet", QUIET), ("viewing", VIEWING), ("after", AFTER))
            if start < until
        ),
        "activity": tuple(reading for pid in pids for reading in _activity(pid, cores, len(pids), until)),
        "stacks": tuple(stacks),
        "censuses": tuple(census for pid in pids for census in _censuses(pid, live, len(pids), until)),
        "sources": (),
    }
    return Recording(**(fields | changes))


def _at(figures: Phases, at: float) -> float:
    """Give the figure of the phase at a moment."""
    value = figures.quiet if at < QUIET[1] else figures.viewing if at < VIEWING[1] else figures.after
    return value or 0.0


def _activity(pid: int, cores: Phases, processes: int, until: float) -> list[Activity]:
    """Take a reading every 0.2 s."""
    cpu, readings = 0.5, []
    for step in range(int(until / 0.2) + 1):
        at = 0.2 * step
        cpu += 0.2 * _at(cores, at - 0.1) / processes * (1 - 0.03 * math.sin(3 * at) ** 2)
        readings.append(
            Activity(
                at=at,
                pid=pid,
                cpu_user=cpu * 0.95,
                cpu_system=cpu * 0.05,
                run_wait=0.02 * cpu,
                voluntary=step,
                involuntary=step,
                threads=1,
                rss_bytes=61 << 20,
                descriptors=20,
                connections=1,
                sampled=QUIET[1] < at < VIEWING[1],
            )
        )
    return readings


def _censuses(pid: int, live: Phases, processes: int, until: float) -> list[Census]:
    """Count tasks every second; a large number is reached by growing."""
    looks = []
    for step in range(int(until) + 1):
        count = _at(live, float(step)) / processes
        if count > 1000:
            count *= (step - QUIET[1] + 0.2) / (min(until, VIEWING[1]) - QUIET[1])
        group = TaskGroup(
            coroutine="read_log",
            file=f"{VARIANTS}/buggy.py",
            line=20,
            state="pending",
            count=max(1, round(count)),
        )
        looks.append(Census(at=float(step), pid=pid, groups=(group,), created=100 + step, seconds=0.02))
    return looks


def recording_of(row: Run, lines: Mapping[str, int] | None = None) -> Recording:
    """Make the recording that fits a run."""
    pids = tuple(4242 + number for number in range(row.workers))
    hot = (row.cores.viewing or 0) > 0.5
    line = (lines or {}).get(row.variant, 60)
    stacks = [sampled(stacks_of(row.variant, line), pid=pid) for pid in pids] if hot else []
    until = 4.6 if row.ended == "memory limit" else AFTER[1]
    return recording(
        cores=row.cores,
        live=row.tasks.live,
        stacks=stacks,
        pids=pids,
        until=until,
    )
