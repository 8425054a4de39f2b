"""A diagnosis in one line: verdict, place and number."""

from dataclasses import dataclass

from diag.findings import Diagnosis
from diag.reports import words

BAD = frozenset({"spin", "storm", "leak", "blocked"})
"""Verdicts against a process."""

SURE = 0.8
"""Confidence from which a statement is not called a guess."""

SHORTEST_PLACE = 18
"""Columns that the place keeps where the line is short: enough for a file's name and lines."""

LONGEST_FUNCTION = 40
"""Columns of a function's name; of a longer one the end is told."""

_CLEARLY, _TELLING = 1.2, 0.1
"""Factor and cores from which the cores asked for are worth telling beside those that were got."""


@dataclass(frozen=True)
class Place:
    """Where it happens."""

    function: str
    file: str
    lines: str
    """`45-56` for a loop, `45` for a line."""

    @property
    def path(self) -> str:
        """Give `file:lines`."""
        return f"{self.file}:{self.lines}"


@dataclass(frozen=True)
class Headline:
    """The parts of the line."""

    verdict: str
    """`SPIN`, `LEAK, SPIN`."""
    bad: bool
    place: Place | None
    figures: tuple[str, ...]
    """The most telling first: `0.98 core`, `93 % of the samples`, `live loop`."""

    def fitted(self, width: int) -> tuple[str, str, str]:
        """Give verdict, place and figures so that they fit into `width` columns, two between them.

        The path loses its start first, then the figures their end; what does not fit even so is left as it is.
        """
        figures = list(self.figures)
        while True:
            told = ", ".join(figures)
            if self.place is None:
                return self.verdict, "", told
            function = words.shortened(words.printable(self.place.function), LONGEST_FUNCTION)
            room = width - len(f"{self.verdict}  {function} ()  {told}")
            path = words.printable(self.place.path)
            if room >= min(len(path), SHORTEST_PLACE) or len(figures) < 2:  # noqa: PLR2004 - one figure has to stay
                path = words.shortened(path, max(room, SHORTEST_PLACE))
                return self.verdict, f"{function} ({path})", told
            figures.pop()

    def line(self, width: int = 110) -> str:
        """Give the whole line."""
        return "  ".join(filter(None, self.fitted(width)))


def headline(diagnosis: Diagnosis) -> Headline:
    """Sum a diagnosis up."""
    return Headline(
        verdict=", ".join(verdict.upper() for verdict in diagnosis.verdicts),
        bad=not BAD.isdisjoint(diagnosis.verdicts),
        place=place(diagnosis),
        figures=tuple(_figures(diagnosis)),
    )


def place(diagnosis: Diagnosis) -> Place | None:
    """Give the culprit's place, or the maker's of what grows; None for a process without a fault."""
    if BAD.isdisjoint(diagnosis.verdicts):
        return None
    if found := diagnosis.culprit:
        # What blocks is one call; what spins is a whole loop.
        held = diagnosis.verdicts[0] == "blocked"
        first, last = (found.line, found.line) if held or not found.loop else found.loop
        return Place(found.function, found.file, f"{first}-{last}" if last > first else f"{first}")
    if maker := diagnosis.tasks.creator:
        return Place(maker.function, maker.file, f"{maker.line}")
    return None


def turns(diagnosis: Diagnosis) -> str:
    """Say whether the event loop turns: `frozen loop`, `live loop`, or "" where there are no tasks."""
    if diagnosis.frozen:
        return "frozen loop"
    return "live loop" if diagnosis.tasks.live else ""


def _figures(diagnosis: Diagnosis) -> list[str]:
    """Give the numbers of the worst verdict, then what goes with any."""
    verdict = diagnosis.verdicts[0] if diagnosis.verdicts else "unknown"
    own = _growth(diagnosis) if verdict == "leak" else _held(diagnosis) if verdict == "blocked" else ""
    cores = _cores(diagnosis.cores, diagnosis.demand)
    share = ""
    if diagnosis.culprit and verdict in {"spin", "storm"}:
        share = f"{words.percent(diagnosis.culprit.share)} % of the samples"
    state = turns(diagnosis) if verdict in {"spin", "storm", "leak"} else ""
    return [part for part in (own, cores, share, state) if part]


def _cores(got: float | None, asked: float | None) -> str:
    """Give the cores, and those asked for where they were clearly more."""
    if got is None:
        return ""
    number = words.cores(got)
    text = f"{number} core" if got < 1 or number == "1.00" else f"{number} cores"
    starved = asked is not None and asked > _CLEARLY * got and asked - got > _TELLING
    return f"{text} (asked for {words.cores(asked)})" if starved else text


def _growth(diagnosis: Diagnosis) -> str:
    """Give how fast tasks grow, or the number that the verdict rests on first."""
    growth = diagnosis.tasks.growth_per_second
    return f"{words.change(growth)} tasks/s" if growth and growth >= 1 else _first_number(diagnosis)


def _held(diagnosis: Diagnosis) -> str:
    """Give how long the event loop was held up."""
    number = _first_number(diagnosis, unit="s")
    return f"held for {number}" if number else ""


def _first_number(diagnosis: Diagnosis, unit: str | None = None) -> str:
    """Give the first number among the evidence of the worst verdict, of a unit if one is given."""
    wanted = diagnosis.details[0].evidence if diagnosis.details else ()
    for evidence in diagnosis.evidence:
        is_number = isinstance(evidence.value, int | float)
        if evidence.kind in wanted and is_number and unit in {None, evidence.unit}:
            return words.measured(evidence.value, evidence.unit)
    return ""
