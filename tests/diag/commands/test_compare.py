"""`diag compare` as its user meets it."""

import json
from pathlib import Path

import made_diagnoses
import made_recordings
import pytest

from diag import diagnosis, storage
from diag.cli import run
from diag.findings import Diagnosis
from diag.recording import Recording


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make two recordings, `spike` of ten seconds, which spins, and `fixed=1` of five, which does not."""
    storage.save(made_recordings.recording(), tmp_path / "spike")
    storage.save(made_recordings.recording(seconds=5.0), tmp_path / "fixed=1")
    monkeypatch.chdir(tmp_path)

    def diagnose(recording: Recording) -> Diagnosis:
        return made_diagnoses.spin() if recording.seconds == 10 else made_diagnoses.diagnosis()

    monkeypatch.setattr(diagnosis, "diagnose", diagnose)


def labels(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Give the labels of the JSON that was printed."""
    return [row["label"] for row in json.loads(capsys.readouterr().out)["compared"]]


def test_directories_name_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    """A label is the directory's name, also with an equals sign in it; twice the same are told apart."""
    assert run("diag", ["compare", "spike", "fixed=1", "./spike", "--format", "json"]) == 1
    assert labels(capsys) == ["spike", "fixed=1", "spike-2"]


def test_labels_are_given(capsys: pytest.CaptureFixture[str]) -> None:
    """NAME=DIR, split at the first equals sign."""
    assert run("diag", ["compare", "before=spike", "after=fixed=1", "--format", "json"]) == 1
    assert labels(capsys) == ["before", "after"]


def test_all_healthy_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0 where nothing is against any."""
    assert run("diag", ["compare", "fixed=1"]) == 0
    assert capsys.readouterr().out.startswith("Nothing is against it.")


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_every_format_can_go_to_a_file(form: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The result and the file's name are on standard output."""
    assert run("diag", ["compare", "spike", "fixed=1", "--format", form, "-o", f"{tmp_path}/"]) == 1
    line, file = capsys.readouterr().out.splitlines()
    assert line == "SPIN became healthy: spike, then fixed=1."
    assert Path(file).stat().st_size


def test_a_missing_one_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and which it is."""
    assert run("diag", ["compare", "spike", "gone=nowhere"]) == 2
    assert "nowhere holds no recording" in capsys.readouterr().err
