"""The lines of source worth showing: the hot ones, those at fault, and a line around each."""

import textwrap
from dataclasses import dataclass
from typing import Literal

from diag.findings import Diagnosis
from diag.reports import words

MOST = 30
"""Lines shown whole; of more, those that tell nothing are left out."""

WARM = 0.005
"""Share of the samples from which a line tells something."""

Mark = Literal["", "involved", "fault"]


@dataclass(frozen=True)
class Row:
    """A line of source."""

    number: int
    code: str
    """The indentation that all have in common is left out; tabs are spaces, and nothing steers a terminal."""
    share: float
    """Of the busy samples."""
    mark: Mark
    in_loop: bool


def excerpt(diagnosis: Diagnosis, most: int = MOST) -> list[Row | None]:
    """Choose the lines of the culprit's source to show; None stands for lines left out.

    Args:
        diagnosis: with or without source.
        most: lines up to which nothing is left out.
    """
    culprit = diagnosis.culprit
    if culprit is None or not culprit.source:
        return []
    rows = _rows(diagnosis)
    if len(rows) <= most:
        return list(rows)
    telling = {index for index, row in enumerate(rows) if row.share >= WARM or row.mark}
    telling |= {index for index, row in enumerate(rows) if culprit.loop and row.number == culprit.loop[0]}
    kept = sorted(
        near for index in telling for near in (index - 1, index, index + 1) if 0 <= near < len(rows)
    )
    return _with_gaps([rows[index] for index in dict.fromkeys(kept)])


def note(diagnosis: Diagnosis) -> str:
    """Say why there is no source, or why its lines may be off; "" where all is well."""
    culprit = diagnosis.culprit
    if culprit is None:
        return ""
    if not culprit.source:
        return "Its source could not be read: only the line is known."
    if culprit.changed:
        return "The file was changed after the process had started: lines may be off."
    return ""


def _rows(diagnosis: Diagnosis) -> list[Row]:
    culprit = diagnosis.culprit
    if culprit is None:
        return []
    here = [cause for cause in diagnosis.causes if cause.file == culprit.file]
    faults = {cause.line for cause in here}
    involved = {line for cause in here for line in cause.lines}
    first, last = culprit.loop or (0, -1)
    code = [words.printable(line.text.expandtabs(4).rstrip()) for line in culprit.source]
    code = textwrap.dedent("\n".join(code)).split("\n")
    return [
        Row(
            number=line.line,
            code=text,
            share=line.share,
            mark="fault" if line.line in faults else "involved" if line.line in involved else "",
            in_loop=first <= line.line <= last,
        )
        for line, text in zip(culprit.source, code, strict=True)
    ]


def _with_gaps(rows: list[Row]) -> list[Row | None]:
    """Put a None where lines are missing between two rows."""
    found: list[Row | None] = []
    for row in rows:
        before = found[-1] if found else None
        if before is not None and row.number > before.number + 1:
            found.append(None)
        found.append(row)
    return found
