"""The comparison as one HTML file: offline, without scripts, for phones and desks, light and dark."""

import datetime as dt
import importlib.resources
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diag.origin import Origin
from diag.reports import flamegraph, flametree, heat, pages
from diag.reports.words import percent
from repro.report import findings, headline, setup, sources, words
from repro.report.columns import COLUMNS, SYMBOL, Column
from repro.report.marks import RULES, Rule, budget
from repro.report.pictures import Picture
from repro.report.views import Report, RunView, by_variant

OWN = ("repro/server/", "repro/commands/", "repro/cli", "repro/__main__")
"""The log server's own code: not folded away even where it is installed among the packages."""

CURE = "hardened"
"""The variant that is shown for contrast."""


@dataclass(frozen=True)
class Flame:
    """A run's flamegraph."""

    view: RunView
    graph: Markup
    samples: int
    busy: str
    """Threads running at a look of the sampler, on average."""
    hottest: str
    """The hottest line of the own code, in words; "" where there is none."""


@dataclass(frozen=True)
class Fault:
    """A variant's part of the page."""

    variant: str
    finding: findings.Finding
    explanation: Markup
    flames: tuple[Flame, ...]
    code: Markup
    """The source with its heat; empty where there is no such module."""
    note: str
    """What the heat was taken from, or why there is none."""
    changed: bool


def render(report: Report, pictures: Sequence[Picture]) -> str:
    """Write the page."""
    environment = pages.environment("repro.report")
    environment.filters["cores"] = words.cores
    comparison = report.comparison
    return environment.get_template("page.html.j2").render(
        report=report,
        comparison=comparison,
        style=_style(),
        sentence=headline.headline(comparison),
        meaning=headline.meaning(comparison),
        findings=findings.findings(comparison),
        grid=grid(report),
        columns=COLUMNS,
        groups=_groups(),
        tables=_tables(report),
        legend=_legend(report),
        symbol=SYMBOL,
        demand=next((picture for picture in pictures if not picture.caption), None),
        courses=[picture for picture in pictures if picture.caption],
        faults=_faults(report),
        cure=_cure(),
        cure_explanation=sources.explanation(sources.source(CURE) or ""),
        facts=setup.facts(report),
        notes=setup.notes(report),
        definitions=setup.DEFINITIONS,
        when=dt.datetime.fromtimestamp(comparison.started, tz=dt.UTC).strftime("%-d %B %Y, %H:%M UTC"),
        budget=budget,
    )


def _style() -> Markup:
    """Put the style sheet together."""
    page = importlib.resources.files("repro.report") / "templates" / "page.css"
    return pages.style(page.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Grid:
    """Variants x kinds of pods; a place without a run is empty."""

    pods: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[RunView, ...], ...]], ...]


def grid(report: Report) -> Grid:
    """Arrange the runs of the matrix."""
    pods = sorted({view.run.pod for view in report.matrix}, key=words.pod_order)
    rows = [
        (variant, tuple(tuple(view for view in its if view.run.pod == pod) for pod in pods))
        for variant, its in by_variant(report.matrix).items()
    ]
    return Grid(tuple(pods), tuple(rows))


def _groups() -> list[tuple[str, list[Column]]]:
    """Group the columns under their common headings."""
    groups: list[tuple[str, list[Column]]] = []
    for column in COLUMNS:
        if groups and column.group and groups[-1][0] == column.group:
            groups[-1][1].append(column)
        else:
            groups.append((column.group, [column]))
    return groups


def _tables(report: Report) -> list[tuple[str, dict[str, list[RunView]]]]:
    """Give the tables of all figures: the scenario at scale, the matrix."""
    tables = []
    if report.headline:
        run = report.headline[0].run
        caption = f"At scale: {words.plural(run.workers, 'worker')}, {words.plural(run.views, 'view')} of {run.pod} pods"
        tables.append((caption, by_variant(report.headline)))
    if report.matrix:
        tables.append(("Every variant on every kind of pod", by_variant(report.matrix)))
    return tables


