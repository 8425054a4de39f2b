"""`diag compare`: several recordings side by side."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from diag.commands import _answer

if TYPE_CHECKING:
    from diag.comparison import Comparison

HELP = """Put several recordings side by side: verdict, cores, demand, tasks, place and cause of each.

DIR is what `diag record -o DIR` or `diag inspect --keep DIR` saved; NAME=DIR gives it a label. Differences are from
the first one.

\b
Exit code: 0 all are healthy, 1 a verdict against one, 2 one could not be
judged.
Example: diag compare before=spike after=fixed
Docs: docs/compare.md."""


@click.command("compare", help=HELP)
@click.argument("directories", metavar="[NAME=]DIR...", nargs=-1, required=True)
@_answer.options
def command(directories: tuple[str, ...], form: str | None, output: str | None) -> int:
    """Load, judge, compare, answer."""
    from diag import comparison, storage
    from diag.diagnosis import diagnose
    from diag.reports.comparison_words import sentence

    to = _answer.destination(form, output, "comparison")
    named = [_labelled(word) for word in directories]
    labels = comparison.unique(label for label, _ in named)
    diagnoses = [diagnose(storage.load(directory)) for _, directory in named]
    compared = comparison.compare(list(zip(labels, diagnoses, strict=True)))
    to.give(_rendered(compared, to), sentence(compared))
    return _answer.exit_code(*diagnoses)


def _labelled(word: str) -> tuple[str, Path]:
    """Split NAME=DIR; a directory that is there needs no name, also with an equals sign in its own."""
    label, sign, place = word.partition("=")
    if sign and label and "/" not in label and not Path(word).exists():
        return label, Path(place)
    return Path(word).resolve().name, Path(word)


def _rendered(compared: "Comparison", to: _answer.Destination) -> str:
    """Render; each format is imported when it is wanted."""
    if to.form == "json":
        from diag.reports import comparison_contract

        return comparison_contract.render(compared)
    if to.form == "markdown":
        from diag.reports import comparison_markdown

        return comparison_markdown.render(compared)
    if to.form == "html":
        from diag.reports import comparison_page

        return comparison_page.render(compared)
    from diag.reports import comparison_text

    width = _answer.columns() if to.path is None else 80
    return comparison_text.render(compared, width=width, colour=_answer.coloured(to))
