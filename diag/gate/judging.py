"""Samples, a budget and a baseline come to a judgement."""

from collections.abc import Sequence

from diag.gate import baseline, limits
from diag.gate.budget import Budget
from diag.gate.judgement import Judgement, judgement
from diag.gate.samples import Sample, by_subject


def judge(
    samples: Sequence[Sample], before: Sequence[Sample] | None, budget: Budget | None, *, baseline_name: str
) -> Judgement:
    """Judge samples by a budget, and beside a baseline, as far as there are.

    Args:
        samples: of the runs to judge.
        before: of the baseline's runs; None where there is none.
        budget: the limits; None where there are none.
        baseline_name: what the baseline is called.

    Raises:
        HotloopError: the comparison needs a library that is missing.
    """
    subjects = by_subject(samples)
    checks = list(limits.judge(budget, subjects)) if budget and budget.tables else []
    if before is not None:
        checks += baseline.compare(by_subject(before), subjects)
    return judgement(
        checks,
        budget=budget.file if budget and budget.tables else "",
        baseline=baseline_name if before is not None else "",
        runs=len({sample.place for sample in samples}),
    )
