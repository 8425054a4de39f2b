"""The pages of `diag` in a real browser: nothing overflows on a phone, nothing complains."""

from pathlib import Path

import made_diagnoses
import pytest
from browsing import CHROMIUM, WIDER, Tab, in_browser
from example_runs import recording_of, spinning

from diag.comparison import compare
from diag.reports import comparison_page, page

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Give a page of each verdict, and one that compares them."""
    folder = tmp_path_factory.mktemp("pages")
    recording = recording_of(spinning())
    written = {name: page.render(make(), recording) for name, make in made_diagnoses.ALL.items()}
    written["comparison"] = comparison_page.render(
        compare([(name, make()) for name, make in made_diagnoses.ALL.items()])
    )
    for name, html in written.items():
        (folder / f"{name}.html").write_text(html, encoding="utf-8")
    return sorted(folder.iterdir())


def test_they_fit_phones_and_desks_without_complaint(pages: list[Path], tmp_path: Path) -> None:
    """At 360 and 1280 pixels no page scrolls sideways, whatever names it shows, and the console stays empty."""

    async def look(tab: Tab) -> None:
        for path in pages:
            for width, scheme in ((360, "dark"), (1280, "light")):
                await tab.open(path, width=width, scheme=scheme)
                assert (path.name, await tab.value(WIDER)) == (path.name, [])
                assert await tab.value("document.documentElement.scrollWidth") <= width
                assert tab.complaints() == []

    in_browser(tmp_path, look)
