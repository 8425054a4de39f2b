"""A diagnosis for a terminal: legible in 80 columns, without colours, and where only the first line is read."""

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from diag.findings import Diagnosis, Evidence, Step
from diag.reports import advice, words
from diag.reports.canvas import canvas, text_of
from diag.reports.excerpt import Row, excerpt, note
from diag.reports.headline import headline

WIDEST = 110
"""Columns used at the most: longer lines of text are hard to read."""

MOST_COROUTINES = 8
"""Coroutines named; the others are counted."""

_BAR = 5
"""Columns of a line's bar."""

_EIGHTHS = " ▏▎▍▌▋▊▉"

_COLOURS = {"healthy": "bold green", "unknown": "bold yellow"}
"""Of a verdict's name; the others are red."""


def render(diagnosis: Diagnosis, *, width: int = 80, colour: bool = False) -> str:
    """Write a diagnosis as text.

    Args:
        diagnosis: what to write.
        width: columns of the terminal; no more than `WIDEST` are used.
        colour: with the terminal's escape sequences; $NO_COLOR is kept to.
    """
    columns = min(width, WIDEST)
    console = canvas(columns, colour=colour)
    with console.capture() as drawn:
        console.print(_first_line(diagnosis, columns), soft_wrap=True)
        for section in _sections(diagnosis):
            console.print(section)
    return text_of(drawn)


def _first_line(diagnosis: Diagnosis, width: int) -> Text:
    """Draw verdict, place and numbers."""
    verdict, place, figures = headline(diagnosis).fitted(width)
    style = _COLOURS.get(diagnosis.verdicts[0], "bold red") if diagnosis.verdicts else ""
    parts = [Text(verdict, style), Text(place, "bold"), Text(figures)]
    return Text("  ").join(part for part in parts if part.plain)


def _sections(diagnosis: Diagnosis) -> Iterator[RenderableType]:
    """Draw all that stands under the first line, in the order in which it is wanted."""
    yield from _reasons(diagnosis)
    for title, body in (
        ("Cause", _causes(diagnosis)),
        ("Source", _source(diagnosis)),
        ("Tasks", _tasks(diagnosis)),
        ("Evidence", _evidence(diagnosis.evidence)),
        ("What to do", _bullets(advice.remedies(diagnosis))),
        ("What could not be measured", _bullets(diagnosis.quality.notes)),
    ):
        if body is not None:
            yield Text("")
            yield Text(title, style="bold cyan")
            yield Padding(body, (0, 0, 0, 2))
    yield Text("")
    yield Text(footer(diagnosis), style="dim")


def _reasons(diagnosis: Diagnosis) -> Iterator[Text]:
    """Say why; with the verdicts' names where there are several reasons."""
    for reason in advice.reasons(diagnosis):
        name = f"{reason.names}: " if reason.names else ""
        yield _plain(f"{name}{reason.text}{f' ({reason.doubt})' if reason.doubt else ''}")


def _causes(diagnosis: Diagnosis) -> RenderableType | None:
    """Draw each cause: code, name and place, and its sentence under them."""
    if without := advice.unexplained(diagnosis):
        return _plain(without)
    parts: list[Text] = []
    for cause in diagnosis.causes:
        doubt = advice.guess(cause.confidence)
        place = _short_place(cause.file, cause.line, diagnosis)
        title = Text.assemble(
            (f"{cause.code} {cause.name}", "bold red"), "  ", place, f"  ({doubt})" if doubt else ""
        )
        parts += [title, _plain(words.sentence(cause.message))]
    return Group(*parts) if parts else None


def _source(diagnosis: Diagnosis) -> RenderableType | None:
    """Draw the place, how the user's code got there, and the lines with their heat."""
    culprit = diagnosis.culprit
    if culprit is None:
        return None
    parts: list[RenderableType] = [_fold(culprit.file)]
    if culprit.package:
        parts.append(_plain(f"of {culprit.package}"))
    if culprit.called_from:
        parts.append(_fold(f"called from {step(culprit.called_from)}"))
    if said := note(diagnosis):
        parts.append(Text(said, style="yellow"))
    if rows := excerpt(diagnosis):
        digits = max(len(str(row.number)) for row in rows if row)
        parts += [_line(row, digits) for row in rows]
    return Group(*parts)


