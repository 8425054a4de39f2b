"""How the views stand meanwhile."""

from itertools import count

from repro.viewers.conduct import Place
from repro.viewers.crowd import Crowd, Plan
from repro.viewers.probe import HealthProbe
from repro.viewers.progress import Progress, Watcher
from repro.viewers.view import State


def test_rates_are_since_the_last_look() -> None:
    """Each look counts the views by state, and the lines and empty frames a second since the one before."""
    seconds = count(0.0, 2.0)
    crowd = Crowd(Plan(base="http://h", places=(Place("v", "n", "p"),), views=3), lambda: 0.0)
    probe = HealthProbe("http://h")
    watcher = Watcher(crowd, probe, lambda: next(seconds))
    crowd.views[0].state, crowd.views[1].state = State.OPEN, State.LEFT
    for payload in (b"line 1", b"line 2", b"", b"", b"", b""):
        crowd.views[0].stream.add_text(payload)
    probe.latencies.append(0.25)
    first, second = watcher.look(), watcher.look()
    assert (first.open, first.ended, first.refused) == (1, 1, 0)
    assert (first.lines_per_second, first.empty_frames_per_second, first.health_ms) == (1.0, 2.0, 250.0)
    assert (second.lines_per_second, second.empty_frames_per_second) == (0.0, 0.0)


def test_a_line_of_progress_is_short() -> None:
    """A line of progress fits into a terminal's, also with large numbers."""
    line = Progress(
        asked=5000,
        open=5000,
        ended=0,
        refused=0,
        lines_per_second=123_456.0,
        empty_frames_per_second=399_999.0,
        health_ms=None,
        health_failed=123,
    ).line()
    assert line == "5,000 open, 0 over; 123,456 lines/s, 399,999 empty/s; health -, 123 failed"
