"""A gate's sentence and how its checks are named, for every format alike."""

from diag.gate.judgement import Check, Judgement, Result
from diag.reports import words

SHOWN: dict[Result, str] = {"fail": "FAIL", "unknown": "unknown", "pass": "pass"}


def sentence(judged: Judgement) -> str:
    """Say the answer in a line."""
    checks, failed, unknown = len(judged.checks), judged.count("fail"), judged.count("unknown")
    if not checks:
        return "Nothing was judged."
    of = f"of {words.plural(checks, 'check')}"
    doubt = f", {unknown} unknown" if unknown else ""
    if failed:
        return f"Regression: {failed} {of} failed{doubt}."
    if unknown:
        return f"Unknown: {unknown} {of} could not be made."
    return (
        "No regression: the one check passed."
        if checks == 1
        else f"No regression: all {checks} checks passed."
    )


def beside(judged: Judgement) -> str:
    """Say what it was judged by."""
    by = [name for name in (judged.budget, judged.baseline and f"beside {judged.baseline}") if name]
    return f"{words.plural(judged.runs, 'run')} judged by {words.listing(by)}"


def name(check: Check) -> str:
    """Name a check: a budget by its rule, a comparison by its figure."""
    return check.rule or check.figure or ("runs" if check.against == "baseline" else "table")


def line(check: Check) -> str:
    """Say a check in a line."""
    return words.printable(f"{check.subject}: {name(check)}: {check.text}")
