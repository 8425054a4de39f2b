"""Whether a diagnosis is right: the verdict, the place, the cause."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from benchmarks.corpus.manifest import Case, Expected, Place
from diag import source
from diag.findings import Diagnosis

FOUND: dict[Expected, frozenset[str]] = {
    "spin": frozenset({"spin", "storm"}),
    "leak": frozenset({"leak"}),
    "starvation": frozenset({"blocked"}),
}
"""Verdicts that find a case of a kind. A frozen spin is found as a starved event loop too, and the other way round
it is not: one long call is no spin, unless the loop is said to be frozen."""

By = Literal["culprit", "caller", "cause", "coroutine", ""]


class Judgement(msgspec.Struct, frozen=True, kw_only=True):
    """How one run of a case was diagnosed."""

    case: str
    twin: bool
    """Whether it was the healthy version."""
    expected: Expected
    said: tuple[str, ...]
    """The verdicts; () where the inspection failed."""
    found: bool
    """A sick one: the right verdict; a healthy one: exactly "healthy"."""
    place: bool | None = None
    """Whether the place is right; None for the healthy."""
    by: By = ""
    """What named the place: the culprit itself, its caller, a cause, or the coroutine that grows."""
    cause: bool | None = None
    """Whether the first cause is right; None where it is not known, and for the healthy."""
    causes: tuple[str, ...] = ()
    """The codes that were said."""
    where: str = ""
    """The culprit, as "function (file:line)"."""
    error: str = ""
    seconds: float = 0.0
    cpu: float = 0.0
    """CPU seconds of the observer."""

    @property
    def right(self) -> bool:
        """Whether nothing about it is wrong."""
        return self.found and self.place is not False and self.cause is not False


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """What all judgements come to."""

    sick: int
    found: int
    placed: int
    """At the right place."""
    placed_by_culprit: int
    causes_known: int
    causes: int
    """With the right one."""
    healthy: int
    false_alarms: int
    """Healthy ones of which anything else was said."""

    @property
    def enough(self) -> bool:
        """Whether it meets the aim: sick ones found, at the right place, with the right cause; no false alarm."""
        return (
            self.sick + self.healthy > 0
            and self.found >= 0.95 * self.sick
            and self.placed >= 0.9 * self.sick
            and self.causes >= 0.7 * self.causes_known
            and self.false_alarms == 0
        )


def judge(case: Case, diagnosis: Diagnosis, *, twin: bool = False) -> Judgement:
    """Compare a diagnosis with what is expected of the case, or of its healthy twin."""
    where = diagnosis.culprit
    healthy = twin or case.expect == "healthy"
    by = "" if healthy else _named_by(case, diagnosis)
    right = bool(diagnosis.causes) and diagnosis.causes[0].code in case.cause
    return Judgement(
        case=case.name,
        twin=twin,
        expected="healthy" if healthy else case.expect,
        said=diagnosis.verdicts,
        found=diagnosis.verdicts == ("healthy",) if healthy else _found(case.expect, diagnosis),
        place=None if healthy else bool(by),
        by=by,
        cause=None if healthy or not case.cause else right,
        causes=tuple(cause.code for cause in diagnosis.causes),
        where=f"{where.function} ({Path(where.file).name}:{where.line})" if where else "",
    )


def failed(case: Case, error: str, *, twin: bool = False) -> Judgement:
    """Judge a run that brought no diagnosis."""
    healthy = twin or case.expect == "healthy"
    return Judgement(
        case=case.name,
        twin=twin,
        expected="healthy" if healthy else case.expect,
        said=(),
        found=False,
        place=None if healthy else False,
        cause=None if healthy or not case.cause else False,
        error=error,
    )


def score(judgements: Sequence[Judgement]) -> Score:
    """Count."""
    sick = [each for each in judgements if each.expected != "healthy"]
    healthy = [each for each in judgements if each.expected == "healthy"]
    return Score(
        sick=len(sick),
        found=sum(each.found for each in sick),
        placed=sum(bool(each.place) for each in sick),
        placed_by_culprit=sum(each.by == "culprit" for each in sick),
        causes_known=sum(each.cause is not None for each in sick),
        causes=sum(bool(each.cause) for each in sick),
        healthy=len(healthy),
        false_alarms=sum(not each.found for each in healthy),
    )


def _found(expected: Expected, diagnosis: Diagnosis) -> bool:
    said = set(diagnosis.verdicts)
    return bool(said & FOUND[expected]) or (expected == "starvation" and "spin" in said and diagnosis.frozen)


def _named_by(case: Case, diagnosis: Diagnosis) -> By:
    """Give what of a diagnosis names an expected place; "" if nothing does."""
    places = [Place.parse(text) for text in (case.expect_function, *case.also_accept) if text]
    for by, function, file in _named(case, diagnosis):
        if any(place.matches(function, file) for place in places):
            return by
    return ""


def _named(case: Case, diagnosis: Diagnosis) -> Iterator[tuple[By, str, str]]:
    culprit = diagnosis.culprit
    if culprit is not None:
        yield "culprit", culprit.function, culprit.file
    if case.expect == "leak" and diagnosis.tasks.creator is not None:
        yield "coroutine", diagnosis.tasks.creator.function, diagnosis.tasks.creator.file
    if culprit is not None and culprit.called_from is not None:
        yield "caller", culprit.called_from.function, culprit.called_from.file
    for cause in diagnosis.causes:
        yield "cause", _function_at(cause.file, cause.line), cause.file


def _function_at(file: str, line: int) -> str:
    """Give the function around a line; "" where the source cannot be read."""
    try:
        module = source.parse(Path(file).read_text(errors="replace"), file)
    except OSError:
        return ""
    return module.function_at(line).name if module else ""
