"""A chart's SVG follows the page and injects nothing; its PNG is the same figure."""

import re
from pathlib import Path

from matplotlib.figure import Figure

from diag.reports import charts, theme


def chart(label: str = "a label") -> Figure:
    """Draw a line with a label."""
    with charts.style():
        figure, (axes,) = charts.figure(300, 200)
        axes.plot([0, 1], [0.123456, 2], color=theme.SERIES[0].light, label=label)
        axes.set_title(label)
        axes.legend()
    return figure


def test_colours_are_the_pages() -> None:
    """No fixed colour is left in the SVG."""
    svg = str(charts.svg(chart(), name="a", title="t"))
    assert "var(--series-1)" in svg
    assert re.findall(r"#[0-9a-f]{6}\b", svg) == []


def test_ids_are_unique_on_a_page() -> None:
    """Two charts on one page share no id, and every reference has its target."""
    page = str(charts.svg(chart(), name="a", title="t")) + str(charts.svg(chart(), name="b", title="t"))
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    assert set(re.findall(r'href="#([^"]+)"', page)) | set(re.findall(r"url\(#([^)]+)", page)) <= set(ids)


def test_no_style_sheet_and_nothing_from_outside() -> None:
    """Matplotlib's own style sheet and metadata, which would reach the whole page, are gone."""
    svg = str(charts.svg(chart(), name="a", title="t"))
    assert "<style" not in svg
    assert "http" not in svg


def test_labels_stay_text() -> None:
    """A label is no markup and no formula, and keeps its digits."""
    svg = str(charts.svg(chart("<script> $x$ 0.0456"), name="a", title='"><script>'))
    assert "<script" not in svg
    assert "&lt;script&gt; $x$ 0.0456" in svg


def test_the_same_chart_gives_the_same_text() -> None:
    """A report rendered again does not differ."""
    assert charts.svg(chart(), name="a", title="t") == charts.svg(chart(), name="a", title="t")


def test_png_is_written(tmp_path: Path) -> None:
    """The PNG lands where it should, folders included."""
    charts.save(chart(), tmp_path / "plots" / "a.png")
    assert (tmp_path / "plots" / "a.png").read_bytes().startswith(b"\x89PNG")
