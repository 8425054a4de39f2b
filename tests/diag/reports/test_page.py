"""A diagnosis's page is one file that needs nothing else, and shows whatever is known."""

import re

import example_runs
import made_diagnoses
import pytest
from outline import outline

from diag.recording import Recording
from diag.reports import page


@pytest.fixture(scope="module")
def measured() -> Recording:
    """Give the recording of a spin."""
    return example_runs.recording_of(example_runs.spinning())


@pytest.mark.parametrize("kind", made_diagnoses.ALL)
def test_it_is_whole_and_needs_nothing(kind: str, measured: Recording) -> None:
    """Tags are closed, ids are unique, headings do not skip; no script and no link to elsewhere."""
    found = outline(page.render(made_diagnoses.ALL[kind](), measured))
    assert len(found.ids) == len(set(found.ids))
    assert found.levels[0] == 1
    assert all(after - before <= 1 for before, after in zip(found.levels, found.levels[1:], strict=False))
    assert not {"script", "img", "iframe", "object"} & found.tags
    assert not found.handlers
    assert all(link.startswith(("#", "data:,")) for link in found.links)


def test_it_shows_all_that_matters(measured: Recording) -> None:
    """Verdict, place, cause with code, remedy, source with the line at fault, charts, flamegraph."""
    html = page.render(made_diagnoses.spin(), measured)
    assert '<span class="badge">spin</span>' in html
    assert "<code>HL001</code> ineffective-break" in html
    assert "Leave the outer loop: <code>return</code> in line 40" in html
    assert re.search(r'<tr class="warm inside fault".*?>►</td><td class="number">40</td>', html)
    assert html.count('<svg class="chart"') == 2
    assert 'class="flame"' in html


def test_without_a_recording_the_charts_are_left_out() -> None:
    """A diagnosis alone is still a page."""
    html = page.render(made_diagnoses.spin())
    assert "<svg" not in html
    assert 'class="flame"' not in html
    assert "read_log" in html


def test_healthy_and_unknown_have_no_source() -> None:
    """What is not known has no empty section."""
    for kind in ("healthy", "unknown"):
        html = page.render(made_diagnoses.ALL[kind]())
        assert 'id="source"' not in html
    assert 'id="cause"' not in page.render(made_diagnoses.diagnosis())


def test_hostile_names_stay_text(measured: Recording) -> None:
    """No name of the process becomes markup."""
    html = page.render(made_diagnoses.hostile(), measured)
    assert "<script>alert" not in html
    assert "\x1b" not in html


def test_the_numbers_against_a_process_are_marked() -> None:
    """A spin's cores, a leak's tasks, a frozen loop; a healthy process's are not."""
    marked = {tile.what for tile in page.tiles(made_diagnoses.leak()) if tile.faulty}
    assert marked == {"cores taken", "of the busy samples in this loop", "event loop", "live tasks, +39 k/s"}
    assert not any(tile.faulty for tile in page.tiles(made_diagnoses.diagnosis()))


def test_the_same_diagnosis_gives_the_same_page(measured: Recording) -> None:
    """Nothing depends on the clock or on the rendering."""
    assert page.render(made_diagnoses.spin(), measured) == page.render(made_diagnoses.spin(), measured)
