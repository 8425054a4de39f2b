"""Strip plots."""

import re

from diag.reports import strips
from diag.reports.strips import Row


def places(svg: str) -> list[float]:
    """Give the places of the dots from left to right as they were drawn."""
    return [float(found) for found in re.findall(r'cx="([\d.]+)"', svg)]


def test_dots_lie_where_their_values_are() -> None:
    """The least on the left end, the most on the right one, the middle between."""
    found = places(strips.render([Row("now", (1.0, 2.0, 3.0), "now")], label="x"))
    assert found == [strips.MARGIN, strips.MARGIN + strips.WIDTH / 2, strips.MARGIN + strips.WIDTH]


def test_a_wide_range_is_logarithmic_and_says_so() -> None:
    """So that the small ones can be told apart."""
    svg = strips.render([Row("now", (1.0, 100.0, 10_000.0), "now")], label="x")
    assert places(svg)[1] == strips.MARGIN + strips.WIDTH / 2
    assert "(log)" in svg


def test_the_limit_is_within_the_picture() -> None:
    """Also where all runs are far below it."""
    svg = strips.render([Row("now", (0.0, 0.0), "now")], limit=5.0, label="x")
    assert 'class="limit"' in svg
    assert places(svg) == [strips.MARGIN, strips.MARGIN]


def test_equal_runs_lie_in_the_middle() -> None:
    """There is no range to divide by; nothing at all is no picture."""
    assert (
        places(strips.render([Row("now", (2.0, 2.0), "now")], label="x"))
        == [strips.MARGIN + strips.WIDTH / 2] * 2
    )
    assert strips.render([Row("now", (), "now")], label="x") == ""
