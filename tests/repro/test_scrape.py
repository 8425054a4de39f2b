"""What a part's metrics say of its log requests."""

import pytest

from repro.scrape import LOG_REQUESTS, log_requests, total

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
