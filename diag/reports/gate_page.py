"""A gate's answer as one HTML file: each check with its runs, and what the stacks spend more and less time on."""

import importlib.resources
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diag import __version__, storage
from diag.errors import HotloopError
from diag.gate.judgement import WORST, Check, Judgement, Result
from diag.gate.samples import Sample, by_subject
from diag.recording import Recording
from diag.reports import flamediff, gate_words, page, strips

MOODS: dict[Result, str] = {"fail": "against", "unknown": "unsure", "pass": "fine"}

MOST_RECORDINGS = 10
"""Recordings of a side whose stacks are merged; each takes a moment to read."""


@dataclass(frozen=True)
class Shown:
    """A check as it is shown."""

    check: Check
    name: str
    mood: str
    strip: Markup


@dataclass(frozen=True)
class Part:
    """A subject."""

    title: str
    mood: str
    judged: list[Shown]
    """What did not pass, and every comparison that was tested."""
    passed: list[Shown]
    """The others."""
    flame: Markup


def render(judged: Judgement, samples: Sequence[Sample] = (), before: Sequence[Sample] = ()) -> str:
    """Write the page.

    Args:
        judged: what to show.
        samples: of the runs judged, for their stacks.
        before: of the baseline's runs.
    """
    flames = _flames(samples, before)
    parts = [
        _part(title, list(checks), flames.get(title, Markup("")))
        for title, checks in itertools.groupby(judged.checks, key=lambda check: check.subject)
    ]
    own = importlib.resources.files("diag.reports") / "assets" / "gate.css"
    return (
        page.environment()
        .get_template("gate.html.j2")
        .render(
            style=page.style() + Markup(own.read_text(encoding="utf-8")),  # noqa: S704 - the project's own file
            version=__version__,
            sentence=gate_words.sentence(judged),
            beside=gate_words.beside(judged),
            mood=MOODS[judged.answer],
            tiles=[
                page.Tile(str(judged.count("fail")), "failed", judged.count("fail") > 0),
                page.Tile(str(judged.count("unknown")), "unknown"),
                page.Tile(str(judged.count("pass")), "passed"),
            ],
            parts=parts,
            flames=any(part.flame for part in parts),
        )
    )


def _part(title: str, checks: Sequence[Check], flame: Markup) -> Part:
    shown = [_shown(check) for check in checks]
    apart = [each for each in shown if each.check.result != "pass" or each.check.p is not None]
    worst = min((check.result for check in checks), key=WORST.index)
    rest = [each for each in shown if each not in apart]
    return Part(title=title, mood=MOODS[worst], judged=apart, passed=rest, flame=flame)


def _shown(check: Check) -> Shown:
    rows = [strips.Row("now", check.values, "now")]
    if check.against == "baseline":
        rows.insert(0, strips.Row("before", check.baseline, "before"))
    name = gate_words.name(check)
    strip = strips.render(rows, limit=check.limit, label=f"Runs of {name} in {check.subject}")
    return Shown(check=check, name=name, mood=MOODS[check.result], strip=strip)


def _flames(samples: Sequence[Sample], before: Sequence[Sample]) -> dict[str, Markup]:
    """Draw a differential flamegraph of each subject that has recordings on both sides."""
    ours, theirs = by_subject(samples), by_subject(before)
    return {
        subject.title: flamediff.render(
            flamediff.merge(_recordings(theirs[subject]), _recordings(ours[subject])),
            label=f"Differential flamegraph of {subject.title}",
        )
        for subject in ours
        if subject in theirs
    }


def _recordings(samples: Sequence[Sample]) -> list[Recording]:
    """Read the recordings that are there; one that cannot be read costs the page its picture only."""
    found = []
    for sample in samples[:MOST_RECORDINGS]:
        try:
            if sample.recording is not None:
                found.append(storage.load(sample.recording))
        except HotloopError:
            continue
    return found
