"""A report's folder is written whole, and read again."""

import json
from pathlib import Path

import pytest
from example_runs import comparison, full_comparison, recording_of, spinning

from diag.errors import HotloopError
from diag.storage import save
from repro.report import folder, write


def test_every_form_is_written(tmp_path: Path) -> None:
    """Page, Markdown, comparison and pictures; recordings stay where they were."""
    row = spinning()
    save(recording_of(row), tmp_path / row.recording)
    page = write(comparison(row, spinning(views=25, workers=25, recording="")), tmp_path)
    assert page == tmp_path / "index.html"
    assert {path.name for path in tmp_path.iterdir()} == {
        "index.html",
        "report.md",
        "comparison.json",
        "plots",
        "recordings",
    }
    assert {path.name for path in (tmp_path / "plots").iterdir()} == {
        "demand.png",
        "curves-buggy-succeeded-1.png",
    }
    assert "Flamegraph: buggy on succeeded" in page.read_text(encoding="utf-8")
    assert 'href="recordings/buggy-succeeded/' in page.read_text(encoding="utf-8")


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    """The comparison comes back as it was, and stands in the file by its schema's keys."""
    whole = full_comparison()
    (tmp_path / folder.COMPARISON).write_bytes(folder.encode(whole))
    assert folder.read(tmp_path) == whole
    plain = json.loads((tmp_path / folder.COMPARISON).read_text())
    assert plain["schema"] == 1
    assert plain["runs"][0]["cores"]["viewing"] == 0.991


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "holds no comparison.json"),
        (b"{", "is damaged"),
        (b"[]", "is damaged"),
        (b'{"schema": 1}', "is damaged"),
        (b'{"schema": 2}', "install a newer hotloop"),
    ],
)
def test_what_is_no_report_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes | None, sentence: str
) -> None:
    """No report, a damaged one, one of a newer version."""
    if content is not None:
        (tmp_path / folder.COMPARISON).write_bytes(content)
    with pytest.raises(HotloopError, match=sentence):
        folder.read(tmp_path)


def test_a_damaged_recording_is_no_failure(tmp_path: Path) -> None:
    """The run is shown without it, and the page says so."""
    row = spinning()
    save(recording_of(row), tmp_path / row.recording)
    for path in (tmp_path / row.recording).iterdir():
        path.write_bytes(b"\x00")
    page = write(comparison(row), tmp_path).read_text(encoding="utf-8")
    assert "cannot be read: The recording in" in page
    assert "0.99" in page
