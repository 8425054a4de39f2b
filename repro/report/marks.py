"""What counts as a fault: the budgets, and the cells of a run that break them."""

from collections.abc import Callable
from dataclasses import dataclass

from diag.reports.headline import BAD
from repro.comparison import Run

CORES = 0.05
"""Cores that a server may take for views of finished pods: one that waits needs next to none."""

CORES_RUNNING = 0.2
"""Cores that it may take for views of running pods, which bring lines."""

CORES_A_WORKER = 0.01
"""Cores more for each worker process beyond the first: idle event loops, health checks."""

ARTICLE_CORES = 1.0
"""What the article calls cured: "within 1 core"."""

RUNNING_PODS = frozenset(
    {"running", "chatty", "silent", "several-containers", "init-containers", "long-lines"}
)
"""Kinds of pods that go on while they are viewed; on all others the log ends."""

CREATED_PER_SECOND = 100
TASKS_A_VIEW = 20
LIVE_TASKS = 100
RSS_GROWTH_MB = 100
HEALTH_MS = 250
REQUESTS_PER_SECOND = 10

_CLEARLY = 1.2
"""Demand over the cores that were got, from which the demand is worth saying."""


@dataclass(frozen=True)
class Rule:
    """One way of breaking a budget."""

    column: str
    """Key of the column that it marks (see `columns`)."""
    meaning: str
    """For the legend: what is marked, and why."""
    broken: Callable[[Run], bool]


def finished(run: Run) -> bool:
    """Tell whether the run's pods had ended, or end while they are viewed."""
    return run.pod not in RUNNING_PODS


def budget(run: Run) -> float:
    """Give the cores that the run's server may take while viewing."""
    base = CORES if finished(run) else CORES_RUNNING
    return base + CORES_A_WORKER * (run.workers - 1)


def idle_budget(run: Run) -> float:
    """Give the cores that the run's server may take after everyone has left."""
    return CORES + CORES_A_WORKER * (run.workers - 1)


def _over(value: float | None, limit: float) -> bool:
    return value is not None and value > limit


def _live_tasks(run: Run) -> bool:
    """Tell whether more tasks were alive than the views explain."""
    allowed = (run.tasks.live.quiet or 0) + LIVE_TASKS + TASKS_A_VIEW * run.views
    return _over(run.tasks.live.viewing, allowed)


def _memory(run: Run) -> bool:
    """Tell whether memory grew by more than the limit over what it was when quiet."""
    return run.rss_mb.quiet is not None and _over(run.rss_mb.viewing, run.rss_mb.quiet + RSS_GROWTH_MB)


def against(run: Run) -> bool:
    """Tell whether `diag` has a verdict against the run's server."""
    return bool(BAD & set(run.verdicts))


RULES = (
    Rule("verdict", "diag has a verdict against the server (docs/inspect.md)", against),
    Rule(
        "viewing",
        f"more than {CORES} core for views of finished pods, {CORES_RUNNING} for running ones "
        f"(+ {CORES_A_WORKER} a worker beyond the first)",
        lambda run: _over(run.cores.viewing, budget(run)),
    ),
    Rule(
        "after",
        f"more than {CORES} core after everyone left (+ {CORES_A_WORKER} a worker beyond the first)",
        lambda run: _over(run.cores.after, idle_budget(run)),
    ),
    Rule(
        "demand",
        "demand over twice the cores' budget while viewing (a wait for a core that others hold is no fault)",
        lambda run: _over(run.demand.viewing, 2 * budget(run)),
    ),
    Rule(
        "created",
        f"more than {CREATED_PER_SECOND} tasks created a second on a pod that brings no more lines",
        lambda run: finished(run) and _over(run.tasks.created_per_second, CREATED_PER_SECOND),
    ),
    Rule(
        "live",
        f"more than {LIVE_TASKS} live tasks + {TASKS_A_VIEW} a view, beyond the quiet ones",
        _live_tasks,
    ),
    Rule("left", "tasks or connections left behind by views that are over", lambda run: left(run) > 0),
    Rule("rss", f"memory grew by more than {RSS_GROWTH_MB} MiB while viewing", _memory),
    Rule(
        "health",
        f"a health check unanswered, or a 99th percentile over {HEALTH_MS} ms",
        lambda run: run.health_ms.failed > 0 or _over(run.health_ms.p99, HEALTH_MS),
    ),
    Rule("lost", "a line that the pod wrote did not come", lambda run: run.lines.lost > 0),
    Rule("repeated", "a line came more than once", lambda run: run.lines.repeated > 0),
    Rule("empty", "empty frames sent on a finished pod", lambda run: finished(run) and run.empty_frames > 0),
    Rule(
        "requests",
        f"more than {REQUESTS_PER_SECOND} log requests a second for each view of a finished pod",
        lambda run: (
            finished(run) and _over(run.log_requests_per_second, REQUESTS_PER_SECOND * max(run.views, 1))
        ),
    ),
    Rule("ended", "the run did not reach its end", lambda run: run.ended != "deadline"),
)

_HEAVY = frozenset({"viewing", "after", "demand", "created", "live", "rss", "health", "requests", "ended"})


def left(run: Run) -> int:
    """Count what the server still held after everyone had left; 0 where it could not be counted."""
    return max(run.left.tasks or 0, 0) + max(run.left.connections or 0, 0)


def starved(run: Run) -> bool:
    """Tell whether the server would clearly have taken more cores where nothing else wants them."""
    asked, got = run.demand.viewing, run.cores.viewing
    return asked is not None and got is not None and asked > _CLEARLY * got and asked - got > CORES


def marks(run: Run) -> dict[str, str]:
    """Give the columns that are marked for `run`, each with what its mark means."""
    return {rule.column: rule.meaning for rule in RULES if rule.broken(run)}


def heavy(run: Run) -> bool:
    """Tell whether the run wasted CPU, memory or the server's attention, so that its stacks tell something."""
    return bool(_HEAVY & marks(run).keys())
