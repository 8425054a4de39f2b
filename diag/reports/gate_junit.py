"""A gate's answer as JUnit XML: a test case a check; one that fails is a failure, an unknown one is an error."""

from diag.gate.judgement import Check, Judgement, Result
from diag.reports import gate_words, junit

_RESULTS: dict[Result, junit.Result] = {"fail": "failed", "unknown": "error", "pass": "passed"}


def render(judged: Judgement) -> str:
    """Write a judgement as JUnit XML."""
    return junit.render("diag gate", [_case(check) for check in judged.checks])


def _case(check: Check) -> junit.Check:
    return junit.Check(
        name=f"{check.against}: {gate_words.name(check)}",
        group=check.subject,
        result=_RESULTS[check.result],
        message=check.text if check.result != "pass" else "",
        details="\n".join(
            [
                check.text,
                *([f"runs: {_numbers(check.values)}"] if check.values else []),
                *([f"baseline: {_numbers(check.baseline)}"] if check.baseline else []),
            ]
        ),
    )


def _numbers(values: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in values)
