"""`diag record` as its user meets it."""

import os
import re
import signal
import sys
import threading
from pathlib import Path

import pytest
from live.started import started
from made_recordings import reading, recording

from diag.cli import run
from diag.commands.record import summary
from diag.recording import Census
from diag.storage import load


def diag(*words: str) -> int:
    """Run diag in this process, with the signal handlers as they were afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        return run("diag", words)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_it_saves_and_says_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on standard output: the place, cores, demand, tasks."""
    with started(sys.executable, "working.py", "spin", "20") as target:
        assert diag("record", str(target.pid), "-o", str(tmp_path / "r"), "--seconds", "1") == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"{tmp_path / 'r'}: ")
    assert "cores, demand" in out
    assert out.count("\n") == 1
    assert err == f"hint: `diag diagnose {tmp_path / 'r'}` judges it.\n"
    assert load(tmp_path / "r").target.pid == target.pid


def test_what_it_saves_can_be_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The hint holds what it promises: a spin is found in the recording, with its place."""
    with started(sys.executable, "working.py", "spin", "20") as target:
        assert diag("record", str(target.pid), "-o", str(tmp_path / "r"), "--seconds", "2") == 0
    capsys.readouterr()
    assert diag("diagnose", str(tmp_path / "r")) == 1
    assert capsys.readouterr().out.startswith("SPIN  ")


@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_it_saves_what_it_has(
    kind: signal.Signals, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C and SIGTERM end the recording early; it is whole and says so."""
    with started(sys.executable, "working.py", "spin", "25") as target:
        timer = threading.Timer(1.0, os.kill, (os.getpid(), kind))
        timer.start()
        assert diag("record", str(target.pid), "-o", str(tmp_path / "r"), "--seconds", "20") == 0
        timer.join()
    assert "Interrupted after" in capsys.readouterr().err
    saved = load(tmp_path / "r")
    assert saved.seconds < 15
    assert saved.activity


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["999999999"], "is no process|There is no process"),
        (["0"], "Invalid value for 'PID'"),
        (["server"], "Invalid value for 'PID'"),
        ([str(os.getpid()), "--rate", "0"], "Invalid value for '--rate'"),
        ([str(os.getpid()), "--seconds", "0"], "Invalid value for '--seconds'"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    words: list[str], sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong word or a pid that is nobody's: exit code 2 and no traceback."""
    assert diag("record", *words, "-o", str(tmp_path / "r")) == 2
    assert re.search(sentence, capsys.readouterr().err)
    assert not (tmp_path / "r").exists()


def test_something_else_is_refused_before_it_is_measured(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory with other content is named at once."""
    (tmp_path / "mine").touch()
    assert diag("record", str(os.getpid()), "-o", str(tmp_path)) == 2
    assert "choose another place" in capsys.readouterr().err


def test_the_summary_says_what_was_not_measured() -> None:
    """No readings and no census are no zeros."""
    assert summary(recording()) == "CPU not measured, tasks not counted, 0 stack samples in 10.0 s."


def test_the_summary_prefers_the_undisturbed_time() -> None:
    """Cores and demand come from readings without sampling, tasks from the censuses."""
    found = summary(
        recording(
            activity=(reading(0), reading(4, cpu_user=4, run_wait=2), reading(8, cpu_user=4.1, sampled=True)),
            censuses=tuple(
                Census(at=at, pid=7, groups=(), created=int(at * 1000), seconds=0) for at in (1.0, 5.0)
            ),
        )
    )
    assert found == "1.00 cores, demand 1.50, 0 tasks (1,000 created/s), 0 stack samples in 10.0 s."
