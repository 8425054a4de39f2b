"""A comparison in each format: who is ill, how the figures changed, and why."""

import re

import made_diagnoses
import pytest
from outline import outline

from diag.comparison import Comparison, compare
from diag.reports import comparison_markdown, comparison_page, comparison_text
from diag.reports.comparison_words import sentence

LONG = "a-label-that-is-far-too-long-for-a-column"


@pytest.fixture(scope="module")
def many() -> Comparison:
    """Compare one of each kind."""
    return compare(
        [(f"{LONG}-{name}", make()) for name, make in made_diagnoses.ALL.items() if name != "hostile"]
    )


@pytest.fixture(scope="module")
def pair() -> Comparison:
    """Compare before and after."""
    return compare([("before", made_diagnoses.spin()), ("after", made_diagnoses.diagnosis())])


@pytest.mark.parametrize("width", [80, 110, 200])
def test_no_line_is_wider_than_the_terminal(many: Comparison, width: int) -> None:
    """Long labels and large numbers fit as well."""
    for line in comparison_text.render(many, width=width).splitlines():
        assert len(line) <= min(width, comparison_text.WIDEST)


def test_the_figures_of_a_pair(pair: Comparison) -> None:
    """The result comes first, each row has its difference, and the sick one its reason."""
    drawn = comparison_text.render(pair)
    assert drawn.startswith("SPIN became healthy: before, then after.\n")
    assert re.search(r"^after +healthy +0\.02 \(-0\.96\) +0\.02 +4 \(-3\)", drawn, re.MULTILINE)
    assert "before: read_log (" in drawn
    assert "HL001 ineffective-break" in drawn


def test_every_figure_is_in_the_markdown(pair: Comparison) -> None:
    """A row each, escaped, with the differences in brackets."""
    drawn = comparison_markdown.render(pair)
    assert "| after | healthy | 0.02 (-0.96) | 0.02 (-0.99) | 4 (-3) | 0 (0) | 0 (-0.3) |" in drawn
    hostile = comparison_markdown.render(compare([("a|b", made_diagnoses.hostile())]))
    rows = [line for line in hostile.splitlines() if line.startswith("| a")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [8]


def test_the_page_is_whole_and_needs_nothing(many: Comparison) -> None:
    """Tags are closed, ids are unique, links lead nowhere else, names are text."""
    found = outline(comparison_page.render(many))
    assert len(found.ids) == len(set(found.ids))
    assert not {"script", "img"} & found.tags
    assert all(link.startswith(("#", "data:,")) for link in found.links)
    hostile = comparison_page.render(compare([("<script>", made_diagnoses.hostile())]))
    assert "<script>" not in hostile


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (("spin", "healthy"), "SPIN became healthy: 0, then 1."),
        (("spin", "spin"), "Both SPIN: 0 and 1."),
        (("spin", "healthy", "leak"), "Something is against 2 of 3 recordings."),
        (("healthy", "healthy", "unknown"), "Nothing is against any of the 3 recordings."),
        (("healthy",), "Nothing is against it."),
        (("spin",), "Something is against it."),
    ],
)
def test_the_result_in_a_sentence(kinds: tuple[str, ...], said: str) -> None:
    """Two are before and after; of more it is counted."""
    labelled = [(str(number), made_diagnoses.ALL[kind]()) for number, kind in enumerate(kinds)]
    assert sentence(compare(labelled)) == said
