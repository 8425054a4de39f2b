"""The report's page in a real browser: nothing overflows on a phone, nothing complains, both schemes apply."""

from pathlib import Path

import pytest
from browsing import CHROMIUM, WIDER, Tab, in_browser
from example_reports import report_of
from example_runs import full_comparison

from repro.report import page
from repro.report.pictures import draw

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the page of the default scenario as a file."""
    folder = tmp_path_factory.mktemp("report")
    report = report_of(full_comparison(), folder)
    path = folder / "index.html"
    path.write_text(page.render(report, draw(report)), encoding="utf-8")
    return path


def test_it_fits_phones_and_desks_without_complaint(index: Path, tmp_path: Path) -> None:
    """At 360, 768 and 1280 pixels the page does not scroll sideways, and the console stays empty."""

    async def look(tab: Tab) -> None:
        for width in (360, 768, 1280):
            await tab.open(index, width=width, scheme="light")
            assert await tab.value(WIDER) == []
            assert await tab.value("document.documentElement.scrollWidth") <= width
            assert tab.complaints() == []

    in_browser(tmp_path, look)


def test_both_schemes_apply_to_page_and_charts(index: Path, tmp_path: Path) -> None:
    """Ground, text and chart lines change with the reader's scheme."""

    async def look(tab: Tab) -> None:
        seen = []
        for scheme in ("light", "dark"):
            await tab.open(index, width=800, scheme=scheme)
            ground = await tab.value("getComputedStyle(document.body).backgroundColor")
            ink = await tab.value("getComputedStyle(document.body).color")
            line = await tab.value(
                "getComputedStyle(document.querySelector('.courses svg path[style*=series-1]')).stroke"
            )
            seen.append((ground, ink, line))
        light, dark = seen
        assert all(one != other for one, other in zip(light, dark, strict=True))

    in_browser(tmp_path, look)
