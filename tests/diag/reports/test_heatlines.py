"""Lines of source as a table keep their code, their heat and their marks."""

import made_diagnoses

from diag.reports import heatlines
from diag.reports.excerpt import Row, excerpt


def test_each_line_is_a_row() -> None:
    """Hot, warm, in the loop, at fault: each has its class; the share is written beside the bar."""
    html = heatlines.render(excerpt(made_diagnoses.spin()), caption="Source")
    assert html.count('<td class="number">') == 12
    assert '<tr class="hot inside" style="--heat:71%"><td class="share"><b>71 %</b>' in html
    assert 'title="line at fault">►</td>' in html


def test_blank_lines_and_gaps_keep_the_others_in_place() -> None:
    """Code stays beside its own number, whatever is empty before it."""
    rows = [
        Row(1, "", 0, "", in_loop=False),
        None,
        Row(9, "last()", 0, "", in_loop=False),
        Row(10, "", 0, "", in_loop=False),
    ]
    html = heatlines.render(rows, caption="Source")
    assert '<td class="number">9</td><td><span class="n">last</span>' in html
    assert '<tr class="gap">' in html


def test_source_is_no_markup() -> None:
    """A tag in a string is shown, not obeyed."""
    assert "<b>x" not in heatlines.render([Row(1, "'<b>x'", 0, "", in_loop=False)], caption="<i>")
