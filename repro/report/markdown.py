"""The comparison as GitHub-flavoured Markdown, with the pictures by relative links."""

import re
from collections.abc import Sequence

from repro.report import findings, headline, setup, words
from repro.report.columns import COLUMNS, SYMBOL
from repro.report.marks import RULES
from repro.report.pictures import Picture
from repro.report.views import Report, RunView

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$&])")


def render(report: Report, pictures: Sequence[Picture]) -> str:
    """Write the report."""
    comparison = report.comparison
    parts = [
        "# The CPU spike, reproduced",
        f"**{text(headline.headline(comparison))}**",
        text(headline.meaning(comparison)),
    ]
    parts += [_picture(picture) for picture in pictures if not picture.caption]
    parts += ["## What each variant did", _findings(report)]
    if report.headline:
        parts += ["## At scale", _table(report.headline)]
    if report.matrix:
        parts += ["## Every variant on every kind of pod", _table(report.matrix)]
    parts += [
        _legend(report),
        "## Over time",
        *(_picture(picture) for picture in pictures if picture.caption),
    ]
    parts += ["## How it was measured", _facts(report), _definitions()]
    notes = setup.notes(report)
    if notes:
        parts += ["### What could not be measured", "\n".join(f"- {text(note)}" for note in notes)]
    parts += [_files(report)]
    return "\n\n".join(part for part in parts if part) + "\n"


def text(value: str) -> str:
    """Escape what Markdown or HTML would take for markup, and put it on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(value.split())).replace(r"\<", "&lt;").replace(r"\>", "&gt;")


def _findings(report: Report) -> str:
    return "\n".join(
        f"- {SYMBOL if finding.faulty else '✓'} **{text(finding.variant)}** {text(finding.text)}"
        for finding in findings.findings(report.comparison)
    )


def _table(views: Sequence[RunView]) -> str:
    """Write a table of runs, every figure in it."""
    titles = ["variant", "pod", *(f"{column.group} {column.title}".strip() for column in COLUMNS)]
    lines = ["| " + " | ".join(titles) + " |", "|---|---|" + "--:|" * len(COLUMNS)]
    for view in views:
        figures = [
            f"**{text(cell.text)}** {SYMBOL}" if cell.fault else text(cell.text) for cell in view.cells
        ]
        lines.append("| " + " | ".join([text(view.run.variant), text(view.run.pod), *figures]) + " |")
    return "\n".join(lines)


def _legend(report: Report) -> str:
    """Explain the marks that were set."""
    marked = {cell.column.key for view in report.runs for cell in view.cells if cell.fault}
    rules = [f"- {text(rule.meaning)}" for rule in RULES if rule.column in marked]
    return "\n".join([f"{SYMBOL} marks:", "", *rules]) if rules else ""


def _picture(picture: Picture) -> str:
    return f"![{text(picture.title)}]({picture.path})"


def _facts(report: Report) -> str:
    rows = [f"| {text(name)} | {text(value)} |" for name, value in setup.facts(report)]
    return "\n".join(["| | |", "|---|---|", *rows])


def _definitions() -> str:
    return "\n".join(f"- **{name}**: {text(meaning)}" for name, meaning in setup.DEFINITIONS)


def _files(report: Report) -> str:
    """Link what lies beside the report."""
    links = ["[the page with flamegraphs and sources](index.html)", "[comparison.json](comparison.json)"]
    links += [
        f"[{text(view.name)}: stacks for speedscope]({link})"
        for view in report.runs
        for link in view.speedscope
    ]
    return "## Files\n\n" + "\n".join(f"- {link}" for link in links)


def sample_note(report: Report) -> str:
    """Write the README of a report that is kept with the project: what it is, and how to make one."""
    comparison = report.comparison
    return "\n".join(
        [
            "# A sample report",
            "",
            text(headline.headline(comparison)),
            "",
            (
                f"Measured by `{comparison.command}` on {comparison.machine.get('cores', 'some')} cores in "
                f"{words.plural(max(1, round(comparison.seconds / 60)), 'minute')}. "
                "Open `index.html` in a browser, or read [report.md](report.md) here."
            ),
            "`make report` makes one of your own machine in `reports/latest/`.",
            "",
        ]
    )
