"""The pictures show what there is, and are left out where there is nothing."""

from pathlib import Path

import numpy as np
from example_reports import report_of
from example_runs import comparison, phases, recording, run, spinning

from repro.report import plots
from repro.report.pictures import Picture, draw
from repro.report.views import Report, assemble


def test_one_picture_a_variant_and_one_at_scale(report: Report, pictures: list[Picture]) -> None:
    """In the order of the story, each under a name of its own."""
    assert [picture.caption for picture in pictures][:3] == ["", "buggy", "frozen"]
    assert len(pictures) == 9
    assert len({picture.path for picture in pictures}) == 9
    assert len(report.matrix) == 25


def test_the_picture_at_scale_has_a_bar_a_phase(pictures: list[Picture]) -> None:
    """Cores asked for and got, for both variants, while viewing and afterwards; and the machine's cores."""
    svg = str(pictures[0].svg())
    assert "buggy, viewing: 25.1 asked for, 1.96 got" in svg
    assert "hardened, after all left: 0.03 asked for, 0.03 got" in svg
    assert "the machine has 2" in svg


def test_the_course_names_phases_and_budgets(pictures: list[Picture]) -> None:
    """The phases are labelled, and both budget lines are drawn and named."""
    svg = str(pictures[1].svg())
    for words in ("quiet", "viewing", "after all left", ">1</text>", ">0.05</text>", "live tasks"):
        assert words in svg.replace("> ", ">")


def test_small_multiples_share_their_limits(report: Report) -> None:
    """The limits hold the largest curve of all variants."""
    limits = plots.scale(report.matrix)
    assert limits.seconds == (-2.0, 8.0)
    assert limits.cores >= 1.1
    assert limits.tasks > 1_000_000


def test_nothing_to_draw(tmp_path: Path) -> None:
    """Without recordings and without a run at scale there is no picture."""
    assert draw(report_of(comparison(run(recording="")), tmp_path)) == []
    unknown = spinning(views=25, workers=25, demand=phases(None, None, None), recording="")
    assert draw(report_of(comparison(unknown), tmp_path)) == []


def test_a_recording_without_readings_or_phases_is_drawn(tmp_path: Path) -> None:
    """Empty curves are no failure."""
    (tmp_path / "recordings" / "buggy-succeeded").mkdir(parents=True)
    empty = recording(activity=(), censuses=(), phases=(), seconds=0.0)
    (picture,) = draw(assemble(comparison(run()), tmp_path, lambda _: empty))
    assert np.isfinite(picture.figure.axes[0].get_xlim()).all()
