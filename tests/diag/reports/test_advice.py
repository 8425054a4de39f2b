"""There is always something to do about a verdict against a process."""

import made_diagnoses
import msgspec
import pytest

from diag.findings import Verdict
from diag.reports import advice


def test_the_causes_say_what_to_do_each_thing_once() -> None:
    """Two causes of one remedy give it once."""
    twice = (
        made_diagnoses.INEFFECTIVE_BREAK,
        msgspec.structs.replace(made_diagnoses.INEFFECTIVE_BREAK, line=41),
    )
    assert advice.remedies(made_diagnoses.spin(causes=twice)) == [made_diagnoses.INEFFECTIVE_BREAK.remedy]


@pytest.mark.parametrize("kind", ["storm", "blocked", "unknown"])
def test_without_a_cause_there_is_a_next_step(kind: str) -> None:
    """A verdict alone still leads somewhere."""
    assert advice.remedies(made_diagnoses.ALL[kind]())


def test_healthy_needs_nothing() -> None:
    """No advice, and no cause that would be missing."""
    assert advice.remedies(made_diagnoses.diagnosis()) == []
    assert advice.unexplained(made_diagnoses.diagnosis()) == ""


def test_an_unknown_cause_is_called_unknown() -> None:
    """The verdict stands alone, and says so."""
    assert "not known" in advice.unexplained(made_diagnoses.storm())
    assert advice.unexplained(made_diagnoses.spin()) == ""


def test_a_guess_is_called_one() -> None:
    """Below four fifths the reader is warned."""
    assert advice.guess(0.7) == "a guess, 70 % sure"
    assert advice.guess(0.8) == ""


def test_one_reason_of_two_verdicts_is_told_once() -> None:
    """Both are named where there are others; a single reason needs no name; the least sure verdict counts."""
    both = (
        Verdict(name="storm", confidence=0.9, reason="It goes round."),
        Verdict(name="spin", confidence=0.7, reason="It goes round."),
    )
    other = Verdict(name="leak", confidence=0.9, reason="It grows.")
    assert advice.reasons(made_diagnoses.diagnosis(details=both)) == [
        advice.Reason("", "It goes round.", "a guess, 70 % sure")
    ]
    assert [reason.names for reason in advice.reasons(made_diagnoses.diagnosis(details=(*both, other)))] == [
        "storm, spin",
        "leak",
    ]
