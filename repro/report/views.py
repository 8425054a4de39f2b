"""What is shown: the runs in their order, each with its recording, or with the reason why there is none."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from diag.recording import Recording
from repro.comparison import Comparison, Run
from repro.report import words
from repro.report.columns import Cell, cells
from repro.report.marks import heavy, marks
from repro.report.selection import headline_runs, ordered


@dataclass(frozen=True)
class RunView:
    """A run as it is shown."""

    run: Run
    slug: str
    """Unique in the report; letters, digits and hyphens."""
    recording: Recording | None
    problem: str
    """Why there is no recording, in a sentence; "" where there is one."""
    speedscope: tuple[str, ...]
    """Links to the run's speedscope files, relative to the report."""

    @property
    def name(self) -> str:
        """Give the words that name it: `buggy on succeeded`, with the workers where there are several."""
        at_scale = f", {self.run.workers} workers" if self.run.workers > 1 else ""
        return f"{self.run.variant} on {self.run.pod}{at_scale}"

    @property
    def cells(self) -> list[Cell]:
        """Give the run's figures."""
        return cells(self.run)

    @property
    def faults(self) -> dict[str, str]:
        """Give the columns that are marked, each with the reason."""
        return marks(self.run)

    @property
    def heavy(self) -> bool:
        """Tell whether its stacks tell something."""
        return heavy(self.run)


@dataclass(frozen=True)
class Report:
    """A comparison and all that belongs to it."""

    comparison: Comparison
    headline: tuple[RunView, ...]
    """The runs of the scenario at scale."""
    matrix: tuple[RunView, ...]
    """All others, in order."""

    @property
    def runs(self) -> tuple[RunView, ...]:
        """Give all runs."""
        return self.matrix + self.headline

    def runs_by_variant(self) -> list[RunView]:
        """Give all runs, those of one variant together."""
        return sorted(self.runs, key=lambda view: words.variant_order(view.run.variant))


def assemble(comparison: Comparison, folder: Path, load: Callable[[Path], Recording]) -> Report:
    """Read the recordings of a comparison.

    Args:
        comparison: the runs.
        folder: where the report and its recordings lie.
        load: reads one recording from its folder; any failure of it makes that run one without a recording.
    """
    at_scale = headline_runs(comparison)
    slugs: set[str] = set()
    views = [_view(run, folder, load, slugs) for run in ordered(comparison.runs)]
    return Report(
        comparison,
        headline=tuple(view for view in views if view.run in at_scale),
        matrix=tuple(view for view in views if view.run not in at_scale),
    )


def _view(run: Run, folder: Path, load: Callable[[Path], Recording], slugs: set[str]) -> RunView:
    """Read what belongs to one run."""
    slug = _slug(run, slugs)
    path = PurePosixPath(run.recording)
    if not run.recording:
        return RunView(run, slug, None, "It has no recording.", ())
    if path.is_absolute() or ".." in path.parts:
        return RunView(run, slug, None, "Its recording lies outside the report and was not read.", ())
    if not (folder / path).is_dir():
        return RunView(run, slug, None, f"Its recording {run.recording} is not there.", ())
    try:
        recording = load(folder / path)
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one recording, the others are shown
        return RunView(run, slug, None, f"Its recording {run.recording} cannot be read: {error}", ())
    return RunView(run, slug, recording, "", tuple(_links(folder, folder / path)))


def _slug(run: Run, taken: set[str]) -> str:
    """Give a name for ids and files that no other run has."""
    base = re.sub(r"[^a-z0-9]+", "-", f"{run.variant}-{run.pod}-{run.workers}".lower()).strip("-")
    slug, number = base, 1
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    taken.add(slug)
    return slug


def _links(folder: Path, recording: Path) -> Iterable[str]:
    """Find the speedscope files of a recording."""
    for path in sorted(recording.glob("**/*speedscope*.json")):
        yield quote(path.relative_to(folder).as_posix())


def by_variant(views: Sequence[RunView]) -> dict[str, list[RunView]]:
    """Group runs by variant, keeping the order."""
    groups: dict[str, list[RunView]] = {}
    for view in views:
        groups.setdefault(view.run.variant, []).append(view)
    return groups
