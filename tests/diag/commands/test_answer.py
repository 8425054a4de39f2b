"""Where answers go, in which format, and with which exit code."""

import importlib.util
import io
import sys
from pathlib import Path

import made_diagnoses
import pytest

from diag.commands import _answer
from diag.errors import HotloopError


@pytest.mark.parametrize(
    ("form", "output", "chosen", "file"),
    [
        (None, "a.html", "html", "a.html"),
        (None, "a.MD", "markdown", "a.MD"),
        (None, "a.json", "json", "a.json"),
        (None, "a.out", "text", "a.out"),
        ("json", "a.html", "json", "a.html"),
        ("markdown", "", "markdown", "stem.md"),
        (None, "new/deep/", "text", "new/deep/stem.txt"),
    ],
)
def test_format_and_file(form: str | None, output: str, chosen: str, file: str, tmp_path: Path) -> None:
    """A suffix tells the format unless one is asked for; a directory gets a file of the right name."""
    slash = "/" if output.endswith("/") else ""
    found = _answer.destination(form, f"{tmp_path / output}{slash}", "stem")
    assert (found.form, found.path) == (chosen, tmp_path / file)


def test_a_dash_is_standard_output() -> None:
    """As everywhere; without -o it is the command's own stream."""
    assert _answer.destination("json", "-", "stem", stream="stderr") == _answer.Destination(
        "json", None, "stdout"
    )
    assert _answer.destination(None, None, "stem", stream="stderr").stream == "stderr"


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    """It is said before anything is measured."""
    with pytest.raises(HotloopError, match="make it first"):
        _answer.destination(None, str(tmp_path / "none" / "a.txt"), "stem")


def test_without_its_libraries_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence names the extra to install."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(HotloopError, match=r"pip install 'hotloop\[report\]'"):
        _answer.destination("html", None, "stem")


def test_a_file_is_named_on_the_stream(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The verdict in one line, then where the rest is."""
    to = _answer.destination(None, str(tmp_path / "a.json"), "stem")
    assert _answer.give(made_diagnoses.spin(), None, to) == 1
    line, file = capsys.readouterr().out.splitlines()
    assert line.startswith("SPIN  read_log")
    assert file == str(tmp_path / "a.json")


def test_a_full_disk_does_not_cost_the_verdict(capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be written is told; the verdict is on the stream."""
    with pytest.raises(HotloopError, match="No space left"):
        _answer.give(made_diagnoses.spin(), None, _answer.Destination("json", Path("/dev/full")))
    assert capsys.readouterr().out.startswith("SPIN  read_log")


@pytest.mark.parametrize("kind", made_diagnoses.ALL)
@pytest.mark.parametrize("form", ["text", "json", "markdown", "html"])
def test_every_format_of_every_verdict(form: str, kind: str, tmp_path: Path) -> None:
    """Something comes of each, and the exit code is the verdict's."""
    to = _answer.destination(form, str(tmp_path), "stem")
    code = _answer.give(made_diagnoses.ALL[kind](), None, to)
    assert code == {"healthy": 0, "unknown": 2}.get(kind, 1)
    assert to.path is not None
    assert to.path.stat().st_size


def test_one_against_outweighs_an_unknown() -> None:
    """Of several the worst counts: against, then unknown, then healthy."""
    healthy, unknown, spin = made_diagnoses.diagnosis(), made_diagnoses.unknown(), made_diagnoses.spin()
    assert _answer.exit_code(healthy, healthy) == 0
    assert _answer.exit_code(healthy, unknown) == 2
    assert _answer.exit_code(unknown, spin, healthy) == 1


def test_a_plain_encoding_gets_plain_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bars and marks are drawn with what the terminal has."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    _answer.Destination("text", None).say("█► 34 │ …")
    stream.flush()
    assert stream.buffer.getvalue() == b"#> 34 | ~"
