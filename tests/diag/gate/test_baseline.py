"""Runs beside those of another revision: regression, none, or unknown and why."""

import pytest

pytest.importorskip("scipy")

from typing import Any

from made_gate import SUBJECT, samples, sides

from diag.gate.baseline import compare
from diag.gate.figures import RECORD, of_benchmark
from diag.gate.judgement import Check
from diag.gate.samples import Subject, by_subject

QUIET = [0.20, 0.21, 0.22, 0.21, 0.20]


def check(checks: list[Check], figure: str = "cpu_seconds") -> Check:
    """Give the check of a figure."""
    return next(each for each in checks if each.figure == figure)


def test_more_cpu_is_a_regression_with_its_interval() -> None:
    """Effect, interval and number of runs stand in the sentence."""
    found = check(compare(*sides("cpu_seconds", QUIET, [2.1 * value for value in QUIET])))
    assert found.result == "fail"
    assert found.text == (
        "2.1 times the CPU seconds while viewing: 0.21 s -> 0.441 s, interval 2.0-2.2, 5 runs each"
    )
    assert found.ratio == pytest.approx(2.1)
    assert found.p == pytest.approx(1 / 252)


def test_a_little_more_is_none() -> None:
    """Below a ratio of 1.25 nothing is called a regression, however sure it is."""
    assert check(compare(*sides("cpu_seconds", QUIET, [1.15 * value for value in QUIET]))).result == "pass"


def test_below_the_floor_is_none() -> None:
    """Three times next to nothing is next to nothing."""
    found = check(compare(*sides("cpu_seconds", [0.01] * 5, [0.03] * 5)))
    assert (found.result, found.text) == ("pass", "no regression: 0.01 s -> 0.03 s, 5 runs each")


def test_less_is_none() -> None:
    """An improvement is no regression."""
    assert check(compare(*sides("cpu_seconds", [4 * value for value in QUIET], QUIET))).result == "pass"


def test_out_of_nothing_is_a_regression() -> None:
    """A ratio to zero there is not, but a test and a floor."""
    found = check(
        compare(*sides("empty_turns_after", [0] * 5, [25_000 + n for n in range(5)])), "empty_turns_after"
    )
    assert (found.result, found.ratio) == ("fail", None)
    assert found.text == "empty turns after everyone left: 0 -> 25,002, 5 runs each"


def test_four_runs_are_too_few() -> None:
    """Also where they differ by much."""
    found = check(compare(*sides("cpu_seconds", QUIET[:4], [9.0] * 4)))
    assert found.result == "unknown"
    assert "at least 5" in found.text


def test_many_figures_that_differ_need_more_runs() -> None:
    """Five runs can stand out among two figures, not among three."""
    names = ("cpu_seconds", "cpu_seconds_after", "turns")

    def side(start: int, factor: float) -> Any:  # noqa: ANN401 - samples of a side
        return by_subject(
            [
                type(one)(
                    **{
                        **{f: getattr(one, f) for f in one.__struct_fields__},
                        "figures": dict.fromkeys(names, value),
                    }
                )
                for one, value in zip(
                    samples("cpu_seconds", QUIET, started=range(start, 10 + start, 2)),
                    [factor * (1000 + n) for n in range(5)],
                    strict=True,
                )
            ]
        )

    found = check(compare(side(0, 1.0), side(1, 3.0)))
    assert found.result == "unknown"
    assert "too few runs, 3 figures need at least 6 of each side" in found.text


def test_noisy_runs_are_unknown() -> None:
    """Where a doubling is not ruled out, its absence says nothing."""
    wild = [0.2, 0.5, 1.0, 2.0, 4.0]
    found = check(compare(*sides("cpu_seconds", wild, [1.1 * value for value in wild])))
    assert found.result == "unknown"
    assert "too noisy" in found.text


def test_a_difference_that_may_be_chance_is_unknown() -> None:
    """A ratio of the medians above 1.25 without a p to match asks for more runs."""
    found = check(
        compare(*sides("cpu_seconds", [0.20, 0.21, 0.3, 0.21, 0.20], [0.2, 0.28, 0.29, 0.28, 0.28]))
    )
    assert found.result == "unknown"
    assert "may be chance" in found.text


def test_sides_measured_one_after_the_other_are_unknown() -> None:
    """The starts tell; counts are compared all the same."""
    before = by_subject(samples("cpu_seconds", QUIET, started=range(5)))
    after = by_subject(samples("cpu_seconds", [9.0] * 5, started=range(5, 10)))
    found = check(compare(before, after))
    assert found.result == "unknown"
    assert "by turns" in found.text
    before = by_subject(samples("lines_lost", [0] * 5, started=range(5)))
    after = by_subject(samples("lines_lost", [0, 0, 1, 0, 0], started=range(5, 10)))
    assert check(compare(before, after), "lines_lost").result == "fail"


def test_a_count_is_compared_exactly() -> None:
    """One line lost in one run is a regression, and needs no number of runs."""
    found = check(compare(*sides("lines_lost", [0, 0], [0, 1])), "lines_lost")
    assert (found.result, found.text) == ("fail", "0 lines lost before, 1 now in 1 of 2 runs")
    assert check(compare(*sides("lines_lost", [3, 3], [3, 0])), "lines_lost").result == "pass"


