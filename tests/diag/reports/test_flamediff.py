"""The differential flamegraph: what is more, what is less, by the share of the time."""

import pytest
from example_runs import Stack, recording, sampled

from diag.reports import flamediff
from diag.reports.flamediff import Change


def merged(before: list[Stack], after: list[Stack]) -> tuple[Change, ...]:
    """Merge two sides of one recording each."""
    return flamediff.merge([recording(stacks=[sampled(before)])], [recording(stacks=[sampled(after)])])


def stack(function: str, samples: int, file: str = "/srv/a/app.py") -> Stack:
    """Make a stack of one function."""
    return Stack(((function, file, 3),), samples)


def test_functions_are_matched_though_the_checkouts_differ() -> None:
    """By name and the last parts of the path; lines may have moved."""
    (box,) = merged([stack("f", 10, "/tmp/x/a/app.py")], [stack("f", 20, "/srv/a/app.py")])  # noqa: S108 - a name
    assert box.before > 0
    assert box.after > 0


def test_what_is_new_and_what_vanished_are_both_there() -> None:
    """The sum of both sides is the width."""
    boxes = {box.name: box for box in merged([stack("old", 10)], [stack("new", 30)])}
    assert boxes["old app.py"].difference < 0 < boxes["new app.py"].difference
    assert boxes["new app.py"].before == 0


def test_shares_are_of_the_looks() -> None:
    """Twice the samples in twice the looks are no difference."""
    one = recording(stacks=[sampled([stack("f", 10)])])
    (box,) = flamediff.merge([one], [one, one])
    assert box.before == pytest.approx(box.after)


def test_more_is_red_and_less_is_blue() -> None:
    """And hostile names stay text."""
    html = str(flamediff.render(merged([stack("old", 10)], [stack("<script>", 30)]), label="x"))
    assert 'class="more"' in html
    assert 'class="less"' in html
    assert "<script" not in html


def test_without_stacks_there_is_no_graph() -> None:
    """On either side."""
    assert flamediff.merge([], [recording(stacks=[sampled([stack("f", 1)])])]) == ()
    assert flamediff.render((), label="x") == ""
