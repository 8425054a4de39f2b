"""`diag diagnose` as its user meets it."""

from pathlib import Path

import made_diagnoses
import made_recordings
import pytest

from diag import diagnosis, storage
from diag.cli import run


def test_a_recording_is_judged_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The answer and the exit code are those of `inspect`."""
    storage.save(made_recordings.recording(), tmp_path / "r")
    monkeypatch.setattr(diagnosis, "diagnose", lambda _recording: made_diagnoses.spin())
    assert run("diag", ["diagnose", str(tmp_path / "r")]) == 1
    assert capsys.readouterr().out.startswith("SPIN  read_log")


def test_an_empty_recording_is_not_known(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recording in which nothing was measured: exit code 2, and no traceback."""
    storage.save(made_recordings.recording(), tmp_path / "r")
    assert run("diag", ["diagnose", str(tmp_path / "r")]) == 2
    assert capsys.readouterr().out.startswith("UNKNOWN")


@pytest.mark.parametrize("word", ["none", "."])
def test_what_is_no_recording_is_a_sentence(
    word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong directory: exit code 2."""
    assert run("diag", ["diagnose", str(tmp_path / word)]) == 2
    assert "holds no recording" in capsys.readouterr().err
