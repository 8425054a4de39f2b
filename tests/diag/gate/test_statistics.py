"""The test, the interval and the correction: against known values, scipy, and chance itself."""

import itertools
import random

import pytest

pytest.importorskip("scipy")

from made_gate import sides

from diag.gate import statistics
from diag.gate.baseline import compare


def test_a_clean_split_has_the_smallest_p() -> None:
    """All five above all five: one way of 252."""
    assert statistics.p_value([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]) == pytest.approx(1 / 252)
    assert statistics.smallest_p(5, 5) == pytest.approx(1 / 252)


def test_the_test_is_one_sided() -> None:
    """Less is no regression."""
    assert statistics.p_value([6, 7, 8, 9, 10], [1, 2, 3, 4, 5]) == pytest.approx(1.0)


def test_equal_runs_are_dealt_exactly() -> None:
    """With ties p is what counting all ways gives: here those in which the only 2 falls to the second side."""
    assert statistics.p_value([1, 1, 1, 1, 1], [1, 1, 1, 1, 2]) == pytest.approx(0.5)
    assert statistics.p_value([0.1] * 5, [0.2] * 5) == pytest.approx(1 / 252)
    assert statistics.p_value([3] * 6, [3] * 6) == 1.0


@pytest.mark.parametrize(("checks", "runs"), [(1, 5), (2, 5), (3, 6), (9, 6), (10, 7)])
def test_runs_that_several_checks_need(checks: int, runs: int) -> None:
    """The smallest p of so many runs is within the share of alpha of one check."""
    assert statistics.runs_needed(checks) == runs
    assert statistics.smallest_p(runs, runs) <= statistics.ALPHA / checks


def test_holm_rejects_from_the_smallest_on() -> None:
    """0.002 passes 0.01 / 3, 0.004 passes 0.01 / 2, 0.011 does not pass 0.01; after the first that fails none passes."""
    assert statistics.rejected([0.011, 0.002, 0.004]) == [False, True, True]
    assert statistics.rejected([0.004, 0.004, 0.004]) == [False, False, False]
    assert statistics.rejected([]) == []


def test_ways_to_a_sum_of_ranks() -> None:
    """The null distribution is the one that going through all ways gives."""
    found = [0] * 13
    for chosen in itertools.combinations(range(7), 3):
        found[sum(chosen) - 3] += 1
    assert statistics._ways(3, 4) == found  # noqa: SLF001 - the heart of the interval


def test_the_interval_holds_the_ratio() -> None:
    """In 95 of 100 pairs of samples at the least; checked with a fixed seed."""
    chance = random.Random(1)  # noqa: S311 - no secret
    held = 0
    for _ in range(400):
        before = [chance.lognormvariate(0, 0.2) for _ in range(8)]
        after = [1.5 * chance.lognormvariate(0, 0.2) for _ in range(8)]
        low, high = statistics.interval(before, after)
        assert low is not None
        assert high is not None
        held += low <= 1.5 <= high
    assert held / 400 >= 0.93


def test_too_few_runs_have_no_interval() -> None:
    """Three and three can hold nothing at 95 %; with a run of 0 there is no ratio."""
    assert statistics.interval([1, 2, 3], [1, 2, 3]) == (None, None)
    assert statistics.interval([0] * 5, [1] * 5) == (None, None)


def test_the_median_of_an_even_number() -> None:
    """The mean of the two in the middle."""
    assert statistics.median([4, 1, 3, 2]) == 2.5


def test_runs_close_together_cannot_differ() -> None:
    """Within the floor, or within the ratio: however they are dealt."""
    assert statistics.cannot_differ([0.01, 0.03], [0.05], floor=0.05)
    assert statistics.cannot_differ([100, 110], [120], floor=0.05)
    assert not statistics.cannot_differ([100, 110], [130], floor=0.05)


def test_what_runs_rule_out() -> None:
    """Quiet ones rule a doubling out, wild ones do not; improvements do, however wild; so does all within the floor."""
    quiet, wild = [1.0, 1.01, 1.02, 1.03, 1.04], [1.0, 2.0, 4.0, 8.0, 10.0]
    assert statistics.rules_out(quiet, quiet, 0.05)
    assert not statistics.rules_out(wild, wild, 0.05)
    assert statistics.rules_out(wild, [0.01 * value for value in wild], 0.05)
    assert statistics.rules_out([0.01 * value for value in wild], [0.01 * value for value in wild], 1.0)


def test_what_runs_of_zero_rule_out() -> None:
    """Where there is no ratio, the difference tells."""
    assert statistics.rules_out([0.0] * 5, [0.0, 0.0, 0.0, 0.0, 0.3], 0.5)
    assert not statistics.rules_out([0.0] * 5, [0.0, 3.0, 0.0, 3.0, 3.0], 0.5)


def alarms(spread: float, drift: float, *, runs: int, pairs: int) -> tuple[int, int]:
    """Compare identical code many times; gives how often that failed and was unknown."""
    chance = random.Random(7)  # noqa: S311 - no secret
    results = []
    for _ in range(pairs):
        level, values = 0.0, []
        for _ in range(2 * runs):
            level = 0.9 * level + chance.gauss(0, drift)
            values.append(0.3 * (1 + level) * chance.lognormvariate(0, spread))
        base = [values[place] for place in range(2 * runs) if place % 4 in {0, 3}]
        this = [values[place] for place in range(2 * runs) if place % 4 in {1, 2}]
        checks = compare(*sides("cpu_seconds", base, this))
        results.append(next(check.result for check in checks if check.figure == "cpu_seconds"))
    return results.count("fail"), results.count("unknown")


@pytest.mark.parametrize(("spread", "drift"), [(0.05, 0.0), (0.2, 0.0), (0.5, 0.0), (0.05, 0.05), (0.1, 0.1)])
def test_identical_code_raises_no_alarm(spread: float, drift: float) -> None:
    """Also where runs scatter, and where the machine's speed drifts: one in a hundred at the most.

    Of 1,500 pairs with this seed 0, 10, 13, 0 and 0 fail; of 200 more than seven would, once in a thousand times.
    """
    failed, _ = alarms(spread, drift, runs=6, pairs=200)
    assert failed <= 7


def test_quiet_identical_code_is_known_to_be_the_same() -> None:
    """Runs that scatter by 5 % give the answer none, not unknown."""
    assert alarms(0.05, 0.0, runs=6, pairs=60) == (0, 0)
