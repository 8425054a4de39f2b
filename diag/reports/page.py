"""A diagnosis as one HTML file: offline, without scripts, for phones and desks, light and dark."""

import importlib.resources
import re
from dataclasses import dataclass
from typing import Any

import jinja2
from markupsafe import Markup, escape

from diag.findings import CauseFound, Diagnosis
from diag.recording import Recording
from diag.reports import advice, course, flamegraph, flametree, heatlines, pages, words
from diag.reports.excerpt import excerpt, note
from diag.reports.headline import BAD, headline, turns

MOST_COROUTINES = 20
"""Coroutines shown; the others are counted."""

_CODE = re.compile(r"`([^`]+)`")


@dataclass(frozen=True)
class Tile:
    """A number that stands out."""

    number: str
    what: str
    faulty: bool = False


@dataclass(frozen=True)
class CauseShown:
    """A cause, and how sure it is."""

    found: CauseFound
    doubt: str


def render(diagnosis: Diagnosis, recording: Recording | None = None) -> str:
    """Write the page.

    Args:
        diagnosis: what to show.
        recording: what it was made from, for the charts and the flamegraph; None leaves them out.
    """
    return (
        environment()
        .get_template("diagnosis.html.j2")
        .render(
            style=style(),
            version=recording.machine.hotloop if recording else "",
            diagnosis=diagnosis,
            head=headline(diagnosis),
            mood=mood(diagnosis),
            target=diagnosis.target,
            command=" ".join(diagnosis.target.command),
            reasons=advice.reasons(diagnosis),
            tiles=tiles(diagnosis),
            causes=[CauseShown(cause, advice.guess(cause.confidence)) for cause in diagnosis.causes],
            unexplained=advice.unexplained(diagnosis),
            remedies=advice.remedies(diagnosis),
            **_source(diagnosis),
            pictures=course.pictures(recording) if recording else [],
            **_stacks(diagnosis, recording),
            **_tasks(diagnosis),
            evidence=[(words.measured(fact.value, fact.unit), fact.text) for fact in diagnosis.evidence],
            facts=_facts(diagnosis, recording),
            notes=diagnosis.quality.notes,
        )
    )


def prose(text: str) -> Markup:
    """Escape a sentence, and set what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(words.printable(text)))))  # noqa: S704 - escaped first


def tiles(diagnosis: Diagnosis) -> list[Tile]:
    """Give the numbers that matter, those that speak against the process marked."""
    said, tasks = set(diagnosis.verdicts), diagnosis.tasks
    burning = bool(said & {"spin", "storm"})
    found = []
    if diagnosis.cores is not None:
        found.append(Tile(words.cores(diagnosis.cores), "cores taken", burning))
    if diagnosis.demand is not None:
        found.append(Tile(words.cores(diagnosis.demand), "cores asked for"))
    if diagnosis.culprit and said & BAD:
        where = "of the busy samples in this loop" if diagnosis.culprit.loop else "of the busy samples here"
        found.append(Tile(f"{words.percent(diagnosis.culprit.share)} %", where, burning))
    if state := turns(diagnosis):
        found.append(Tile(state.removesuffix(" loop"), "event loop", diagnosis.frozen))
    if tasks.live is not None:
        grows = "" if tasks.growth_per_second is None else f", {words.change(tasks.growth_per_second)}/s"
        found.append(Tile(words.count(tasks.live), f"live tasks{grows}", "leak" in said))
    if tasks.created_per_second is not None:
        found.append(Tile(words.count(tasks.created_per_second), "tasks made a second"))
    return found


def environment() -> jinja2.Environment:
    """Give the environment with the filters for foreign words."""
    found = pages.environment()
    found.filters["shown"] = words.printable
    found.filters["sentence"] = words.sentence
    found.filters["prose"] = prose
    return found


def style() -> Markup:
    """Give the style sheet of a diagnosis, and of several."""
    own = importlib.resources.files("diag.reports") / "assets" / "diagnosis.css"
    return pages.style(own.read_text(encoding="utf-8"))


def mood(diagnosis: Diagnosis) -> str:
    """Tell the style sheet what the verdict amounts to."""
    if BAD & set(diagnosis.verdicts):
        return "against"
    return "fine" if "healthy" in diagnosis.verdicts else "unsure"


def _source(diagnosis: Diagnosis) -> dict[str, Any]:
    """Give the culprit with its lines."""
    rows = excerpt(diagnosis)
    culprit = diagnosis.culprit
    caption = f"Source of {words.printable(culprit.function)}" if culprit else ""
    return {
        "culprit": culprit,
        "source": heatlines.render(rows, caption=caption) if rows else "",
        "source_note": note(diagnosis),
        "marked": any(row.mark for row in rows if row),
    }


def _stacks(diagnosis: Diagnosis, recording: Recording | None) -> dict[str, Any]:
    """Give the flamegraph; the culprit's code is not folded away, whosever it is."""
    own = (diagnosis.culprit.file,) if diagnosis.culprit else ()
    tree = flametree.build(recording, own) if recording else None
    drawn = flamegraph.render(tree, label="Flamegraph of all samples") if tree and tree.samples else ""
    return {"flame": drawn, "samples": tree.samples if tree else 0}


def _tasks(diagnosis: Diagnosis) -> dict[str, Any]:
    """Give the coroutines with the most live tasks, each with its number beside the largest."""
    most = sorted(diagnosis.tasks.by_coroutine.items(), key=lambda item: -item[1])
    largest = max((number for _, number in most), default=0) or 1
    others = most[MOST_COROUTINES:]
    number = sum(number for _, number in others)
    return {
        "coroutines": [(name, number, number / largest) for name, number in most[:MOST_COROUTINES]],
        "others": f"{number:,} more of {words.plural(len(others), 'other coroutine')}." if others else "",
        "creator": diagnosis.tasks.creator,
    }


def _facts(diagnosis: Diagnosis, recording: Recording | None) -> list[tuple[str, str]]:
    """Give what was looked at, and how."""
    target, quality = diagnosis.target, diagnosis.quality
    samples, snapshots, counts = (
        words.plural(number, noun)
        for number, noun in (
            (quality.stack_samples, "stack sample"),
            (quality.snapshots, "snapshot"),
            (quality.censuses, "count"),
        )
    )
    facts = [
        ("process", f"{target.pid}, of {target.user}"),
        ("command", " ".join(target.command)),
        ("interpreter", f"{target.implementation} {target.version}, {target.executable}"),
        ("window", f"{quality.seconds:.1f} s"),
        ("looks", f"{samples}, {snapshots} of variables, {counts} of tasks"),
    ]
    if recording:
        machine = recording.machine
        facts.append(
            ("machine", f"{words.plural(machine.cores, 'core')}, {machine.processor}, {machine.kernel}")
        )
        facts.append(
            ("observer", f"hotloop {machine.hotloop}, Python {machine.python}, py-spy {machine.py_spy}")
        )
    return facts
