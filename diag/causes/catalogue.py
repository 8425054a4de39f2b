"""The catalogue: every cause, and the search for those that hold at a culprit."""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from typing import NamedTuple

from diag import causes
from diag.causes.cause import Cause, Facts, Match, Scene
from diag.findings import CauseFound
from diag.source import Function, Loop

FARTHER = 0.9
"""By how much each call between the culprit and the place of a match lessens the confidence: the measured lines and
variables are the culprit's, and of other functions less is known."""

EXPLAINED_BY: dict[str, frozenset[str]] = {
    "HL002": frozenset({"HL001", "HL007", "HL012", "HL013", "HL015", "HL016"}),
    "HL003": frozenset({"HL001", "HL002", "HL005", "HL009", "HL010", "HL015"}),
    "HL004": frozenset({"HL001", "HL002", "HL003", "HL012", "HL015", "HL016"}),
    "HL005": frozenset({"HL001", "HL010", "HL015", "HL016"}),
    "HL006": frozenset({"HL010", "HL013", "HL015"}),
    "HL007": frozenset({"HL001", "HL013"}),
    "HL008": frozenset({"HL010"}),
    "HL009": frozenset({"HL014"}),
}
"""Causes that say more than the key does about the same loop: where one of them holds, the key is left out."""

RIVAL = 0.6
"""Of the confidence in the key, what the cause that explains it must have at least."""


def _catalogue() -> tuple[Cause, ...]:
    modules = [
        importlib.import_module(f"{causes.__name__}.{entry.name}")
        for entry in pkgutil.iter_modules(causes.__path__)
    ]
    entries = [module.CAUSE for module in modules if hasattr(module, "CAUSE")]
    return tuple(sorted(entries, key=lambda cause: cause.code))


CATALOGUE: tuple[Cause, ...] = _catalogue()
"""Every module of the package that has a `CAUSE`, in the order of the codes."""


class _Held(NamedTuple):
    """A cause whose pattern and facts agree at a place."""

    cause: Cause
    match: Match
    file: str
    confidence: float


def search(scene: Scene, facts: Facts, catalogue: tuple[Cause, ...] | None = None) -> list[CauseFound]:
    """Find the causes that hold, the best confidence first; each code once.

    A cause holds where its pattern is in the source and the measured facts support it: in the culprit's function, in
    those that run below it, or in its callers.

    Args:
        scene: the source around the culprit.
        facts: what was measured there.
        catalogue: the causes to try; all if not said.
    """
    best: dict[str, _Held] = {}
    for place, measured, weight in _places(scene, facts):
        for cause in CATALOGUE if catalogue is None else catalogue:
            if (match := cause.find(place)) is None:
                continue
            confidence = min(1.0, cause.agrees(match, measured)) * weight
            if confidence > (best[cause.code].confidence if cause.code in best else 0.0):
                best[cause.code] = _Held(cause, match, match.file or place.module.file, confidence)
    held = [one for one in best.values() if not any(_explains(other, one) for other in best.values())]
    return [_stated(one) for one in sorted(held, key=lambda one: (-one.confidence, one.cause.code))]


def _places(scene: Scene, facts: Facts) -> Iterator[tuple[Scene, Facts, float]]:
    """Give the scenes to look at: every loop around the culprit, then around it by calls, with their weight."""
    for loop in _loops(scene.function, scene.line, scene.loop):
        yield dataclasses.replace(scene, loop=loop), facts, 1.0
    for steps, (module, function) in enumerate(scene.inner, 1):
        below = scene.inner[steps:]
        for loop in function.loops or (None,):
            line = loop.first if loop else getattr(function.node, "lineno", 1)
            place = Scene(module=module, function=function, loop=loop, line=line, inner=below)
            yield place, _facts_below(function, facts), FARTHER**steps
    for steps, (module, function, line) in enumerate(scene.outer, 1):
        between = [(scene.module, scene.function)] + [(mod, fun) for mod, fun, _ in scene.outer[: steps - 1]]
        inner = (*reversed(between), *scene.inner)
        for loop in _loops(function, line):
            place = Scene(module=module, function=function, loop=loop, line=line, inner=inner)
            yield place, _facts_above(scene.function, facts), FARTHER**steps


def _loops(function: Function, line: int, hot: Loop | None = None) -> list[Loop | None]:
    """Give the hot loop, then those around it from the inside to the outside; None alone where there is none."""
    around = [loop for loop in reversed(function.loops_at(line)) if loop != hot]
    return [hot, *around] if hot or not around else [*around]


def _facts_below(function: Function, facts: Facts) -> Facts:
    """Give the facts as a function sees them that runs below the culprit: what is known of its locals are its own."""
    prefix = function.name.rpartition(".")[2] + "."
    own = {
        name.removeprefix(prefix): seen for name, seen in facts.returned.items() if name.startswith(prefix)
    }
    return dataclasses.replace(facts, variables=own, lines=frozenset(), settled=())


def _facts_above(function: Function, facts: Facts) -> Facts:
    """Give the facts as a caller of the culprit sees them: the culprit's variables are those of a called function."""
    prefix = function.name.rpartition(".")[2] + "."
    seen = {prefix + name: seen for name, seen in facts.variables.items()}
    return dataclasses.replace(
        facts, variables={}, returned={**facts.returned, **seen}, lines=frozenset(), settled=()
    )


def _explains(one: _Held, other: _Held) -> bool:
    """Whether a cause makes another superfluous that was found around the same lines."""
    return (
        one.cause.code in EXPLAINED_BY.get(other.cause.code, ())
        and one.file == other.file
        and one.match.lines[0] <= other.match.lines[-1]
        and other.match.lines[0] <= one.match.lines[-1]
        and one.confidence >= RIVAL * other.confidence
    )


def _stated(held: _Held) -> CauseFound:
    return CauseFound(
        code=held.cause.code,
        name=held.cause.name,
        file=held.file,
        line=held.match.line,
        lines=held.match.lines,
        message=held.match.message,
        remedy=held.cause.remedy,
        confidence=round(held.confidence, 3),
    )
