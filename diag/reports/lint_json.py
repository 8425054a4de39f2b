"""Findings as JSON."""

from typing import Any

import msgspec

from diag.lint.finding import Finding, Outcome

SCHEMA = 1
"""Version of the format: raised when what is there changes its meaning."""


def render(outcome: Outcome) -> str:
    """Write the findings, the accepted ones with their reason, and the problems."""
    whole = {
        "schema": SCHEMA,
        "findings": [_finding(one) for one in outcome.findings],
        "problems": [msgspec.to_builtins(one) for one in outcome.problems],
        "summary": {
            "files": outcome.checked,
            "faults": len(outcome.faults),
            "warnings": len(outcome.open) - len(outcome.faults),
            "accepted": len(outcome.findings) - len(outcome.open),
            "notebooks": outcome.notebooks,
        },
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode() + "\n"


def _finding(one: Finding) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(one)
    found |= found.pop("place")
    found.pop("label")
    found["source"] = [{"line": number, "text": text} for number, text in one.source]
    return found