def test_a_baseline_whose_counts_differ_decides_nothing_beyond_them() -> None:
    """Within its worst is none, beyond it is unknown."""
    assert check(compare(*sides("lines_lost", [0, 2], [1, 2])), "lines_lost").result == "pass"
    assert check(compare(*sides("lines_lost", [0, 2], [1, 3])), "lines_lost").result == "unknown"


def test_a_run_that_vanished_and_one_without_a_baseline_are_unknown() -> None:
    """Neither is a pass."""
    other = Subject(source="run", path=("failed", "hardened"), views=20, workers=1)
    before = by_subject([*samples("cpu_seconds", QUIET), *samples("cpu_seconds", [1.0], subject=other)])
    (vanished,) = [
        each
        for each in compare(before, by_subject(samples("cpu_seconds", QUIET)))
        if each.subject == other.title
    ]
    assert (vanished.result, "vanished" in vanished.text) == ("unknown", True)
    (new,) = compare({}, {SUBJECT: samples("cpu_seconds", QUIET)})
    assert (new.result, "baseline has no such run" in new.text) == ("unknown", True)


@pytest.mark.parametrize("name", ["machine", "Python", "hotloop", "sampler", "length of the phases"])
def test_other_conditions_are_unknown(name: str) -> None:
    """Another machine, interpreter, tool or setting gives figures that cannot be compared, and says which."""
    before = by_subject(samples("lines_lost", [0] * 5, conditions={name: "a"}))
    after = by_subject(samples("lines_lost", [9] * 5, conditions={name: "b"}))
    (found,) = compare(before, after)
    assert found.result == "unknown"
    assert f"the {name} is not the same: a and b" in found.text


def test_a_figure_that_was_not_measured_is_unknown() -> None:
    """On either side, and says on which."""
    found = check(compare(*sides("cpu_seconds", QUIET, [*QUIET[:4], None])))
    assert (found.result, found.text) == ("unknown", "was not measured in these runs")


def test_a_server_that_died_is_a_regression_and_a_failed_measurement_is_unknown() -> None:
    """What ended the run tells whose fault it is."""
    before = by_subject(samples("lines_lost", [0] * 2))
    died = by_subject(samples("lines_lost", [0] * 2, ended="died: MemoryError", broken=True))
    assert check(compare(before, died), "ended").result == "fail"
    failed = by_subject(samples("lines_lost", [0] * 2, ended="failed: no pods"))
    assert check(compare(before, failed), "ended").result == "unknown"
    assert check(compare(failed, before), "ended").result == "unknown"
    assert not [each for each in compare(died, died) if each.figure == "ended"]


def test_a_new_verdict_is_a_regression() -> None:
    """One that the baseline has too is not; nor is one that could not be given a pass."""
    healthy = by_subject(samples("lines_lost", [0] * 2, verdicts=("healthy",)))
    spins = by_subject(samples("lines_lost", [0] * 2, verdicts=("spin",), culprit="read (a.py:3)"))
    unsure = by_subject(samples("lines_lost", [0] * 2, verdicts=("unknown",)))
    found = check(compare(healthy, spins), "verdicts")
    assert (found.result, found.text) == (
        "fail",
        "spin at read (a.py:3) in 2 of 2 runs; the baseline is healthy",
    )
    assert check(compare(spins, spins), "verdicts").result == "pass"
    assert check(compare(healthy, unsure), "verdicts").result == "unknown"


def test_times_and_cores_are_not_compared() -> None:
    """What depends on the clock or the neighbours has no check."""
    names = {each.figure for each in compare(*sides("health_p99_ms", [1.0] * 5, [900.0] * 5))}
    assert names.isdisjoint({"health_p99_ms", "cores", "demand"})


def test_recordings_are_compared_by_cores() -> None:
    """CPU seconds a second: one recording may be longer than another."""
    names = {figure.name: figure.kind for figure in RECORD}
    assert (names["cores"], names["cpu_seconds"]) == ("measured", "limited")


def test_what_a_benchmarks_own_figure_is() -> None:
    """By its name and its values: CPU seconds, a count, one that varies, or something that may be a time."""
    assert of_benchmark("server_cpu_seconds", [0.1]).kind == "measured"
    assert of_benchmark("queries", [7, 7]).kind == "count"
    assert of_benchmark("turns", [7, 8]).kind == "measured"
    assert of_benchmark("seconds", [0.5]).kind == "limited"


def test_cores_stand_in_for_cpu_seconds() -> None:
    """Where neither side has those; what neither side ever had is no check."""
    found = compare(*sides("cores", QUIET, [0.9] * 5))
    assert {each.figure for each in found} == {"cores"}
    assert check(found, "cores").result == "fail"


def test_no_cpu_at_all_is_unknown() -> None:
    """A comparison that says nothing of the CPU is no pass."""
    found = compare(*sides("lines_lost", [0] * 5, [0] * 5))
    assert (check(found, "lines_lost").result, check(found).result) == ("pass", "unknown")
