"""Progress stands on standard error of a terminal, and nowhere else."""

import pytest

from diag.commands import _progress


def test_a_terminal_is_told_what_is_done_and_how_long_it_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the process; standard output stays clean."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("TERM", raising=False)
    with _progress.shown("process 7", 3.0) as tell:
        tell("sampling stacks", 1.2)
    out, err = capsys.readouterr()
    assert "1.2 s left  process 7: sampling stacks" in err
    assert out == ""


def test_a_file_gets_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    """A log of a cron job holds no bars."""
    with _progress.shown("process 7", 3.0) as tell:
        tell("sampling stacks", 1.2)
    assert capsys.readouterr() == ("", "")
