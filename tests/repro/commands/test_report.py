"""`repro report` renders an earlier run again."""

from pathlib import Path

import pytest
from example_runs import comparison, recording_of, spinning

from diag.cli import run
from diag.storage import save
from repro.report import folder


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """Give the folder of an earlier run, as it was before it was rendered."""
    row = spinning()
    save(recording_of(row), tmp_path / row.recording)
    (tmp_path / folder.COMPARISON).write_bytes(folder.encode(comparison(row)))
    return tmp_path


def test_it_writes_everything_again(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page is there, and the table and the page's path are printed."""
    assert run("repro", ["report", str(earlier)]) == 0
    assert (earlier / "index.html").is_file()
    printed = capsys.readouterr().out
    assert "0.99▲" in printed
    assert printed.rstrip().endswith("index.html")


@pytest.mark.parametrize(
    ("form", "start"),
    [("text", "\n"), ("markdown", "# The CPU"), ("json", "{\n"), ("html", "<!doctype html>")],
)
def test_one_form_is_printed_or_written(
    earlier: Path, capsys: pytest.CaptureFixture[str], form: str, start: str
) -> None:
    """Nothing else is written to the folder."""
    assert run("repro", ["report", str(earlier), "--format", form]) == 0
    printed = capsys.readouterr().out
    assert printed.lstrip(" ").startswith(start)
    output = earlier / "out"
    assert run("repro", ["report", str(earlier), "--format", form, "-o", str(output)]) == 0
    assert output.read_text(encoding="utf-8") == printed
    assert not (earlier / "index.html").exists()


def test_what_is_no_report_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and what to do."""
    assert run("repro", ["report", str(tmp_path)]) == 2
    assert "holds no comparison.json" in capsys.readouterr().err


def test_output_without_a_form_is_refused(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder does not fit into a file."""
    assert run("repro", ["report", str(earlier), "-o", "x"]) == 2
    assert "--format" in capsys.readouterr().err


def test_a_full_disk_is_a_sentence(earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback where the output cannot be written."""
    assert run("repro", ["report", str(earlier), "--format", "json", "-o", "/dev/full"]) == 2
    assert "No space left" in capsys.readouterr().err
