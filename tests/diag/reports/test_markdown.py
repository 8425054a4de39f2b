"""The Markdown survives being pasted into an issue."""

import re

import made_diagnoses
import pytest

from diag.reports import markdown


def test_it_says_all_that_matters() -> None:
    """Title, place, cause, source with marks, remedy, evidence."""
    drawn = markdown.render(made_diagnoses.spin())
    assert drawn.startswith("### SPIN in `read_log`: 0.98 core, 93 % of the samples, live loop\n")
    assert f"`{made_diagnoses.BUGGY}:33-42`" in drawn
    assert "**HL001 ineffective-break**" in drawn
    assert "   5 % ► 40 │                 break" in drawn
    assert "**What to do**\n\n- Leave the outer loop: `return` in line 40" in drawn
    assert "| 0/s | The thread never gives up its core of its own accord. |" in drawn


@pytest.mark.parametrize("kind", made_diagnoses.ALL)
def test_tables_keep_their_columns(kind: str) -> None:
    """Whatever a name holds, each row of a table has two cells."""
    for line in markdown.render(made_diagnoses.ALL[kind]()).splitlines():
        if line.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", line)) == 3, line


def test_markup_in_names_is_no_markup() -> None:
    """Outside code, HTML and Markdown of names are escaped."""
    prose = re.sub(r"(`+).+?\1", "", markdown.render(made_diagnoses.hostile()), flags=re.DOTALL)
    assert "<script" not in prose
    assert markdown.text("a_b <i> |") == r"a\_b &lt;i&gt; \|"


@pytest.mark.parametrize(
    ("value", "text"), [("a", "`a`"), ("a`b", "``a`b``"), ("`a`", "`` `a` ``"), ("a\nb", r"`a\nb`"), ("", "")]
)
def test_code_holds_anything(value: str, text: str) -> None:
    """Backticks within code get longer ones around them."""
    assert markdown.code(value) == text


def test_code_in_prose_stays_code() -> None:
    """What stands between backticks is set as code; a lone backtick is none."""
    assert markdown.text("`a_b` of c_d") == r"`a_b` of c\_d"
    assert markdown.text("a ` b") == r"a \` b"


def test_many_coroutines_are_summed_up() -> None:
    """The largest are named, the others counted."""
    assert "| 4 | of 4 other coroutines |" in markdown.render(made_diagnoses.leak())


def test_an_unknown_one_says_why() -> None:
    """No empty tables or headings."""
    drawn = markdown.render(made_diagnoses.unknown())
    assert drawn.startswith("### UNKNOWN\n\nThe process ended")
    assert "|" not in drawn
