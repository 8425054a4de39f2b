"""Runs judged by a budget."""

from typing import Any

from made_gate import samples

from diag.gate import budget, limits
from diag.gate.judgement import Check
from diag.gate.samples import Subject, by_subject


def judged(limit: dict[str, Any], name: str, values: list[float | None], **changes: Any) -> Check:  # noqa: ANN401 - any field
    """Judge runs by one limit."""
    found = budget.parse({"succeeded": {"hardened": limit}}, "gate.toml")
    (check,) = limits.judge(found, by_subject(samples(name, values, **changes)))
    return check


def test_a_limit_holds_for_every_run() -> None:
    """One run over it fails, and the worst is told."""
    check = judged({"cores_max": 0.05}, "cores", [0.01, 0.9, 0.07])
    assert (check.result, check.text) == ("fail", "0.9 in 2 of 3 runs")
    assert judged({"cores_max": 0.05}, "cores", [0.01, 0.05]).result == "pass"


def test_a_lower_limit_and_an_exact_one() -> None:
    """Less than the least, and anything else than what is asked for."""
    assert judged({"lines_received_min": 400}, "lines_received", [400, 399]).text == "399 in 1 of 2 runs"
    assert judged({"lines_lost": 0}, "lines_lost", [0, 1]).result == "fail"
    assert judged({"tasks_left": 2}, "tasks_left", [1]).result == "fail"
    assert judged({"tasks_left": 2}, "tasks_left", [2, 2]).text == "2 in 2 runs"


def test_what_was_not_measured_is_unknown() -> None:
    """In one of the runs is enough; but a run that is over the limit fails all the same."""
    check = judged({"turns_max": 5}, "turns", [3, None])
    assert (check.result, check.text) == ("unknown", "was not measured in 1 of 2 runs")
    assert judged({"turns_max": 5}, "turns", [9, None]).result == "fail"
    assert judged({"turns_max": 5}, "turns", [float("nan")]).result == "unknown"


def test_a_value_just_over_the_limit_does_not_read_as_the_limit() -> None:
    """It has as many digits as it takes."""
    assert judged({"cores_max": 0.05}, "cores", [0.05004]).text == "0.05004"


def test_verdicts_have_to_be_among_the_allowed() -> None:
    """Another one fails with its place; an unknown one, or none, is unknown."""
    allowed = {"verdicts": ["healthy"]}
    check = judged(allowed, "turns", [1], verdicts=("spin", "storm"), culprit="read (a.py:1-3)")
    assert (check.result, check.text) == ("fail", "spin and storm at read (a.py:1-3)")
    assert judged(allowed, "turns", [1], verdicts=("healthy",)).result == "pass"
    assert judged(allowed, "turns", [1], verdicts=("unknown",)).result == "unknown"
    assert judged(allowed, "turns", [1]).result == "unknown"


def test_a_table_for_no_run_is_unknown() -> None:
    """It says what there is, and what may have been meant."""
    check = judged({"views": 3, "lines_lost": 0}, "lines_lost", [0])
    assert (check.result, check.subject) == ("unknown", "[succeeded.hardened] with views = 3")
    assert "there are succeeded.hardened, 20 views" in check.text


def ends(**changes: Any) -> list[tuple[str, str]]:  # noqa: ANN401 - any field
    """Give the checks of how two runs ended that a table picks."""
    found = budget.parse({"succeeded": {"hardened": {"turns_max": 5}}}, "gate.toml")
    checks = limits.judge(found, by_subject(samples("turns", [1, 1], **changes)))
    return [(check.result, check.text) for check in checks if check.figure == "ended"]


def test_an_odd_end_is_judged_without_being_asked() -> None:
    """The server's fault fails, the measurement's is unknown, an end in time is no check."""
    assert ends(ended="memory limit", broken=True) == [
        ("fail", "2 of 2 runs did not end in time: memory limit")
    ]
    assert ends(ended="failed: no pods") == [("unknown", "2 of 2 runs did not end in time: failed: no pods")]
    assert ends() == []


def test_the_end_of_a_run_that_no_table_picks_does_not_matter() -> None:
    """A variant that is there to show a leak may hit its limit."""
    other = Subject(source="run", path=("succeeded", "fan_out"), views=1, workers=1)
    assert ends(ended="memory limit", broken=True, subject=other) == []


def test_a_benchmarks_misspelt_figure_is_unknown_with_a_hint() -> None:
    """Which figures there are is known only from the runs."""
    found = budget.parse({"benchmark": {"test_x": {"querys_max": 3}}}, "gate.toml")
    subject = Subject(source="benchmark", path=("benchmark", "test_x"))
    (check,) = limits.judge(found, by_subject(samples("queries", [3], subject=subject, known=())))
    assert (check.result, check.text) == ("unknown", "was not measured. Did you mean 'queries'?")
