"""The lines around a culprit as an HTML table: share, bar, mark, number, code."""

from collections.abc import Sequence

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from diag.reports import words
from diag.reports.excerpt import Row
from diag.reports.heat import HOT, WARM

_MARKS = {"fault": ("►", "line at fault"), "involved": ("·", "line involved"), "": ("", "")}


def render(rows: Sequence[Row | None], *, caption: str) -> Markup:
    """Write the table.

    Args:
        rows: as `excerpt` gives them.
        caption: what it is, for those who cannot see it.
    """
    code = "\n".join(row.code for row in rows if row)
    lines = iter(highlight(code, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True)).splitlines())
    # The source of a row may end in blank lines that the highlighter drops.
    body = Markup("\n").join(
        _row(row, Markup(next(lines, ""))) if row else _GAP  # noqa: S704 - pygments escapes the source
        for row in rows
    )
    head = Markup('<th scope="col">heat</th><td></td><th scope="col">line</th><th scope="col">code</th>')
    return Markup(
        '<table class="source"><caption class="unseen">{}</caption><thead><tr>{}</tr></thead><tbody>\n{}\n</tbody></table>'
    ).format(caption, head, body)


_GAP = Markup('<tr class="gap"><td></td><td></td><td class="number">⋮</td><td></td></tr>')


def _row(row: Row, code: Markup) -> Markup:
    """Write one line."""
    kinds = [
        name
        for name, holds in (
            ("hot", row.share >= HOT),
            ("warm", WARM <= row.share < HOT),
            ("inside", row.in_loop),
            ("fault", row.mark == "fault"),
        )
        if holds
    ]
    tint = f"{min(100, round(100 * row.share))}%"
    share = Markup('<b>{} %</b><span class="bar" style="--share:{}"></span>').format(
        words.percent(row.share), tint
    )
    sign, meaning = _MARKS[row.mark]
    return Markup(
        '<tr class="{}" style="--heat:{}"><td class="share">{}</td><td class="at" title="{}">{}</td>'
        '<td class="number">{}</td><td>{}</td></tr>'
    ).format(" ".join(kinds), tint, share if row.share else "", meaning, sign, row.number, code)
