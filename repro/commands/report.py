"""`repro report`: render the report of an earlier run again."""

import sys
from pathlib import Path
from typing import TextIO

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--format",
    "form",
    type=click.Choice(["all", "text", "markdown", "json", "html"]),
    default="all",
    show_default=True,
    help="`all` writes the page, report.md and the plots into DIR again; the others print one form.",
)
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write there instead of printing."
)
def command(folder: Path, form: str, output: Path | None) -> None:
    """Render the report of an earlier run again, from its comparison.json and recordings.

    DIR is a folder that `repro run` wrote, such as reports/latest. Nothing is measured.
    """
    if form == "all" and output:
        raise click.UsageError("-o goes with one --format: text, markdown, json or html.")
    if form == "all":
        _write(folder)
    elif form == "text":
        _print_table(folder, output)
    elif output:
        output.write_text(_render(folder, form), encoding="utf-8", errors="replace")
    else:
        click.echo(_render(folder, form), nl=False)


def _write(folder: Path) -> None:
    """Write every form again, and print the table."""
    from repro.report import folder as reports

    comparison = reports.read(folder)
    page = reports.write(comparison, folder)
    _print_table(folder, None)
    click.echo(f"\n{page}")


def _print_table(folder: Path, output: Path | None) -> None:
    """Print the table, as wide as the terminal; a file or a pipe gets 80 columns or $COLUMNS."""
    if output is None:
        _show_table(folder, sys.stdout)
        return
    with output.open("w", encoding="utf-8", errors="replace") as file:
        _show_table(folder, file)


def _show_table(folder: Path, file: TextIO) -> None:
    """Write the table."""
    from diag.console import Output
    from repro.report import table
    from repro.report.folder import read

    table.show(read(folder), Output(file=file, highlight=False))


def _render(folder: Path, form: str) -> str:
    """Give one form as text."""
    from repro.report import folder as reports
    from repro.report import markdown, page
    from repro.report.pictures import draw

    report = reports.opened(folder)
    if form == "json":
        return reports.encode(report.comparison).decode()
    pictures = draw(report)
    return markdown.render(report, pictures) if form == "markdown" else page.render(report, pictures)