def _legend(report: Report) -> list[tuple[Column, Rule]]:
    """Give the rules that marked something."""
    marked = {cell.column.key for view in report.runs for cell in view.cells if cell.fault}
    by_key = {column.key: column for column in COLUMNS}
    return [(by_key[rule.column], rule) for rule in RULES if rule.column in marked]


def _faults(report: Report) -> list[Fault]:
    """Give the part of each variant that has a mark."""
    found = {finding.variant: finding for finding in findings.findings(report.comparison) if finding.faulty}
    return [
        _fault(found[variant], its)
        for variant, its in by_variant(report.runs_by_variant()).items()
        if variant in found
    ]


def _fault(finding: findings.Finding, views: Sequence[RunView]) -> Fault:
    """Put a faulty variant's part together."""
    code = sources.source(finding.variant)
    warmest = _warmest(views)
    measured = (
        heat.measure(warmest.recording, sources.path_of(finding.variant))
        if warmest and warmest.recording
        else None
    )
    stale = bool(
        code and warmest and warmest.recording and sources.changed(finding.variant, code, warmest.recording)
    )
    if stale:
        measured = None
    return Fault(
        variant=finding.variant,
        finding=finding,
        explanation=sources.explanation(code) if code else Markup(""),
        flames=tuple(_flame(view) for view in views if view.heavy and view.recording),
        code=_coloured(finding.variant, code, measured) if code else Markup(""),
        note=_heat_note(warmest, measured, stale=stale),
        changed=stale,
    )


def _warmest(views: Sequence[RunView]) -> RunView | None:
    """Choose the run whose samples colour the source: the one with the most in the variant's module."""
    recorded = [view for view in views if view.recording]
    return max(recorded, key=_inside, default=None)


def _inside(view: RunView) -> int:
    """Count the samples on the hottest line of the run's variant."""
    if view.recording is None:
        return 0
    lines = heat.measure(view.recording, sources.path_of(view.run.variant)).lines
    return max((line.through for line in lines.values()), default=0)


def _heat_note(view: RunView | None, measured: heat.Heat | None, *, stale: bool) -> str:
    """Say where the heat comes from."""
    if view is None:
        return "No recording: the source is shown without heat."
    if stale:
        return "The file has changed since it was recorded: the source is shown without heat."
    if measured is None or not measured.lines:
        return f"No sample of {view.name} lies in this file."
    return f"Shares of the {measured.samples:,} samples of {view.name}."


def _flame(view: RunView) -> Flame:
    """Draw a run's flamegraph."""
    if view.recording is None:
        raise ValueError(view.name)
    tree = flametree.build(view.recording, OWN)
    busy = f"{tree.samples / tree.ticks:.2f}" if tree.ticks else "0"
    return Flame(
        view, flamegraph.render(tree, label=f"Flamegraph of {view.name}"), tree.samples, busy, _hottest(tree)
    )


def _hottest(tree: flametree.FlameTree) -> str:
    """Name the own function that is deepest among those on at least half of the own samples."""
    own = [box for box in flametree.walk(tree.roots) if box.origin is Origin.OWN and box.lines]
    candidates = [box for box in own if "/variants/" in box.file]
    if not candidates or not tree.samples:
        return ""
    box = max(candidates, key=lambda box: box.samples)
    return f"{percent(box.samples / tree.samples)} % in {box.function}, most at line {box.lines[0][0]}"


def _cure() -> Markup:
    """Give the source of the hardened variant, for contrast."""
    code = sources.source(CURE)
    return _coloured(CURE, code, None) if code else Markup("")


def _coloured(variant: str, code: str, measured: heat.Heat | None) -> Markup:
    """Write a variant's source; its docstring stands above it as text."""
    return heat.render(code, measured, caption=f"Source of {variant}", first=sources.first_line(code))
