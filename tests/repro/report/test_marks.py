"""A cell is marked where its budget is broken, and only there."""

from typing import Any

import pytest
from example_runs import phases, run, spinning

from repro.comparison import Health, Left, Lines, Run, Tasks
from repro.report.columns import COLUMNS
from repro.report.marks import RULES, heavy, marks

NONE = phases(None, None, None)


def test_a_good_run_has_no_mark() -> None:
    """Nothing is marked where nothing is wrong."""
    assert marks(run("hardened")) == {}
    assert not heavy(run("hardened"))


@pytest.mark.parametrize(
    ("column", "changes"),
    [
        ("viewing", {"cores": phases(0, 0.051, 0)}),
        ("after", {"cores": phases(0, 0, 0.051)}),
        ("demand", {"demand": phases(0, 0.101, 0)}),
        ("created", {"tasks": Tasks(live=phases(4, 4, 4), created_per_second=101)}),
        ("live", {"tasks": Tasks(live=phases(4, 125, 4), created_per_second=0)}),
        ("left", {"left": Left(tasks=1, connections=None)}),
        ("left", {"left": Left(tasks=None, connections=2)}),
        ("rss", {"rss_mb": phases(60, 161, 161)}),
        ("health", {"health_ms": Health(p50=1, p99=251, failed=0)}),
        ("health", {"health_ms": Health(p50=1, p99=2, failed=1)}),
        ("lost", {"lines": Lines(expected=21, received=20, lost=1, repeated=0)}),
        ("repeated", {"lines": Lines(expected=20, received=21, lost=0, repeated=1)}),
        ("empty", {"empty_frames": 1}),
        ("requests", {"log_requests_per_second": 11}),
        ("ended", {"ended": "died: signal 9"}),
    ],
)
def test_each_budget_marks_its_column(column: str, changes: dict[str, Any]) -> None:
    """One broken budget gives one mark."""
    assert list(marks(run(**changes))) == [column]


def test_running_pods_may_take_more() -> None:
    """Lines that come cost CPU and tasks: a running pod's budget is larger."""
    busy: dict[str, Any] = {
        "cores": phases(0, 0.19, 0),
        "demand": phases(0, 0.39, 0),
        "tasks": Tasks(live=phases(4, 40, 4), created_per_second=2000),
    }
    assert marks(run("hardened", "running", **busy)) == {}
    assert {"viewing", "created"} <= marks(run("hardened", "succeeded", **busy)).keys()


def test_many_workers_may_idle() -> None:
    """25 idle processes may take 0.29 core together."""
    assert (
        marks(
            run("hardened", workers=25, views=25, cores=phases(0.2, 0.28, 0.2), demand=phases(0.2, 0.28, 0.2))
        )
        == {}
    )


def test_what_was_not_measured_is_not_marked() -> None:
    """None is neither good nor bad; only the way the run ended counts."""
    unknown = run(
        cores=NONE,
        demand=NONE,
        tasks=Tasks(live=NONE, created_per_second=None),
        rss_mb=NONE,
        health_ms=Health(p50=None, p99=None, failed=0),
        log_requests_per_second=None,
        left=Left(tasks=None, connections=None),
        ended="died: out of memory",
    )
    assert list(marks(unknown)) == ["ended"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [(spinning(), True), (run(lines=Lines(expected=2, received=1, lost=1, repeated=0)), False)],
)
def test_stacks_tell_something_of_heavy_runs_only(row: Run, *, expected: bool) -> None:
    """A lost line is a fault that no flamegraph shows."""
    assert heavy(row) is expected


def test_every_rule_has_its_column() -> None:
    """A mark always lands in a cell."""
    assert {rule.column for rule in RULES} <= {column.key for column in COLUMNS}
