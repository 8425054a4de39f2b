"""Views summed up."""

import time
from collections.abc import Sequence

import pytest

from repro.viewers import summing
from repro.viewers.conduct import Conduct, Place
from repro.viewers.summary import Spread
from repro.viewers.view import State, View


def view(
    state: State, lines: Sequence[str] = (), *, start: float | None = None, end: float | None = None
) -> View:
    """Make a view that has come to a state and received lines."""
    made = View(Place("plain", "default", "p"), Conduct(), time.monotonic)
    made.state, made.started_at, made.ended_at = state, start, end
    for line in lines:
        made.stream.add_text(line.encode())
    return made


def test_every_view_is_accounted_for() -> None:
    """Asked is opened, refused and untried together; opened is what became of those."""
    counts = summing.count_views([view(state) for state in State] + [view(State.ENDED)])
    assert counts.asked == 8
    assert counts.asked == counts.opened + counts.refused + counts.untried
    assert counts.opened == counts.ended + counts.cut + counts.left + counts.open
    assert (counts.ended, counts.untried, counts.refused) == (2, 2, 1)


def test_lost_lines_are_those_short_of_the_expected() -> None:
    """A repeat does not make up for a lost line, nor one view's lines for another's."""
    views = [
        view(State.ENDED, ["line 1", "line 2", "line 3"]),
        view(State.ENDED, ["line 1", "line 1", "line 1"]),
        view(State.ENDED, ["line 1", "line 2", "line 3", "line 4"]),
        view(State.REFUSED),
    ]
    lines = summing.count_lines(views, expected=3)
    assert (lines.expected, lines.received, lines.repeated, lines.lost) == (12, 10, 2, 5)


def test_without_expectation_nothing_is_lost() -> None:
    """Where nobody said how many lines there are, lost is unknown; skipped numbers are known."""
    lines = summing.count_lines([view(State.ENDED, ["line 1", "line 4"])], expected=None)
    assert (lines.expected, lines.lost, lines.missing) == (None, None, 2)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], Spread(p50=None, p99=None, max=None)),
        ([0.5], Spread(p50=500.0, p99=500.0, max=500.0)),
        ([number / 1000 for number in range(200, 0, -1)], Spread(p50=100.0, p99=198.0, max=200.0)),
    ],
)
def test_percentiles(seconds: list[float], expected: Spread) -> None:
    """Percentiles are values that occurred, in milliseconds, and none where nothing did."""
    assert summing.spread(seconds) == expected


def test_times_are_since_each_views_start() -> None:
    """A view without a start or an end has no time."""
    views = [view(State.ENDED, start=1.0, end=1.5), view(State.REFUSED), view(State.LEFT, start=1.0)]
    assert summing.since_start(views, [made.ended_at for made in views]) == [0.5]


def test_words_are_tallied_most_frequent_first() -> None:
    """Equal words count together; none is no word."""
    assert list(summing.tally(["b", None, "a", "a"]).items()) == [("a", 2), ("b", 1)]
