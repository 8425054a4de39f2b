"""The excerpt shows what tells something, with the lines at fault marked."""

import made_diagnoses

from diag.findings import SourceLine
from diag.reports.excerpt import excerpt, note

LONG = tuple(
    SourceLine(line=number, text=f"    step({number})", share=0.5 if number == 60 else 0.0)
    for number in range(1, 101)
)


def test_lines_at_fault_and_involved_are_marked() -> None:
    """The line at fault, those that the cause names, and the loop's extent can be told apart."""
    rows = {row.number: row for row in excerpt(made_diagnoses.spin()) if row}
    assert rows[40].mark == "fault"
    assert rows[33].mark == rows[35].mark == "involved"
    assert rows[34].mark == ""
    assert [row.in_loop for row in (rows[32], rows[33], rows[42])] == [False, True, True]


def test_a_cause_in_another_file_marks_nothing() -> None:
    """Line numbers of another file mean nothing here."""
    elsewhere = made_diagnoses.spin(culprit=made_diagnoses.culprit(file="/other.py"))
    assert not any(row.mark for row in excerpt(elsewhere) if row)


def test_cold_lines_of_a_long_source_are_left_out() -> None:
    """The hot line, the loop's head and a line around each stay; a gap stands for the rest."""
    rows = excerpt(made_diagnoses.spin(causes=(), culprit=made_diagnoses.culprit(source=LONG, loop=(20, 90))))
    assert [row.number if row else None for row in rows] == [19, 20, 21, None, 59, 60, 61]


def test_common_indentation_is_left_out() -> None:
    """Code deep in a class begins at the margin."""
    rows = excerpt(made_diagnoses.spin(culprit=made_diagnoses.culprit(source=LONG[:3], loop=None)))
    assert [row.code for row in rows if row] == ["step(1)", "step(2)", "step(3)"]


def test_hostile_source_stays_one_line_a_line() -> None:
    """Control characters within a line neither steer the terminal nor break the line."""
    (row,) = excerpt(made_diagnoses.hostile())
    assert row is not None
    assert row.code.isprintable()


def test_what_is_missing_is_said() -> None:
    """No source, or one that was changed since: the reader is told."""
    assert "could not be read" in note(made_diagnoses.storm())
    assert "changed" in note(made_diagnoses.spin(culprit=made_diagnoses.culprit(changed=True)))
    assert note(made_diagnoses.spin()) == note(made_diagnoses.diagnosis()) == ""
    assert excerpt(made_diagnoses.diagnosis()) == []
