"""A gate's answer as GitHub-flavoured Markdown: for a step's summary, or a comment on a pull request."""

import itertools
from collections.abc import Iterator

from diag.gate.judgement import Check, Judgement, Result
from diag.reports import gate_words
from diag.reports.markdown import table, text

_MARKS: dict[Result, str] = {"fail": "❌ **fail**", "unknown": "❔ unknown", "pass": "✅ pass"}


def render(judged: Judgement) -> str:
    """Write a judgement: what did not pass at once, what passed folded away."""
    parts = [f"### {text(gate_words.sentence(judged))}", text(f"{gate_words.beside(judged)}.")]
    bad = [check for check in judged.checks if check.result != "pass"]
    good = [check for check in judged.checks if check.result == "pass"]
    parts += list(_tables(bad))
    if good:
        parts.append(f"<details><summary>{len(good)} passed</summary>")
        parts += list(_tables(good))
        parts.append("</details>")
    return "\n\n".join(parts) + "\n"


def _tables(checks: list[Check]) -> Iterator[str]:
    for subject, its in itertools.groupby(checks, key=lambda check: check.subject):
        yield f"**{text(subject)}**"
        rows = [(_MARKS[check.result], text(gate_words.name(check)), text(check.text)) for check in its]
        yield table(("", "check", ""), rows, align="---|---|---")
