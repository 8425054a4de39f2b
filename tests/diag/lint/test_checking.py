"""One file, from bytes to findings."""

from pathlib import Path

import pytest
from lint_made import FAULT, checked, codes

from diag.lint.checking import File, check
from diag.lint.finding import Place
from diag.lint.rules import RULES


def test_a_fault_names_the_lines_involved() -> None:
    """The `break`, and the heads of both loops without their colon."""
    (found,) = checked(FAULT).findings
    assert (found.code, found.level, found.function) == ("HL001", "error", "pump")
    assert found.place == Place(line=6, column=17, end_column=22)
    assert [(one.line, one.column, one.end_column) for one in found.related] == [(2, 5, 15), (4, 9, 39)]
    assert [number for number, _ in found.source] == [2, 4, 6]
    assert "line 6" in found.message


def test_columns_count_characters() -> None:
    """Letters outside of ASCII before a place count once each."""
    text = FAULT.replace(
        "            if not line:\n                break", "            if not line: 'größe'; break"
    )
    (found,) = checked(text).findings
    assert found.source[-1][1][found.place.column - 1 : found.place.end_column - 1] == "break"


@pytest.mark.parametrize(
    "data",
    [
        FAULT.replace("\n", "\r\n").encode(),
        FAULT.replace("\n", "\r").encode(),
        b"\xef\xbb\xbf" + FAULT.encode(),
        FAULT.replace("    ", "\t").encode(),
        FAULT.replace("while True:", "while \\\n      True:").replace("    while", "    while", 1).encode(),
    ],
    ids=["CRLF", "CR", "BOM", "tabs", "continued"],
)
def test_however_it_is_laid_out(data: bytes) -> None:
    """Line ends, marks and indentation change nothing."""
    assert codes(checked(data)) == ["HL001"]


def test_form_feeds_end_no_line() -> None:
    """A line is counted as the interpreter counts it, which an editor shows."""
    (found,) = checked("\f\n" + FAULT.replace("    while", "\f    while")).findings
    assert found.place.line == 7
    assert found.source[-1] == (7, "                break")


def test_the_encoding_is_the_one_that_the_source_names() -> None:
    """PEP 263."""
    text = "# -*- coding: latin-1 -*-\n" + FAULT.replace("pump", "größe")
    (found,) = checked(text.encode("latin-1")).findings
    assert found.function == "größe"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"x = '\xff'\n", "line 1 is not text in utf-8"),
        (b"# coding: nonsense\n", "it cannot be decoded: unknown encoding: nonsense"),
        (b"x = 1\n\0\n", "null bytes"),
        (b"# coding: hex\n6162\n", "cannot be decoded"),
    ],
)
def test_what_is_no_text_is_told(data: bytes, told: str) -> None:
    """In a sentence, wherever it is."""
    (problem,) = checked(data).problems
    assert told in problem.message


def test_a_statement_that_cannot_be_parsed_is_left_out() -> None:
    """The rest is checked, and its line is told."""
    file = checked(FAULT + "\nprint 'Python 2'\n")
    assert codes(file) == ["HL001"]
    (problem,) = file.problems
    assert problem.line == 9
    assert "left out" in problem.message


def test_no_python_at_all() -> None:
    """A file that was named is parsed, whatever its text."""
    (problem,) = checked("Dear reader,\nhello.\n", named=True).problems
    assert "no Python" in problem.message


@pytest.mark.parametrize("text", ["(" * 5000, "x = " + "-" * 100_000 + "1", "a" + ".b" * 50_000])
def test_deep_nesting_is_told(text: str) -> None:
    """It neither ends the process nor counts as checked."""
    assert len(checked(FAULT + text + "\n").problems) == 1


def test_an_unreadable_file(tmp_path: Path) -> None:
    """It is told why."""
    (problem,) = check(File(tmp_path, "folder"), RULES).problems
    assert problem.message == "it cannot be read: Is a directory"


def test_fingerprints_stay_when_lines_are_inserted() -> None:
    """They are of the content; two alike have two."""
    before = [one.fingerprint for one in checked(FAULT).findings]
    after = [one.fingerprint for one in checked("import os\n\n\n" + FAULT).findings]
    twice = [one.fingerprint for one in checked(FAULT + FAULT).findings]
    assert before == after
    assert twice[0] == before[0]
    assert twice[1] != before[0]
    assert checked(FAULT.replace("pump", "relay")).findings[0].fingerprint != before[0]
