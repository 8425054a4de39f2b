"""A judgement in every format."""

import json
from pathlib import Path

import msgspec
import pytest
import xmlschema
from junitparser import JUnitXml

from diag.gate.judgement import Check, Judgement, judgement
from diag.reports import gate_contract, gate_github, gate_junit, gate_markdown, gate_page, gate_text, github

SCHEMA = Path(__file__).parents[2] / "schemas" / "junit-10.xsd"

SLOWER = Check(
    subject="succeeded.hardened, 20 views", figure="cpu_seconds", against="baseline", result="fail", unit="s",
    text="2.1 times the CPU seconds while viewing: 0.12 s -> 0.25 s, interval 1.8-2.4, 5 runs each",
    values=(0.25, 0.24, 0.26, 0.25, 0.25), baseline=(0.12, 0.12, 0.13, 0.11, 0.12), ratio=2.1, low=1.8, high=2.4,
    p=0.004,
)  # fmt: skip
LOST = Check(
    subject="succeeded.hardened, 20 views", figure="lines_lost", against="budget", result="pass", text="0 in 5 runs",
    rule="lines_lost = 0", values=(0, 0, 0, 0, 0), limit=0, file="gate.toml", line=7,
)  # fmt: skip
OVER = Check(
    subject="failed.hardened", figure="cores", against="budget", result="fail", text="0.9", rule="cores_max = 0.05",
    values=(0.9,), limit=0.05, file="gate.toml", line=12,
)  # fmt: skip
GONE = Check(
    subject="running.hardened", figure="", against="baseline", result="unknown", text="it has vanished"
)


def made(*checks: Check) -> Judgement:
    """Make a judgement."""
    return judgement(checks, budget="gate.toml", baseline="main", runs=5)


ALL = made(LOST, SLOWER, OVER, GONE)


def test_one_failure_makes_the_answer_whatever_is_unknown() -> None:
    """Then an unknown one does; nothing judged is unknown as well."""
    assert (ALL.answer, made(LOST, GONE).answer, made(LOST).answer, made().answer) == (
        "fail",
        "unknown",
        "pass",
        "unknown",
    )


def test_the_worst_stands_first_within_its_subject() -> None:
    """Subjects keep their order."""
    assert [check.figure for check in ALL.checks] == ["cpu_seconds", "lines_lost", "cores", ""]


def test_text_fits_a_narrow_terminal() -> None:
    """Line one is the result; no line is wider than 80 columns, and no escape codes without a terminal."""
    text = gate_text.render(ALL)
    assert text.splitlines()[:2] == [
        "Regression: 2 of 4 checks failed, 1 unknown.", "5 runs judged by gate.toml and beside main",
    ]  # fmt: skip
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    assert "\x1b[" in gate_text.render(ALL, colour=True)


@pytest.mark.parametrize(
    ("checks", "sentence"),
    [
        ((LOST,), "No regression: the one check passed."),
        ((LOST, LOST), "No regression: all 2 checks passed."),
        ((LOST, GONE), "Unknown: 1 of 2 checks could not be made."),
        ((OVER,), "Regression: 1 of one check failed."),
        ((), "Nothing was judged."),
    ],
)
def test_the_result_is_a_sentence(checks: tuple[Check, ...], sentence: str) -> None:
    """It counts what matters."""
    assert gate_text.render(made(*checks)).splitlines()[0] == sentence


def test_json_is_the_judgement() -> None:
    """It can be read back, and has a version."""
    text = gate_contract.render(ALL)
    assert msgspec.json.decode(text, type=Judgement) == ALL
    assert json.loads(text)["schema"] == 1


def test_junit_is_valid_and_counts() -> None:
    """A failure is one, and what is unknown is an error."""
    text = gate_junit.render(ALL)
    xmlschema.XMLSchema(SCHEMA).validate(text)
    read = JUnitXml.fromstring(text.encode())
    assert (read.tests, read.failures, read.errors) == (4, 2, 1)


def test_github_annotates_what_did_not_pass() -> None:
    """Failures at the budget's line first, then what is unknown, then the result for the log."""
    lines = gate_github.render(ALL).splitlines()
    assert lines[1] == "::error file=gate.toml,line=12,title=failed.hardened%3A cores_max = 0.05::0.9"
    assert lines[0].startswith("::error title=succeeded.hardened%2C 20 views%3A cpu_seconds::2.1 times")
    assert lines[2].startswith("::warning title=running.hardened")
    assert lines[-1] == "Regression: 2 of 4 checks failed, 1 unknown."


def test_github_has_ten_annotations_at_the_most() -> None:
    """The last one counts the others."""
    lines = gate_github.render(made(*[OVER] * 30)).splitlines()
    assert len([line for line in lines if line.startswith("::")]) == github.MOST
    assert "21 more" in lines[9]


def test_markdown_folds_what_passed() -> None:
    """Tables for what did not pass; names are no markup."""
    text = gate_markdown.render(made(LOST, msgspec.structs.replace(OVER, subject="<b>|x", text="a|b")))
    assert text.startswith("### Regression: 1 of 2 checks failed.")
    assert "<details><summary>1 passed</summary>" in text
    assert "<b>" not in text
    assert "a\\|b" in text


def test_the_page_shows_each_check_with_its_runs() -> None:
    """A dot a run, a line for the limit, no script, nothing from elsewhere, and names are no markup."""
    hostile = msgspec.structs.replace(OVER, subject='"><script>alert(1)</script>', text="<script>")
    page = gate_page.render(made(LOST, SLOWER, hostile, GONE))
    assert page.count("<circle") == 10 + 1
    assert 'class="limit"' in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "Regression: 2 of 4 checks failed, 1 unknown." in page
