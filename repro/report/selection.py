"""Which runs belong together, and the order in which they are shown."""

from collections.abc import Iterable

from repro.comparison import Comparison, Run
from repro.report import words


def ordered(runs: Iterable[Run]) -> list[Run]:
    """Put runs into the order in which they are shown: by variant, single-process runs first, then by pod."""
    return sorted(
        runs,
        key=lambda run: (words.variant_order(run.variant), run.workers, words.pod_order(run.pod), run.views),
    )


def headline_runs(comparison: Comparison) -> list[Run]:
    """Give the runs of the largest multi-process scenario: same pod, views and workers, a run a variant."""
    many = [run for run in comparison.runs if run.workers > 1]
    if not many:
        return []
    scale = max((run.workers, run.views) for run in many)
    same = [run for run in many if (run.workers, run.views) == scale]
    pod = same[0].pod
    return ordered(run for run in same if run.pod == pod)


def matrix_runs(comparison: Comparison) -> list[Run]:
    """Give the runs that are not part of the headline."""
    headline = headline_runs(comparison)
    return ordered(run for run in comparison.runs if run not in headline)
