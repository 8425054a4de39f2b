"""Findings as JUnit XML: a failed check each, and a passed one where there is none."""

from diag.lint.finding import Finding, Outcome
from diag.reports import junit
from diag.reports.junit import Check
from diag.reports.lint_text import summary


def render(outcome: Outcome) -> str:
    """Write failures for faults, errors for what could not be checked; warnings and accepted findings are skipped."""
    checks = [_finding(one) for one in outcome.findings]
    checks += [
        Check(
            name="not checked",
            group=one.file,
            result="error",
            message=one.message,
            details=_where(one.file, one.line),
        )
        for one in outcome.problems
    ]
    if not checks:
        checks = [Check(name=summary(outcome), group="diag lint", result="passed")]
    return junit.render("diag lint", checks)


def _finding(one: Finding) -> Check:
    failed = one.level == "error" and one.ignored is None
    return Check(
        name=f"{one.code} {one.name}: line {one.place.line}, column {one.place.column}",
        group=one.file,
        result="failed" if failed else "skipped",
        message=one.message if one.ignored is None else f"accepted: {one.ignored}",
        details=f"{_where(one.file, one.place.line)}: {one.message}\n{one.remedy}",
    )


def _where(file: str, line: int) -> str:
    return f"{file}:{line}" if line else file
