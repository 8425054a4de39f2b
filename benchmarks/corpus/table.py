"""The judgements as a table and a sentence."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from benchmarks.corpus.judging import Judgement, Score


def table(judgements: Sequence[Judgement]) -> Table:
    """Make a row for each judgement, the wrong ones in red."""
    shown = Table(title="Corpus", title_justify="left", title_style="bold")
    for heading in ("case", "expected", "said", "place", "cause"):
        shown.add_column(heading, overflow="fold")
    shown.add_column("s", justify="right")
    shown.add_column("CPU", justify="right")
    for each in judgements:
        shown.add_row(*row(each))
    return shown


def row(judgement: Judgement) -> list[Text]:
    """Make the cells of one judgement."""
    said = ", ".join(judgement.said) or f"failed: {judgement.error}"
    name = judgement.case + (" (twin)" if judgement.twin else "")
    place = (
        judgement.where
        if judgement.place is None or judgement.by in ("culprit", "")
        else f"by {judgement.by}"
    )
    cause = ", ".join(judgement.causes) or ("none" if judgement.cause is False else "")
    return [
        Text(name),
        Text(judgement.expected),
        Text(said, _style(judgement.found)),
        Text(place, _style(judgement.place)),
        Text(cause, _style(judgement.cause)),
        Text(f"{judgement.seconds:.1f}"),
        Text(f"{judgement.cpu:.1f}"),
    ]


def sentence(score: Score) -> str:
    """Write the score in one line."""
    return (
        f"sick found {score.found}/{score.sick}, place right {score.placed}/{score.sick} "
        f"({score.placed_by_culprit} by the culprit itself), cause right {score.causes}/{score.causes_known}, "
        f"false alarms {score.false_alarms}/{score.healthy}: {'enough' if score.enough else 'not enough'}"
    )


def _style(right: bool | None) -> str:  # noqa: FBT001 - what it is about is the value
    return "" if right is None else "green" if right else "bold red"
