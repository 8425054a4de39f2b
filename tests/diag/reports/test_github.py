"""Annotations and the summary of GitHub Actions."""

from pathlib import Path

import pytest

from diag.reports.github import Annotation, add_summary, render


def annotation(message: str, **more: str | int) -> Annotation:
    """Make an error with a title."""
    return Annotation(level="error", title="HL001 ineffective-break", message=message, **more)  # type: ignore[arg-type]


def test_a_place_and_a_message_of_several_lines() -> None:
    """The message stays whole on one line, and neither it nor the file can end the command early."""
    text = render([annotation("50 % of\nit: a, b", file="a,b:c.py", line=3, column=7)])
    assert text == (
        "::error file=a%2Cb%3Ac.py,line=3,col=7,title=HL001 ineffective-break::50 %25 of%0Ait: a, b\n"
    )


def test_no_place() -> None:
    """Without a file there is none in the command."""
    assert render([annotation("all")]) == "::error title=HL001 ineffective-break::all\n"


def test_more_than_are_shown_are_counted() -> None:
    """The last of ten says how many more there are, so that the sum is right."""
    lines = render([annotation(str(number)) for number in range(25)]).splitlines()
    assert len(lines) == 10
    assert "16 more" in lines[-1]
    assert lines[8].endswith("::8")


def test_as_many_as_are_shown() -> None:
    """Ten are shown as they are."""
    lines = render([annotation(str(number)) for number in range(10)]).splitlines()
    assert [line.rpartition(":")[2] for line in lines] == [str(number) for number in range(10)]


def test_the_summary_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step's part is appended."""
    place = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(place))
    assert add_summary("# one")
    assert add_summary("# two\n")
    assert place.read_text() == "# one\n# two\n"


def test_no_summary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere there is none to write."""
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    assert not add_summary("# one")
