"""Runs for the gate, made by hand: rows of a comparison, samples, and pytest-benchmark's JSON."""

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from diag.gate.figures import RUN
from diag.gate.samples import Sample, Subject, by_subject

MACHINE = {"cores": 2, "processor": "Example CPU", "memory_bytes": 1 << 34, "kernel": "6.1", "python": "3.11.7",
           "hotloop": "0.1.0", "py_spy": "0.4.3"}  # fmt: skip


def phases(quiet: float | None, viewing: float | None, after: float | None) -> dict[str, float | None]:
    """Make a figure of each phase."""
    return {"quiet": quiet, "viewing": viewing, "after": after}


def run(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - any key of a run
    """Make a row of a hardened run with nothing against it, but for `changes`."""
    fields: dict[str, Any] = {
        "variant": "hardened", "pod": "succeeded", "views": 20, "workers": 1,
        "cores": phases(0.0, 0.1, 0.0), "demand": phases(0.0, 0.1, 0.0), "cpu_seconds": phases(0.0, 0.2, 0.0),
        "turns": phases(10, 1100, 12), "empty_turns": phases(7, 700, 8),
        "tasks": {"live": phases(2, 2, 2), "created_per_second": 20.0, "created": phases(3, 165, 3)},
        "rss_mb": phases(80, 81, 81), "health_ms": {"p50": 2.0, "p99": 9.0, "failed": 0},
        "lines": {"expected": 400, "received": 400, "lost": 0, "repeated": 0}, "empty_frames": 0,
        "log_requests_per_second": 5.0, "left": {"tasks": 0, "connections": 0}, "ended": "deadline",
        "recording": "", "verdicts": ["healthy"], "culprit": "", "causes": [],
    }  # fmt: skip
    return fields | changes


def comparison(folder: Path, *runs: dict[str, Any], started: float = 1.7e9, **changes: Any) -> Path:  # noqa: ANN401 - any key
    """Write a comparison.json of rows into a folder; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "schema": 1, "started": started, "seconds": 9.0, "cluster": "embedded", "command": "repro run",
        "memory_limit_mb": 1024, "machine": MACHINE, "runs": list(runs) or [run()],
    }  # fmt: skip
    (folder / "comparison.json").write_text(json.dumps(content | changes))
    return folder


def benchmark(file: Path, tests: dict[str, dict[str, Any]], started: float = 1.7e9, **changes: Any) -> Path:  # noqa: ANN401 - any key
    """Write pytest-benchmark's JSON with the `extra_info` of tests; gives the file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "machine_info": {"node": "ci", "python_version": "3.11.7", "python_implementation": "CPython", "cpu": {"count": 2}},
        "benchmarks": [
            {"name": name, "fullname": f"bench_x.py::{name}", "extra_info": extra, "stats": {"data": [1.0]}}
            for name, extra in tests.items()
        ],
        "datetime": dt.datetime.fromtimestamp(started, dt.UTC).isoformat(),
        "version": "5.2.0",
    }  # fmt: skip
    file.write_text(json.dumps(content | changes))
    return file


SUBJECT = Subject(source="run", path=("succeeded", "hardened"), views=20, workers=1)


def samples(
    name: str,
    values: Sequence[float | None],
    *,
    started: Iterable[float] | None = None,
    **changes: Any,  # noqa: ANN401 - any field
) -> list[Sample]:
    """Make a sample for each value of a figure, one a second unless `started` says when."""
    times = list(started) if started is not None else list(range(len(values)))
    fields: dict[str, Any] = {"conditions": {"machine": "one"}, "known": RUN, "subject": SUBJECT} | changes
    return [
        Sample(place=Path(f"/runs/{time}"), started=float(time), figures={name: value}, **fields)
        for time, value in zip(times, values, strict=True)
    ]


def sides(
    name: str, before: Sequence[float | None], after: Sequence[float | None]
) -> tuple[dict[Subject, list[Sample]], dict[Subject, list[Sample]]]:
    """Make the samples of two sides, measured by turns."""
    return (
        by_subject(samples(name, before, started=range(0, 2 * len(before), 2))),
        by_subject(samples(name, after, started=range(1, 2 * len(after), 2))),
    )
