"""SARIF."""

import json
from pathlib import Path
from typing import Any

import jsonschema
from lint_made import FAULT, checked, outcome, with_comment

from diag.lint.finding import Outcome
from diag.reports.sarif import RuleText, render

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas" / "sarif-2.1.0.json").read_text())
RULE = RuleText(
    code="HL001", name="ineffective-break", summary="It leaves.", remedy="Return.", page="# HL001"
)


def run(given: Outcome, root: Path = Path("/a project")) -> dict[str, Any]:
    """Render, validate and give the only run."""
    whole = json.loads(render(given, [RULE], root))
    jsonschema.Draft4Validator(SCHEMA).validate(whole)
    only: dict[str, Any]
    (only,) = whole["runs"]
    return only


def test_a_result_has_its_place_its_loops_and_a_fingerprint() -> None:
    """Columns count characters; the loops are related locations."""
    (result,) = run(outcome(checked(FAULT)))["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endColumn"]) == (6, 17, 22)
    assert [one["message"]["text"] for one in result["relatedLocations"]] == ["goes on", "this `for` is left"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("HL001", 0, "error")
    assert list(result["partialFingerprints"]) == ["hotloop/v1"]


def test_places_are_uris() -> None:
    """Relative to a base with what a URI cannot hold encoded; absolute where a file is elsewhere."""
    there = run(outcome(checked(FAULT, "größe/a b%.py"), checked(FAULT, "/else where.py")))
    inside, outside = (
        one["locations"][0]["physicalLocation"]["artifactLocation"] for one in there["results"]
    )
    assert inside == {"uri": "gr%C3%B6%C3%9Fe/a%20b%25.py", "uriBaseId": "ROOT"}
    assert outside == {"uri": "file:///else%20where.py"}
    assert there["originalUriBaseIds"] == {"ROOT": {"uri": "file:///a%20project/"}}


def test_accepted_ones_are_suppressed() -> None:
    """With the reason of the comment."""
    (result,) = run(outcome(checked(with_comment(6, "# diag: ignore[HL001] why"))))["results"]
    assert result["suppressions"] == [{"kind": "inSource", "justification": "why"}]


def test_what_could_not_be_checked_is_a_notification() -> None:
    """The run did not succeed as a whole."""
    (invocation,) = run(outcome(checked(b"\xff")))["invocations"]
    assert not invocation["executionSuccessful"]
    assert "not text" in invocation["toolExecutionNotifications"][0]["message"]["text"]


def test_rules_are_described() -> None:
    """In text and Markdown, for hosts that show either."""
    (rule,) = run(outcome())["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("HL001", "IneffectiveBreak")
    assert rule["help"] == {"text": "Return.", "markdown": "# HL001"}
