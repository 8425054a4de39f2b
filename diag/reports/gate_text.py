"""A gate's answer for a terminal: a line of result, then a table of checks for each subject, the worst first."""

import itertools

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from diag.gate.judgement import Check, Judgement, Result
from diag.reports import gate_words, words
from diag.reports.canvas import canvas, text_of

WIDEST = 110
"""Columns used at the most."""

_STYLES: dict[Result, str] = {"fail": "bold red", "unknown": "yellow", "pass": "green"}


def render(judged: Judgement, *, width: int = 80, colour: bool = False) -> str:
    """Write a judgement as text; arguments as for a diagnosis."""
    console = canvas(min(width, WIDEST), colour=colour)
    with console.capture() as drawn:
        console.print(Text(gate_words.sentence(judged), style=_STYLES[judged.answer]))
        console.print(Text(words.printable(gate_words.beside(judged))))
        for subject, checks in itertools.groupby(judged.checks, key=lambda check: check.subject):
            console.print(Text(f"\n{words.printable(subject)}", style="bold"))
            console.print(Padding(_table(list(checks)), (0, 0, 0, 2)))
    return text_of(drawn)


def _table(checks: list[Check]) -> Table:
    """Draw a row a check."""
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", max_width=32)
    table.add_column(ratio=1, overflow="fold")
    for check in checks:
        table.add_row(
            Text(gate_words.SHOWN[check.result], style=_STYLES[check.result]),
            Text(words.printable(gate_words.name(check))),
            Text(words.printable(check.text)),
        )
    return table
