"""A gate's answer for GitHub Actions: annotations, those that fail first, and all checks in the step's log."""

from diag.gate.judgement import Check, Judgement
from diag.reports import gate_words, github


def render(judged: Judgement) -> str:
    """Write annotations for what did not pass, then the line of result."""
    failed = [_annotation(check, "error") for check in judged.checks if check.result == "fail"]
    unknown = [_annotation(check, "warning") for check in judged.checks if check.result == "unknown"]
    return f"{github.render([*failed, *unknown])}{gate_words.sentence(judged)}\n"


def _annotation(check: Check, level: github.Level) -> github.Annotation:
    title = f"{check.subject}: {gate_words.name(check)}"
    return github.Annotation(level=level, title=title, message=check.text, file=check.file, line=check.line)
