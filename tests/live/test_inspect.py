"""`diag inspect` of a real process, and the same answer from its recording."""

import json
import subprocess
import sys
from pathlib import Path

from live.started import started


def diag(*words: str) -> "subprocess.CompletedProcess[str]":
    """Run a command as its user does."""
    command = [sys.executable, "-m", "diag", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_recording_gives_the_same_answer_as_the_process(tmp_path: Path) -> None:
    """The JSON of `inspect` and that of `diagnose` on what it kept are equal, byte for byte."""
    kept = str(tmp_path / "kept")
    with started(sys.executable, "working.py", "spin", "20") as target:
        measured = diag("inspect", str(target.pid), "--seconds", "1.5", "--format", "json", "--keep", kept)
    assert measured.stderr == ""
    again = diag("diagnose", kept, "--format", "json")
    assert again.stdout == measured.stdout
    assert again.returncode == measured.returncode
    answer = json.loads(measured.stdout)
    assert answer["schema"] == 1
    assert answer["target"]["pid"] == target.pid


def test_a_process_that_ends_meanwhile_is_judged_by_what_was_seen() -> None:
    """No error and no traceback: an answer with the note that it ended."""
    with started(sys.executable, "working.py", "spin", "1.5") as target:
        found = diag("inspect", str(target.pid), "--seconds", "20")
    assert found.returncode in {0, 1, 2}
    assert found.stderr == ""
    assert f"Process {target.pid} ended" in found.stdout


def test_a_reader_that_went_away_is_no_failure() -> None:
    """`diag inspect PID | head -1` shows the line that matters and no error."""
    with started(sys.executable, "working.py", "sleep", "20") as target:
        pipeline = f"'{sys.executable}' -m diag inspect {target.pid} --seconds 0.5 | head -1"
        found = subprocess.run(
            ["/bin/sh", "-c", pipeline], capture_output=True, text=True, timeout=60, check=False
        )
    assert found.stdout.count("\n") == 1
    assert found.stderr == ""
