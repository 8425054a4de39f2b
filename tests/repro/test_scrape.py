"""What a part's metrics say of its log requests."""

import pytest

from repro.scrape import LOG_REQUESTS, LoopTotals, log_requests, loop_totals, total

NONE_YET = """# HELP hotloop_log_requests_total Log requests.
# TYPE hotloop_log_requests_total counter
"""
SOME = (
    NONE_YET
    + """hotloop_log_requests_total{variant="buggy"} 3.0
hotloop_log_requests_total{variant="rewatch"} 39.0
# HELP hotloop_log_requests_created Log requests.
# TYPE hotloop_log_requests_created gauge
hotloop_log_requests_created{variant="buggy"} 1.7e9
"""
)


@pytest.mark.parametrize(("exposition", "sum_"), [(SOME, 42.0), (NONE_YET, 0.0), ("", None)])
def test_requests_are_summed_over_variants(exposition: str, sum_: float | None) -> None:
    """A counter that has not counted yet says 0; no counter says nothing."""
    assert total(exposition, LOG_REQUESTS) == sum_


def test_a_server_that_does_not_answer_says_nothing() -> None:
    """Nobody listens: no figure, and no error."""
    assert log_requests("http://127.0.0.1:1") is None


LOOP = """# TYPE hotloop_loop_turns_total counter
hotloop_loop_turns_total 120.0
# TYPE hotloop_loop_empty_turns_total counter
hotloop_loop_empty_turns_total 70.0
# TYPE hotloop_tasks_created_total counter
hotloop_tasks_created_total 9.0
"""


@pytest.mark.parametrize(
    ("exposition", "turns"), [(LOOP, 120.0), (SOME, None), (LOOP.replace("tasks_created", "other"), None)]
)
def test_the_loops_counts_are_read_together(
    exposition: str, turns: float | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All three or none; the difference of two readings is what happened between them."""
    monkeypatch.setattr("repro.scrape._metrics", lambda _url, _timeout: exposition)
    found = loop_totals("http://server")
    assert (found.turns if found else None) == turns
    if found:
        assert found - LoopTotals(turns=100, empty_turns=60, tasks_created=9) == LoopTotals(
            turns=20, empty_turns=10, tasks_created=0
        )


def test_a_server_that_does_not_answer_has_no_counts() -> None:
    """Nor is that an error."""
    assert loop_totals("http://127.0.0.1:1") is None
