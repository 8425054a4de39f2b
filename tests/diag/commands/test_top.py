"""Tests for `diag top`: what it says of a process, when it ends, and wrong calls."""

import made_diagnoses
import pytest
from made_recordings import recording

from diag.cli import run
from diag.commands._top_looks import Limits
from diag.commands._top_state import History
from diag.commands.top import as_json, subject
from diag.recording import Target
from diag.watching import Watcher, look_of


class Clock:
    """A clock that a test sets."""

    now = 100.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def target(*command: str) -> Target:
    """Make a process."""
    return Target(
        pid=7, created=0, command=command, executable="/usr/bin/python3", user="me", version="3.12.1"
    )


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (
            ("/usr/bin/python3", "/srv/shop/app.py", "--port", "80"),
            "process 7: python3 …/shop/app.py --port 80",
        ),
        (("gunicorn: master",), "process 7: gunicorn: master"),
        ((), "process 7: ?"),
    ],
)
def test_a_process_in_words(command: tuple[str, ...], text: str) -> None:
    """Long paths lose their beginning."""
    assert subject(target(*command)) == text


def test_json() -> None:
    """A look has the diagnosis as `inspect` has it, for how long the verdict has held, and what is beside it."""
    history = History("")
    history.add(look_of(recording(seconds=2.0), made_diagnoses.spin(), at=2.0, types={"dict": 1}))
    document = as_json(history)
    assert (document["schema"], document["pid"], document["verdict"]) == (1, 7, "spin")
    assert document["held_seconds"] == 2.0
    assert document["diagnosis"]["culprit"]["function"] == "read_log"
    assert not document["hot"]
    assert "types" not in document


def test_limits() -> None:
    """It ends after so many looks, or so many seconds, or never."""
    clock = Clock()
    watcher = Watcher(7, clock=clock)
    by_count, by_time, endless = (
        Limits(watcher, None, 2),
        Limits(watcher, 5.0, None),
        Limits(watcher, None, None),
    )
    assert [by_count.counted(), by_count.counted()] == [True, False]
    clock.now += 4.9
    assert by_time.counted()
    clock.now += 0.2
    assert by_time.over
    assert not by_time.counted()
    assert endless.counted()
    assert not endless.over


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["0"],
        ["1", "--interval", "0"],
        ["1", "--count", "0"],
        ["1", "--seconds", "nan"],
        ["1", "--rows", "3"],
    ],
)
def test_wrong_calls(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong words exit with 2 and say why."""
    assert run("diag", ["top", *words]) == 2
    assert capsys.readouterr().err


def test_a_pid_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, exit code 2."""
    assert run("diag", ["top", str((1 << 22) + 1)]) == 2
    assert capsys.readouterr().err.startswith(f"diag: There is no process {(1 << 22) + 1}")
