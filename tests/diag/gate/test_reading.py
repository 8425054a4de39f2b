"""What a path holds: comparisons, recordings, benchmarks, several of them, or nothing of the kind."""

from collections.abc import Callable
from pathlib import Path

import made_recordings
import pytest
from made_gate import benchmark, comparison, run

from diag import storage
from diag.errors import HotloopError
from diag.gate.reading import read_all
from diag.gate.recordings import program


def test_a_row_of_a_comparison_is_a_sample(tmp_path: Path) -> None:
    """Its subject is pods, variant, views and workers; its figures have the names of a budget."""
    folder = comparison(tmp_path / "a", run(), run(pod="failed", ended="memory limit", verdicts=["leak"]))
    first, second = read_all([folder])
    assert (first.subject.path, first.subject.views, first.ended) == (("succeeded", "hardened"), 20, "")
    assert first.subject.title == "succeeded.hardened, 20 views"
    wanted = {
        "cpu_seconds": 0.2,
        "turns": 1100,
        "empty_turns_per_view": 35,
        "tasks_created": 165,
        "lines_lost": 0,
    }
    assert {name: first.figures[name] for name in wanted} == wanted
    assert (second.ended, second.broken, second.verdicts) == ("memory limit", True, ("leak",))


def test_every_known_figure_of_a_run_is_read(tmp_path: Path) -> None:
    """The table of figures and what is read have the same names."""
    (sample,) = read_all([comparison(tmp_path / "a")])
    assert set(sample.figures) == {figure.name for figure in sample.known}
    assert None not in sample.figures.values()


def test_an_old_comparison_has_unmeasured_figures(tmp_path: Path) -> None:
    """What was not counted at the time is not measured, and no 0."""
    old = {key: value for key, value in run().items() if key not in {"turns", "cpu_seconds", "empty_turns"}}
    (sample,) = read_all([comparison(tmp_path / "a", old)])
    assert (sample.figures["turns"], sample.figures["cpu_seconds"], sample.figures["cores"]) == (
        None,
        None,
        0.1,
    )


def test_a_run_that_failed_has_no_figures(tmp_path: Path) -> None:
    """Its zeros were not measured."""
    (sample,) = read_all([comparison(tmp_path / "a", run(ended="failed: no pods"))])
    assert (sample.figures, sample.ended, sample.broken) == ({}, "failed: no pods", False)


def test_a_recording_is_a_sample(tmp_path: Path) -> None:
    """It is named after its program."""
    storage.save(made_recordings.varied(3), tmp_path / "a")
    (sample,) = read_all([tmp_path / "a"])
    assert sample.subject.path[0] == "record"
    assert set(sample.figures) == {figure.name for figure in sample.known}


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("python", "-m", "shop.worker", "-v"), "shop.worker"),
        (("/usr/bin/python3.11", "-u", "-X", "dev", "/srv/worker.py"), "worker.py"),
        (("/venv/bin/gunicorn", "app"), "gunicorn"),
        (("python3", "-mhttp.server"), "http.server"),
        (("python3", "-c", "pass"), "-c"),
        (("python3",), "python3"),
        ((), "?"),
    ],
)
def test_a_program_has_the_name_that_people_give_it(command: tuple[str, ...], name: str) -> None:
    """Module, script or executable."""
    assert program(command) == name


def test_benchmarks_are_samples(tmp_path: Path) -> None:
    """Their numbers are those of extra_info; wall time is none of them."""
    file = benchmark(
        tmp_path / "b.json", {"test_x": {"cpu_seconds": 0.5, "turns": 7, "note": "a", "ok": True}}
    )
    (sample,) = read_all([file])
    assert (sample.subject.path, sample.figures) == (
        ("benchmark", "test_x"),
        {"cpu_seconds": 0.5, "turns": 7},
    )
    assert sample.started == 1.7e9


def test_each_part_of_a_folder_is_a_repeat(tmp_path: Path) -> None:
    """Folders and JSON files; what is neither is left alone."""
    for number in range(3):
        comparison(tmp_path / "runs" / f"{number}", started=1.7e9 + number)
    benchmark(tmp_path / "runs" / "b.json", {"test_x": {"turns": 7}})
    (tmp_path / "runs" / "1.log").write_text("said")
    (tmp_path / "runs" / "empty").mkdir()
    assert len(read_all([tmp_path / "runs"])) == 4


def nothing(_place: Path) -> None:
    """Leave the path as it is: not there."""


def text(content: str) -> Callable[[Path], object]:
    """Write a file there."""
    return lambda place: place.write_text(content)


def inside(name: str, content: str) -> Callable[[Path], object]:
    """Make a folder with a file there."""

    def make(place: Path) -> None:
        place.mkdir()
        (place / name).write_text(content)

    return make


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (nothing, "is not there"),
        (Path.mkdir, "holds nothing that can be judged"),
        (text("{"), "no JSON of pytest-benchmark"),
        (text('{"benchmarks": [], "datetime": "2026-01-01T00:00:00"}'), "holds no benchmark"),
        (text('{"benchmarks": [], "datetime": "yesterday"}'), "no JSON of pytest-benchmark"),
        (inside("comparison.json", "{}"), "has schema None"),
        (inside("comparison.json", '{"schema": 2}'), "has schema 2"),
        (inside("comparison.json", '{"schema": 1}'), "no comparison of `repro run`"),
        (inside("comparison.json", "nonsense"), "no comparison of `repro run`"),
        (inside("recording.json", "{}"), "is damaged"),
    ],
)
def test_what_cannot_be_read_is_told(make: Callable[[Path], object], said: str, tmp_path: Path) -> None:
    """One sentence with the name of the place."""
    make(tmp_path / "x")
    with pytest.raises(HotloopError, match=said) as error:
        read_all([tmp_path / "x"])
    assert "x" in str(error.value)


def test_the_same_run_twice_is_refused(tmp_path: Path) -> None:
    """A copy of a run is no repeat of it."""
    folder = comparison(tmp_path / "a")
    with pytest.raises(HotloopError, match="given twice"):
        read_all([folder, tmp_path / "a" / ".." / "a"])


def test_a_comparison_without_runs_is_refused(tmp_path: Path) -> None:
    """It has nothing to judge."""
    folder = comparison(tmp_path / "a")
    comparison_file = folder / "comparison.json"
    comparison_file.write_text(comparison_file.read_text().replace('"runs": [{', '"runs": [], "was": [{'))
    with pytest.raises(HotloopError, match="holds no run"):
        read_all([folder])
