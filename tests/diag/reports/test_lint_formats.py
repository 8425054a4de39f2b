"""Findings for other tools: JSON, GitHub, JUnit."""

import json
from pathlib import Path

import xmlschema
from junitparser import JUnitXml
from lint_made import FAULT, checked, outcome, with_comment

from diag.reports import lint_github, lint_json, lint_junit

SCHEMAS = Path(__file__).parents[2] / "schemas"
ACCEPTED = with_comment(6, "# diag: ignore[HL001] why")
ALL = outcome(
    checked(FAULT), checked(ACCEPTED, "b.py"), checked(b"\xff", "c.py"), checked("#diag:ignore\n", "d.py")
)


def test_json_has_all_of_it() -> None:
    """The place, the lines, the reason of an accepted one, the problems and the sums."""
    read = json.loads(lint_json.render(ALL))
    assert read["schema"] == 1
    first, second, _ = read["findings"]
    assert (first["file"], first["line"], first["column"], first["end_column"]) == ("app.py", 6, 17, 22)
    assert [one["line"] for one in first["related"]] == [2, 4]
    assert first["source"][0] == {"line": 2, "text": "    while True:"}
    assert (first["ignored"], second["ignored"]) == (None, "why")
    assert read["problems"][0]["file"] == "c.py"
    assert read["summary"] == {"files": 4, "faults": 2, "warnings": 0, "accepted": 1, "notebooks": 0}


def test_github_annotates_what_is_open() -> None:
    """Errors first, then what could not be checked; the count stands in the log."""
    lines = lint_github.render(ALL).splitlines()
    assert lines[0].startswith("::error file=app.py,line=6,col=17,title=HL001 ineffective-break::the `break`")
    assert lines[1].startswith("::error file=d.py,line=1,col=1,title=HL903 ignore-unknown::")
    assert lines[2].startswith("::warning file=c.py,title=not checked::")
    assert lines[3].startswith("Found 2 faults in 3 files")


def test_the_summary_is_a_table() -> None:
    """A row for each; none where all is well."""
    assert lint_github.markdown(ALL).count("\n| `") == 3
    assert "|" not in lint_github.markdown(outcome(checked("x = 1\n")))


def test_junit_counts_and_is_valid() -> None:
    """Faults fail, what could not be checked is an error, accepted ones are skipped."""
    text = lint_junit.render(ALL)
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(text)
    read = JUnitXml.fromstring(text.encode())
    assert (read.tests, read.failures, read.errors) == (4, 2, 1)


def test_junit_has_a_check_where_all_is_well() -> None:
    """A suite without any looks like one that did not run."""
    text = lint_junit.render(outcome(checked("x = 1\n")))
    xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd").validate(text)
    assert JUnitXml.fromstring(text.encode()).tests == 1
