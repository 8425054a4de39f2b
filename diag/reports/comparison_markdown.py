"""A comparison as GitHub-flavoured Markdown, to be pasted into an issue or a pull request."""

from collections.abc import Iterator

from diag.comparison import Compared, Comparison
from diag.reports import advice, words
from diag.reports.comparison_words import COLUMNS, cells, sentence, verdict
from diag.reports.markdown import code, table, text


def render(comparison: Comparison) -> str:
    """Write a comparison as Markdown."""
    parts = [f"### {text(sentence(comparison))}", _figures(comparison)]
    parts += [part for row in comparison.compared for part in _story(row)]
    return "\n\n".join(parts) + "\n"


def _figures(comparison: Comparison) -> str:
    titles = ("", "verdict", *(column.title for column in COLUMNS))
    rows = [
        (
            text(row.label),
            verdict(row),
            *(f"{cell.text} ({cell.change})" if cell.change else cell.text for cell in cells(row)),
        )
        for row in comparison.compared
    ]
    return table(titles, rows, align="---|---|" + "|".join("--:" for _ in COLUMNS))


def _story(row: Compared) -> Iterator[str]:
    """Say what is wrong with a recording; nothing of a healthy one."""
    if row.verdicts == ("healthy",):
        return
    yield f"**{text(row.label)}**" + (f": {code(row.culprit)}" if row.culprit else "")
    lines = [text(reason.text) for reason in advice.reasons(row.diagnosis)]
    lines += [
        f"{cause.code} {cause.name}: {text(words.sentence(cause.message))}" for cause in row.diagnosis.causes
    ]
    yield "\n".join(f"- {line}" for line in lines)
