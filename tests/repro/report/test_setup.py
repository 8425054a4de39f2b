"""The page says how it was measured, and what could not be."""

from pathlib import Path

import msgspec
from example_reports import report_of
from example_runs import comparison, phases, recording, run, sampled, stacks_of

from repro.report import setup
from repro.report.views import Report, assemble


def test_everything_the_figures_depend_on_is_named(report: Report) -> None:
    """Command, cluster, machine, limits, and the recorder's settings."""
    facts = dict(setup.facts(report))
    assert facts["Command"] == "repro run -o reports/latest"
    assert facts["Memory"] == "24.0 GiB"
    assert facts["Memory limit of the server"] == "1,024 MiB"
    assert facts["Whole time"] == "3 min 51 s"
    assert facts["Phases of a run"] == "quiet 2.0 s, viewing 5.0 s, after 3.0 s"
    assert facts["Stack samples"] == "100 a second, running threads only"


def test_without_a_recording_the_comparison_speaks(tmp_path: Path) -> None:
    """What only a recording knows is left out."""
    assert "Phases of a run" not in dict(setup.facts(report_of(comparison(run(recording="")), tmp_path)))


def test_the_recordings_own_notes_and_the_samplers_trouble_are_said(tmp_path: Path) -> None:
    """A late or failing sampler makes shares doubtful."""
    (tmp_path / "recordings" / "buggy-succeeded").mkdir(parents=True)
    stacks = msgspec.structs.replace(sampled(stacks_of("buggy")), errors=400, late=2.5)
    noted = recording(stacks=[stacks], notes=("schedstat is not there.",))
    assert setup.notes(assemble(comparison(run()), tmp_path, lambda _: noted)) == [
        "buggy on succeeded: schedstat is not there.",
        "buggy on succeeded: 400 of the sampler's 492 looks failed.",
        "buggy on succeeded: the sampler fell behind by up to 2.5 s.",
    ]


def test_unmeasured_cores_are_said(tmp_path: Path) -> None:
    """With the way the run ended."""
    dead = run(cores=phases(None, None, None), ended="died: signal 9", recording="")
    assert setup.notes(report_of(comparison(dead), tmp_path))[-1] == (
        "buggy on succeeded: its cores while viewing could not be measured (died: signal 9)."
    )
