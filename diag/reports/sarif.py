"""Findings as SARIF 2.1.0, which code hosts show beside the source."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from diag import __version__
from diag.lint.finding import Finding, Outcome, Place, Problem

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "ROOT"
_FINGERPRINT = "hotloop/v1"
"""Name and version of the way that fingerprints are made."""


class RuleText(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a rule."""

    code: str
    name: str
    summary: str
    remedy: str
    page: str = ""
    """Markdown."""


def render(outcome: Outcome, rules: Sequence[RuleText], root: Path) -> str:
    """Write one run with its results and, as notifications, what could not be checked.

    Args:
        outcome: what became of the files; the accepted findings are suppressed results.
        rules: all that were looked for, and those about comments.
        root: what relative names of files are relative to.
    """
    index = {rule.code: at for at, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {"name": "hotloop", "version": __version__, "rules": [_rule(rule) for rule in rules]}
        },
        "originalUriBaseIds": {_ROOT: {"uri": f"file://{quote(f'{os.path.abspath(root)}'.rstrip('/'))}/"}},  # noqa: PTH100
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, index) for one in outcome.findings],
        "invocations": [
            {
                "executionSuccessful": not outcome.problems,
                "toolExecutionNotifications": [_notification(one) for one in outcome.problems],
            }
        ],
    }
    whole = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def _rule(rule: RuleText) -> dict[str, Any]:
    help_text = {"text": rule.remedy or rule.summary, "markdown": rule.page or rule.summary}
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": f"{rule.summary} {rule.remedy}".strip()},
        "help": help_text,
        "defaultConfiguration": {"level": "error"},
    }


def _result(one: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    texts = dict(one.source)
    found: dict[str, Any] = {
        "ruleId": one.code,
        "level": one.level,
        "message": {"text": one.message},
        "locations": [_location(one.file, one.place, texts) | _within(one.function)],
    }
    if one.code in index:
        found["ruleIndex"] = index[one.code]
    if one.related:
        found["relatedLocations"] = [
            {"id": number, **_location(one.file, place, texts), "message": {"text": place.label}}
            for number, place in enumerate(one.related, 1)
        ]
    if one.fingerprint:
        found["partialFingerprints"] = {_FINGERPRINT: one.fingerprint}
    if one.ignored is not None:
        found["suppressions"] = [{"kind": "inSource", "justification": one.ignored}]
    return found


def _within(function: str) -> dict[str, Any]:
    if not function or function == "<module>":
        return {}
    return {"logicalLocations": [{"fullyQualifiedName": function, "kind": "function"}]}


def _location(file: str, place: Place, texts: Mapping[int, str]) -> dict[str, Any]:
    region: dict[str, Any] = {
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.line,
        "endColumn": place.end_column,
    }
    if text := texts.get(place.line):
        region["snippet"] = {"text": text.encode("utf-8", "replace").decode()}
    return {"physicalLocation": {"artifactLocation": _artifact(file), "region": region}}


def _artifact(file: str) -> dict[str, Any]:
    name = quote(os.fsencode(file))
    return {"uri": f"file://{name}"} if file.startswith("/") else {"uri": name, "uriBaseId": _ROOT}


def _notification(one: Problem) -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(one.file)}
    if one.line:
        physical["region"] = {"startLine": one.line}
    return {"level": "error", "message": {"text": one.message}, "locations": [{"physicalLocation": physical}]}
