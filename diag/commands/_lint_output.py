"""Where the findings of `diag lint` go, and in which format."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import click

from diag.errors import HotloopError

if TYPE_CHECKING:
    from diag.lint.finding import Outcome
    from diag.lint.rules import Rule
    from diag.reports.sarif import RuleText

Format = Literal["text", "concise", "json", "sarif", "github", "junit"]
FORMATS = get_args(Format)
_BY_SUFFIX = {".json": "json", ".sarif": "sarif", ".xml": "junit", ".txt": "text"}


def chosen(form: str | None, output: Path | None) -> str:
    """Give the format: the one asked for, that of the file's suffix, else text."""
    return form or (_BY_SUFFIX.get(output.suffix.lower(), "text") if output else "text")


def check_place(output: Path | None) -> None:
    """Check before the work that a file can be written.

    Raises:
        HotloopError: it cannot.
    """
    if output is None:
        return
    if output.is_dir():
        raise HotloopError(f"{output} is a directory: name a file to write to.")
    if not output.parent.is_dir():
        raise HotloopError(
            f"{output} cannot be written: there is no directory {output.parent}; make it first."
        )


def give(outcome: "Outcome", rules: "tuple[Rule, ...]", form: str, output: Path | None) -> None:
    """Write the findings to a file or to standard output.

    Raises:
        HotloopError: the file cannot be written.
    """
    from diag.reports.lint_text import summary

    text = _rendered(outcome, rules, form, to_terminal=output is None)
    if form == "github":
        from diag.reports import github, lint_github

        github.add_summary(lint_github.markdown(outcome))
    if output is None:
        click.echo(text, nl=False, color=True)
        return
    try:
        output.write_bytes(text.encode("utf-8", "replace"))
    except OSError as error:
        raise HotloopError(f"{output} could not be written: {error.strerror or error}.") from error
    click.echo(f"{summary(outcome)}\n{output}")


def _rendered(outcome: "Outcome", rules: "tuple[Rule, ...]", form: str, *, to_terminal: bool) -> str:
    """Render; each format is imported when it is wanted."""
    if form == "json":
        from diag.reports import lint_json

        return lint_json.render(outcome)
    if form == "sarif":
        from diag.reports import sarif

        return sarif.render(outcome, _texts(rules), Path.cwd())
    if form == "github":
        from diag.reports import lint_github

        return lint_github.render(outcome)
    if form == "junit":
        from diag.reports import lint_junit

        return lint_junit.render(outcome)
    from diag.commands import _answer
    from diag.reports import lint_text

    colour = to_terminal and _is_coloured()
    width = _answer.columns() if to_terminal else 80
    return lint_text.render(outcome, full=form == "text", width=width, colour=colour)


def _is_coloured() -> bool:
    if not sys.stdout.isatty():
        return False
    from rich.console import Console

    return Console().color_system is not None


def _texts(rules: "tuple[Rule, ...]") -> "list[RuleText]":
    from diag.lint import explaining, suppression
    from diag.reports.sarif import RuleText

    causes = [rule.cause for rule in rules]
    texts = [
        RuleText(
            code=one.code,
            name=one.name,
            summary=one.summary,
            remedy=one.remedy,
            page=explaining.page(one.code),
        )
        for one in causes
    ]
    return texts + [
        RuleText(code=code, name=name, summary=suppression.SUMMARIES[code], remedy="")
        for code, name in suppression.NAMES.items()
    ]
