"""A report's pictures, each as a PNG file and as SVG for the page."""

from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup
from matplotlib.figure import Figure

from diag.reports import charts
from repro.report import plots, words
from repro.report.views import Report, by_variant

FOLDER = "plots"


@dataclass(frozen=True)
class Picture:
    """One figure."""

    name: str
    """The file's stem; unique in the report."""
    title: str
    """What it shows, for those who cannot see it."""
    caption: str
    """The variant that it is about, or "" for the picture of the scenario at scale."""
    figure: Figure

    @property
    def path(self) -> str:
        """Give the PNG's path in the report."""
        return f"{FOLDER}/{self.name}.png"

    def save(self, folder: Path) -> None:
        """Write the PNG into the report's folder."""
        charts.save(self.figure, folder / self.path)

    def svg(self) -> Markup:
        """Give the inline SVG."""
        return charts.svg(self.figure, name=self.name, title=self.title)


def draw(report: Report) -> list[Picture]:
    """Draw all that can be drawn: the scenario at scale first, then a picture a variant."""
    pictures = []
    at_scale = plots.demand(report)
    if at_scale:
        pictures.append(Picture("demand", _demand_title(report), "", at_scale))
    views = report.matrix or report.headline
    limits = plots.scale(views)
    for variant, its in by_variant(views).items():
        course = plots.course(its, limits)
        if course:
            pods = words.listing(dict.fromkeys(view.run.pod for view in its if view.recording))
            title = f"{variant}: CPU cores and live tasks over the phases, on {pods} pods"
            pictures.append(Picture(f"curves-{its[0].slug}", title, variant, course))
    return pictures


def _demand_title(report: Report) -> str:
    """Say the bars in words."""
    parts = [
        f"{view.run.variant} {words.cores(view.run.demand.viewing)} while viewing, "
        f"{words.cores(view.run.demand.after)} after all left"
        for view in report.headline
    ]
    return f"Cores asked for: {'; '.join(parts)}"