def _line(row: Row | None, digits: int) -> Text:
    """Draw a line: share, bar, mark, number, code."""
    margin = 6 + _BAR
    if row is None:
        return Text(f"{'':{margin}}   {'⋮':>{digits}}", style="dim", no_wrap=True)
    share = f"{words.percent(row.share):>4} %" if row.share else ""
    heat = Text(f"{share:6}{bar(row.share, _BAR)}", style="red" if row.share >= 0.2 else "yellow")  # noqa: PLR2004 - hot
    mark = {"fault": "►", "involved": "·", "": " "}[row.mark]
    style = "bold red" if row.mark == "fault" else "bold" if row.mark else ""
    edge = "│" if row.in_loop else " "
    text = Text.assemble(
        heat, f" {mark} ", (f"{row.number:>{digits}} ", "dim"), (f"{edge} ", "dim"), (row.code, style)
    )
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def bar(share: float, columns: int) -> str:
    """Draw a share as a bar, to an eighth of a column; anything above 0 shows."""
    eighths = min(8 * columns, max(round(8 * columns * share), 1 if share > 0 else 0))
    whole, rest = divmod(eighths, 8)
    return f"{'█' * whole}{_EIGHTHS[rest] if rest else ''}".ljust(columns)


def _tasks(diagnosis: Diagnosis) -> RenderableType | None:
    """Draw the totals and the coroutines with the most live tasks."""
    tasks = diagnosis.tasks
    if not tasks.live and not tasks.created_per_second:
        return None
    totals = [f"{words.count(tasks.live)} live"]
    if tasks.growth_per_second is not None:
        totals.append(f"{words.change(tasks.growth_per_second)}/s")
    if tasks.created_per_second is not None:
        totals.append(f"{words.count(tasks.created_per_second)} made/s")
    parts: list[RenderableType] = [Text(", ".join(totals))]
    if tasks.creator:
        parts.append(_fold(f"made by {step(tasks.creator)}"))
    most = sorted(tasks.by_coroutine.items(), key=lambda item: -item[1])
    rows = [(f"{number:,}", name) for name, number in most[:MOST_COROUTINES]]
    if len(most) > MOST_COROUTINES:
        others = most[MOST_COROUTINES:]
        rows.append(
            (f"{sum(number for _, number in others):,}", f"of {words.plural(len(others), 'other coroutine')}")
        )
    return Group(*parts, _grid(rows))


def _evidence(evidence: Iterable[Evidence]) -> RenderableType | None:
    """Draw value and sentence of each fact."""
    rows = [(words.measured(fact.value, fact.unit), fact.text) for fact in evidence]
    return _grid(rows) if rows else None


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    """Draw a column of numbers and one of words beside it."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right", overflow="fold", max_width=24)
    table.add_column(overflow="fold")
    for number, text in rows:
        table.add_row(_plain(number), _plain(text))
    return table


def _bullets(sentences: Iterable[str]) -> RenderableType | None:
    """Draw sentences, one for itself plain, several as a list."""
    texts = [_plain(sentence) for sentence in sentences]
    if len(texts) < 2:  # noqa: PLR2004 - one needs no list
        return texts[0] if texts else None
    table = Table.grid(padding=(0, 1, 0, 0))
    for text in texts:
        table.add_row(Text("-"), text)
    return table


def _short_place(file: str, line: int, diagnosis: Diagnosis) -> str:
    """Write a place; in the culprit's file, which is told elsewhere, by the name alone."""
    known = diagnosis.culprit is not None and diagnosis.culprit.file == file
    return words.shortened(words.printable(f"{PurePath(file).name if known else file}:{line}"), 40)


def footer(diagnosis: Diagnosis) -> str:
    """Say what was looked at, and how."""
    target, quality = diagnosis.target, diagnosis.quality
    samples = words.plural(quality.stack_samples, "stack sample")
    looks = words.plural(quality.snapshots, "snapshot")
    return (
        f"Process {target.pid} ({_cut(words.printable(' '.join(target.command)))}), {target.implementation} "
        f"{target.version}, seen for {quality.seconds:.1f} s: {samples}, {looks}."
    )


def step(found: Step) -> str:
    """Write a frame: `view (/srv/app.py:31)`."""
    return f"{found.function} ({found.file}:{found.line})"


def _cut(text: str, width: int = 60) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _plain(text: str) -> Text:
    """Take foreign words as they are, but for what would steer the terminal."""
    return Text(words.printable(text))


def _fold(text: str) -> Text:
    """Take a path, which may be broken anywhere but keeps all its characters."""
    return Text(words.printable(text), overflow="fold")
