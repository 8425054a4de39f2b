"""Findings as annotations of GitHub Actions."""

from diag.lint.finding import Finding, Outcome
from diag.reports import github
from diag.reports.github import Annotation
from diag.reports.lint_text import summary


def render(outcome: Outcome) -> str:
    """Write an annotation for each finding and problem, and the line that sums them up."""
    ranked = sorted(outcome.open, key=lambda one: one.level != "error")
    annotations = [_finding(one) for one in ranked]
    annotations += [
        Annotation(level="warning", title="not checked", message=one.message, file=one.file, line=one.line)
        for one in outcome.problems
    ]
    return github.render(annotations) + summary(outcome) + "\n"


def markdown(outcome: Outcome) -> str:
    """Write what goes into the step's summary."""
    rows = [
        f"| `{_cell(one.file)}:{one.place.line}` | {one.code} | {_cell(one.message)} |"
        for one in outcome.open
    ]
    rows += [f"| `{_cell(one.file)}` | not checked | {_cell(one.message)} |" for one in outcome.problems]
    table = ["", "| place | rule | what |", "|---|---|---|", *rows] if rows else []
    return "\n".join(["## diag lint", "", summary(outcome), *table]) + "\n"


def _finding(one: Finding) -> Annotation:
    return Annotation(
        level=one.level,
        title=f"{one.code} {one.name}",
        message=f"{one.message}. {one.remedy}" if one.remedy else one.message,
        file=one.file,
        line=one.place.line,
        column=one.place.column,
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("\r", " ")
