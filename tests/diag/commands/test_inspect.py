"""`diag inspect` as its user meets it, with the measurement and the judgement made up."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import made_diagnoses
import made_recordings
import pytest

from diag import diagnosis, lookup, observation
from diag.cli import run
from diag.errors import HotloopError
from diag.findings import Diagnosis
from diag.recording import Recording


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """Leave the signal handlers as they were."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(autouse=True)
def _measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take process 7 for one that can be measured at once."""

    def observe(pid: int, seconds: float, *, progress: Callable[[str, float], None]) -> Recording:
        progress("reading variables and tasks", seconds)
        assert pid == 7
        return made_recordings.recording()

    monkeypatch.setattr(lookup, "find", lambda _text: 7)
    monkeypatch.setattr(observation, "observe", observe)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[[Diagnosis], None]:
    """Give what sets the judgement."""
    return lambda found: monkeypatch.setattr(diagnosis, "diagnose", lambda _recording: found)


@pytest.mark.parametrize(("kind", "code"), [("healthy", 0), ("spin", 1), ("leak", 1), ("unknown", 2)])
def test_exit_codes(
    kind: str, code: int, judged: Callable[[Diagnosis], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """Healthy, a verdict against it, not known; nothing on standard error where it is no terminal."""
    judged(made_diagnoses.ALL[kind]())
    assert run("diag", ["inspect", "server"]) == code
    out, err = capsys.readouterr()
    assert out.startswith(made_diagnoses.ALL[kind]().verdicts[0].upper())
    assert err == ""


def test_json_is_all_of_the_output(
    judged: Callable[[Diagnosis], None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A program can read standard output as it is."""
    judged(made_diagnoses.spin())
    run("diag", ["inspect", "7", "--format", "json"])
    assert json.loads(capsys.readouterr().out)["verdicts"] == ["spin"]


def test_what_was_measured_is_kept(judged: Callable[[Diagnosis], None], tmp_path: Path) -> None:
    """`--keep` saves the recording, and `diagnose` says of it the same, byte for byte."""
    judged(made_diagnoses.spin())
    run("diag", ["inspect", "7", "--keep", str(tmp_path / "kept"), "-o", str(tmp_path / "a.json")])
    run("diag", ["diagnose", str(tmp_path / "kept"), "-o", str(tmp_path / "b.json")])
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_place_that_cannot_be_written_is_told_before_measuring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits for three seconds to hear that."""
    monkeypatch.setattr(observation, "observe", None)
    (tmp_path / "mine").touch()
    assert run("diag", ["inspect", "7", "-o", str(tmp_path / "no" / "a.txt")]) == 2
    assert run("diag", ["inspect", "7", "--keep", str(tmp_path)]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "make it first" in first
    assert "choose another place" in second


def test_a_recording_that_cannot_be_kept_does_not_cost_the_answer(
    judged: Callable[[Diagnosis], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The disk is full by then: the verdict is told all the same, and so is that."""

    def full(*_: object) -> None:
        raise HotloopError("The recording could not be saved: No space left on device.")

    judged(made_diagnoses.spin())
    monkeypatch.setattr("diag.storage.save", full)
    assert run("diag", ["inspect", "7", "--keep", str(tmp_path / "kept")]) == 2
    out, err = capsys.readouterr()
    assert out.startswith("SPIN")
    assert "No space left" in err


def test_who_vanishes_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A process that cannot be observed: exit code 2, no traceback."""

    def gone(*_: object, **__: object) -> None:
        raise HotloopError("There is no process 7: it has ended.")

    monkeypatch.setattr(observation, "observe", gone)
    assert run("diag", ["inspect", "7"]) == 2
    assert capsys.readouterr().err == "diag: There is no process 7: it has ended.\n"
