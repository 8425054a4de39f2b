"""The text for a terminal: all that matters, in the order in which it is wanted, in any width."""

import re

import made_diagnoses
import pytest

from diag.findings import CauseFound
from diag.reports import text

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [80, 100, 200])
@pytest.mark.parametrize("kind", [name for name in made_diagnoses.ALL if name != "hostile"])
def test_no_line_is_wider_than_the_terminal(kind: str, width: int) -> None:
    """At 80 columns nothing wraps by itself; a wide terminal is not filled beyond what can be read."""
    for line in text.render(made_diagnoses.ALL[kind](), width=width).splitlines():
        assert len(line) <= min(width, text.WIDEST)


def test_the_sections_stand_in_their_order() -> None:
    """Verdict, reason, cause, source, tasks, evidence, remedy."""
    drawn = text.render(made_diagnoses.spin())
    wanted = (
        "SPIN",
        "never waits",
        "HL001 ineffective-break",
        "Source",
        "Tasks",
        "Evidence",
        "What to do",
        "Process 7",
    )
    places = [drawn.index(word) for word in wanted]
    assert places == sorted(places)


def test_source_lines_carry_heat_and_marks() -> None:
    """The share, a bar, the mark of the line at fault, and the loop's edge."""
    lines = text.render(made_diagnoses.spin()).splitlines()
    assert any(re.fullmatch(r" +71 %███▌ +34 │ +done, _ = .*…", line) for line in lines)
    assert any(re.fullmatch(r" +5 %▎ +► 40 │ +break", line) for line in lines)


def test_a_healthy_process_gets_its_numbers_and_no_advice() -> None:
    """One line, the sentence, the numbers that say so."""
    drawn = text.render(made_diagnoses.diagnosis())
    assert drawn.startswith("HEALTHY  0.02 core\nIt is idle")
    assert "83/s" in drawn
    assert "What to do" not in drawn
    assert "Source" not in drawn


def test_an_unknown_one_says_why_and_what_to_do() -> None:
    """The reason, the next step, and what could not be measured."""
    drawn = text.render(made_diagnoses.unknown())
    assert drawn.startswith("UNKNOWN\nThe process ended after 0.2 s")
    assert "--seconds 10" in drawn
    assert "Process 7 ended 0.2 s after" in drawn
    assert "guess" not in drawn


def test_several_verdicts_each_have_their_reason() -> None:
    """Each is named, a guess is called one, and only the largest coroutines are listed."""
    drawn = text.render(made_diagnoses.leak(), width=110)
    assert "leak: Live tasks grow" in drawn
    assert "spin: The loop of view never waits. (a guess, 75 % sure)" in drawn
    assert "made by view" in drawn
    assert "of 4 other coroutines" in drawn


def test_a_library_is_named_with_its_version_and_who_called_it() -> None:
    """The dependency, and the user's frame that led there."""
    drawn = text.render(made_diagnoses.storm())
    assert "of kubernetes 37.0.1" in drawn
    assert "called from view (/srv/shop/repro/server/variants/rewatch.py:31)" in drawn
    assert "The cause is not known" in drawn


def test_a_cause_in_another_file_is_placed_there() -> None:
    """The path is told where it is not the culprit's."""
    cause = CauseFound(
        code="HL013", name="watch-restarted", file="/srv/other.py", line=3, message="m", remedy="r"
    )
    assert "HL013 watch-restarted  /srv/other.py:3" in text.render(made_diagnoses.spin(causes=(cause,)))


def test_colour_adds_nothing_but_escapes() -> None:
    """What a terminal shows in colour reads the same without."""
    plain = text.render(made_diagnoses.spin())
    coloured = text.render(made_diagnoses.spin(), colour=True)
    assert ESCAPE.search(coloured)
    assert [line.rstrip() for line in ESCAPE.sub("", coloured).splitlines()] == plain.splitlines()
    assert "\x1b" not in plain


def test_no_color_is_kept_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """With $NO_COLOR no colour is set, not even on a terminal."""
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in text.render(made_diagnoses.spin(), colour=True)


def test_hostile_names_cannot_steer_the_terminal() -> None:
    """Every foreign word is escaped."""
    drawn = text.render(made_diagnoses.hostile())
    assert all(line.isprintable() for line in drawn.splitlines())


@pytest.mark.parametrize(("share", "drawn"), [(0, "     "), (0.001, "▏    "), (0.5, "██▌  "), (1, "█████")])
def test_bars(share: float, drawn: str) -> None:
    """A bar is as long as the share; a trace shows."""
    assert text.bar(share, 5) == drawn
