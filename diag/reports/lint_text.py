"""Findings as text, in full with the lines involved or a line each."""

import textwrap
from collections.abc import Iterator

from rich.text import Text

from diag.lint.finding import Finding, Outcome, Place
from diag.reports.words import printable

_LEVELS = {"error": "bold red", "warning": "bold yellow"}


def render(outcome: Outcome, *, full: bool = True, width: int = 80, colour: bool = False) -> str:
    """Write the findings, the problems and a line that sums them up.

    Args:
        outcome: what became of the files.
        full: with the lines of source and the remedy; else a line for each finding.
        width: columns to which lines of source are cut.
        colour: with the escape sequences of a terminal.
    """
    parts = [part for one in outcome.open for part in _finding(one, full=full, width=width)]
    parts += [_problem(one.file, one.line, one.message) for one in outcome.problems]
    parts.append(Text(summary(outcome)))
    whole = Text("\n").join(parts)
    whole.append("\n")
    return _escaped(whole) if colour else whole.plain


def summary(outcome: Outcome) -> str:
    """Say in a line or two what was found, and what could not be checked."""
    faults, warnings = len(outcome.faults), len(outcome.open) - len(outcome.faults)
    found = [counted(faults, "fault")] if faults else []
    found += [counted(warnings, "warning")] if warnings else []
    unchecked = len({one.file for one in outcome.problems})
    files = counted(outcome.checked - unchecked, "file")
    accepted = len(outcome.findings) - len(outcome.open)
    line = f"Found {' and '.join(found)} in {files}" if found else f"No faults in {files}"
    line += f", {accepted} accepted by a comment." if accepted else "."
    if unchecked:
        line += f" {counted(unchecked, 'file')} could not be checked, or not in full."
    if outcome.notebooks:
        were = "was" if outcome.notebooks == 1 else "were"
        line += f" {counted(outcome.notebooks, 'notebook')} {were} skipped: only Python files are read."
    return line


def counted(number: int, noun: str) -> str:
    """Write a number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _finding(one: Finding, *, full: bool, width: int) -> Iterator[Text]:
    place = f"{printable(one.file)}:{one.place.line}:{one.place.column}: "
    yield Text.assemble(place, (one.code, _LEVELS[one.level]), f" {printable(one.message)}")
    if not full:
        return
    yield from _excerpt(one, width)
    if one.remedy:
        gutter = " " * len(str(one.source[-1][0]))
        first, *rest = textwrap.wrap(one.remedy, max(20, width - len(gutter) - 3))
        yield Text.assemble(f"{gutter} ", ("= ", "blue"), first)
        yield from (Text(f"{gutter}   {line}") for line in rest)
    yield Text()


def _excerpt(one: Finding, width: int) -> Iterator[Text]:
    gutter = len(str(one.source[-1][0]))
    marks = {place.line: place for place in one.related} | {one.place.line: one.place}
    yield Text.assemble(" " * gutter, (" |", "blue"))
    before = 0
    for number, line in one.source:
        if before and number > before + 1:
            yield Text("...", "blue")
        before = number
        yield Text.assemble(
            (f"{number:>{gutter}} | ", "blue"), _cut(_tidy(line.rstrip()), width - gutter - 3)
        )
        yield _marks(line, marks[number], gutter, fault=number == one.place.line, width=width)


def _marks(line: str, place: Place, gutter: int, *, fault: bool, width: int) -> Text:
    begin = len(_tidy(line[: place.column - 1]))
    length = len(_tidy(line[: place.end_column - 1])) - begin
    label = f" {place.label}" if place.label else ""
    length = max(1, min(length, width - gutter - 3 - begin - len(label)))
    sign, style = ("^", "bold red") if fault else ("-", "blue")
    return Text.assemble(" " * gutter, (" | ", "blue"), " " * begin, (sign * length + label, style))


def _tidy(line: str) -> str:
    return printable(line.replace("\f", " ").expandtabs(4))


def _cut(line: str, width: int) -> str:
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _problem(file: str, line: int, message: str) -> Text:
    place = f"{printable(file)}:{line}: " if line else f"{printable(file)}: "
    return Text.assemble(place, ("not checked", "bold yellow"), f" {printable(message)}")


def _escaped(text: Text) -> str:
    from io import StringIO

    from rich.console import Console

    console = Console(file=StringIO(), force_terminal=True, width=10_000, highlight=False, soft_wrap=True)
    with console.capture() as captured:
        console.print(text, end="", soft_wrap=True)
    return captured.get()
