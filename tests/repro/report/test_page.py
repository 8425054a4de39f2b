"""The page is one file that needs nothing else, and shows whatever was measured."""

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from example_reports import report_of
from example_runs import Stack, comparison, phases, recording, run, sampled, spinning
from outline import outline

from repro.comparison import Health, Left, Tasks
from repro.report import page
from repro.report.pictures import Picture, draw
from repro.report.views import Report, assemble

UNKNOWN = phases(None, None, None)


@pytest.fixture(scope="module")
def html(report: Report, pictures: list[Picture]) -> str:
    """Give the page of the default scenario."""
    return page.render(report, pictures)


def rendered(report: Report) -> str:
    """Render a report and check its structure."""
    text = page.render(report, draw(report))
    outline(text)
    return text


def test_it_needs_nothing_else(html: str) -> None:
    """No script, no image, style sheet or font from elsewhere; links lead to the report's own files, and to speedscope."""
    read = outline(html)
    assert not {"script", "img", "iframe", "object", "embed", "base", "form"} & read.tags
    assert read.handlers == []
    assert "@import" not in html
    assert "url(http" not in html
    outside = {link for link in read.links if ":" in link}
    assert outside == {"data:,", "https://www.speedscope.app"}


def test_every_local_link_has_its_target(html: str, report: Report) -> None:
    """Fragments are on the page, and speedscope files are linked for each run."""
    read = outline(html)
    assert {link[1:] for link in read.links if link.startswith("#")} <= set(read.ids)
    assert len(read.ids) == len(set(read.ids))
    assert sum("speedscope.json" in link for link in read.links) == len(report.runs)


def test_headings_and_captions_lead_through_it(html: str) -> None:
    """One h1, no level skipped, a caption for every table."""
    levels = outline(html).levels
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert html.count("<table") == html.count("<caption")
    assert html.count("<svg") == html.count('role="img"')


def test_marks_are_more_than_a_colour(html: str) -> None:
    """Each faulty cell carries the symbol and its reason in words, and the legend explains every kind."""
    cells = re.findall(r'<td class="bad">(.*?)</td>', html)
    assert cells
    assert all("▲" in cell and "over budget" in cell for cell in cells)
    assert "more than 10 log requests a second" in html


def test_each_faulty_run_has_its_flamegraph(html: str, report: Report) -> None:
    """As many as runs that wasted something, one open a variant; the fault is explained and its source shown."""
    heavy = [view for view in report.runs if view.heavy]
    assert html.count("<summary>Flamegraph: ") == len(heavy) == 11
    for variant in ("buggy", "frozen", "half_fixed", "fan_out", "rewatch", "published"):
        assert f'aria-label="Source of {variant}"' in html
    assert "Fault 1, in <code>read_log</code>" in html
    assert 'aria-label="Source of hardened"' in html


def test_a_large_report_is_small_enough(tmp_path: Path) -> None:
    """Twenty-five faulty runs, each with hundreds of different stacks, stay under 2 MB."""
    stacks = [
        Stack(
            tuple(
                (f"function_{(seed * depth) % 37}", f"/home/me/app/module_{depth}.py", seed)
                for depth in range(25)
            ),
            3,
        )
        for seed in range(1, 120)
    ]
    rows = [
        spinning(variant, f"pod-{number}")
        for variant in ("buggy", "frozen", "half_fixed", "fan_out", "rewatch")
        for number in range(5)
    ]
    for row in rows:
        (tmp_path / row.recording).mkdir(parents=True)
    full = recording(cores=phases(0, 1, 1), stacks=[sampled(stacks)])
    report = assemble(comparison(*rows), tmp_path, lambda _: full)
    text = page.render(report, draw(report))
    assert text.count("<summary>Flamegraph: ") == 25
    assert len(text.encode()) < 2_000_000


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    """Whatever a comparison or a recording names, nothing of it is markup."""
    evil = '"><script>alert(1)</script><img src=x onerror=y>'
    row = spinning(evil, evil, ended=f"died: {evil}", recording="recordings/x")
    (tmp_path / "recordings" / "x").mkdir(parents=True)
    hostile = recording(
        stacks=[sampled([Stack(((evil, f"/{evil}/repro/server/variants/{evil}.py", 3),), 9)])],
        notes=(evil,),
        cores=phases(0, 1, 1),
    )
    whole = comparison(row, command=evil, cluster=evil, machine={"cores": 2, evil: evil})
    text = rendered(assemble(whole, tmp_path, lambda _: hostile))
    read = outline(text)
    assert not {"script", "img"} & read.tags
    assert read.handlers == []


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [run("hardened", recording="")],
        [
            run(
                cores=UNKNOWN,
                demand=UNKNOWN,
                tasks=Tasks(live=UNKNOWN, created_per_second=None),
                rss_mb=UNKNOWN,
                health_ms=Health(p50=None, p99=None, failed=0),
                log_requests_per_second=None,
                left=Left(tasks=None, connections=None),
                ended="died: signal 9",
                recording="",
            )
        ],
        [spinning(workers=25, views=25)],
        [run("published", "no-newline"), spinning("my_own", "odd")],
    ],
    ids=["none", "good", "unmeasured", "only-scale", "strangers"],
)
def test_any_subset_is_a_page(tmp_path: Path, rows: list[Any]) -> None:
    """Nothing measured, one run, dead runs, variants without a module: the page stands."""
    assert "<h1>" in rendered(report_of(comparison(*rows), tmp_path))


def test_a_run_without_recording_is_noted(tmp_path: Path) -> None:
    """Its figures are shown, and the page says what is missing."""
    text = rendered(report_of(comparison(spinning(recording="")), tmp_path))
    assert "buggy on succeeded: It has no recording." in text
    assert "No recording: the source is shown without heat." in text
