"""Charts for pages and files: drawn once with matplotlib, saved as PNG, or as SVG that follows the scheme.

No pyplot, so no global state and no display. Importing this module imports matplotlib: do it late.
"""

import io
import re
from contextlib import AbstractContextManager
from pathlib import Path

from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from diag.reports import theme

_STYLE: dict[str, object] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "text.parse_math": False,  # a "$" in a name is a dollar
    "axes.edgecolor": theme.GRID.light,
    "axes.labelcolor": theme.MUTED.light,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.titlecolor": theme.INK.light,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "grid.color": theme.GRID.light,
    "grid.linewidth": 0.7,
    "text.color": theme.INK.light,
    "xtick.color": theme.MUTED.light,
    "ytick.color": theme.MUTED.light,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "lines.linewidth": 1.8,
    "figure.facecolor": theme.CARD.light,
    "hatch.linewidth": 0.8,
    "svg.fonttype": "none",
    "svg.hashsalt": "hotloop",  # the same chart gives the same ids
    "path.simplify_threshold": 0.4,
}
_SCREEN_DPI = 72
"""matplotlib's SVG unit: a point. One becomes one CSS pixel on the page."""
_PRINT_DPI = 160

_DROPPED = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|<defs>\s*<style.*?</style>\s*</defs>",
    re.DOTALL,
)
_TAG = re.compile(r"<[^>]+>")
_NUMBER = re.compile(r"-?\d+\.\d{2,}")
_IDENTIFIER = re.compile(r'(\bid="|xlink:href="#|url\(#)([^")]+)')
_FONT = re.compile(r"font: (?:(\w+) )?([\d.]+)px [^;\"]*")


def figure(width: float, height: float, *, rows: int = 1, share_x: bool = False) -> tuple[Figure, list[Axes]]:
    """Make a figure of `width` x `height` CSS pixels with `rows` axes above each other."""
    with style():
        chart = Figure(figsize=(width / _SCREEN_DPI, height / _SCREEN_DPI), layout="constrained")
        axes = chart.subplots(rows, 1, sharex=share_x, squeeze=False)
    return chart, [row[0] for row in axes]


def style() -> AbstractContextManager[None]:
    """Give the context in which everything on a figure is to be drawn and saved."""
    return rc_context(_STYLE)  # type: ignore[arg-type] # matplotlib types the keys as literals


def png(chart: Figure) -> bytes:
    """Give the figure as PNG, in the light scheme."""
    buffer = io.BytesIO()
    with style():
        chart.savefig(buffer, format="png", dpi=_PRINT_DPI, metadata={"Software": None})
    return buffer.getvalue()


def save(chart: Figure, path: Path) -> None:
    """Write the figure as PNG.

    Raises:
        OSError: `path` cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(chart))


def svg(chart: Figure, *, name: str, title: str) -> Markup:
    """Give the figure as inline SVG whose colours are CSS variables and whose text takes the page's font.

    Args:
        chart: the figure.
        name: what its ids start with, to be unique on the page.
        title: what it shows, for those who cannot see it.
    """
    buffer = io.StringIO()
    with style():
        chart.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = _DROPPED.sub("", buffer.getvalue())
    head, _, body = text.partition(">")
    box = re.search(r'viewBox="([^"]+)"', head)
    opening = Markup('<svg class="chart" viewBox="{}" role="img" aria-label="{}"><title>{}</title>').format(
        box.group(1) if box else "", title, title
    )
    return opening + Markup(_tidy(body, name))  # noqa: S704 - matplotlib escapes what it is given


def _tidy(body: str, name: str) -> str:
    """Shorten what stands inside tags, and leave the texts between them as they are."""
    return re.sub(r"\n\s*", "\n", _TAG.sub(lambda match: _tidy_tag(match.group(), name), body))


def _tidy_tag(body: str, name: str) -> str:
    """Shorten the numbers, prefix the ids, take colours and fonts from the page."""
    body = _NUMBER.sub(lambda match: f"{float(match.group()):.1f}".removesuffix(".0"), body)
    body = _IDENTIFIER.sub(lambda match: f"{match.group(1)}{name}-{match.group(2)}", body)
    body = body.replace("xlink:href", "href")
    body = _FONT.sub(
        lambda match: f"font-size: {match.group(2)}px; font-weight: {match.group(1) or 400}", body
    )
    for colour in theme.COLOURS:
        body = body.replace(colour.light, colour.variable)
    return body
