"""What a process did over the window, as pictures: cores and demand, live tasks."""

from collections.abc import Iterator

from markupsafe import Markup
from matplotlib.axes import Axes

from diag.recording import Recording
from diag.reports import charts, curves, theme

_WIDTH, _HEIGHT = 380, 190
_FEW = 2
"""Points that a curve needs."""


def pictures(recording: Recording) -> list[Markup]:
    """Draw what can be drawn, as SVG for a page."""
    return [*_cores(recording), *_tasks(recording)]


def _cores(recording: Recording) -> Iterator[Markup]:
    """Draw the cores got and the cores asked for."""
    got, asked = curves.cores(recording), curves.demand(recording)
    if len(got.times) < _FEW:
        return
    with charts.style():
        chart, (axes,) = charts.figure(_WIDTH, _HEIGHT)
        colour = theme.SERIES[1].light
        axes.fill_between(got.times, got.values, color=colour, alpha=0.16, linewidth=0)
        axes.plot(got.times, got.values, color=colour, label="cores")
        axes.plot(
            asked.times,
            asked.values,
            color=theme.INK.light,
            linestyle=(0, (3, 2)),
            linewidth=1.2,
            label="demand",
        )
        top = max(1.0, float(got.values.max()), float(asked.values.max()))
        axes.set_title("Cores, and demand: cores asked for")
        axes.legend(loc="upper left", bbox_to_anchor=(0, 1.02), ncols=2)
        _frame(axes, recording, 1.3 * top)
    highest = f"{float(got.values.max()):.2f}"
    yield charts.svg(chart, name="cores", title=f"Cores and demand over the window; at most {highest} cores")


def _tasks(recording: Recording) -> Iterator[Markup]:
    """Draw the live tasks."""
    live = curves.tasks(recording)
    if len(live.times) < _FEW or not live.values.any():
        return
    with charts.style():
        chart, (axes,) = charts.figure(_WIDTH, _HEIGHT)
        axes.plot(live.times, live.values, color=theme.SERIES[0].light, marker="o", markersize=4)
        axes.set_title("Live tasks")
        _frame(axes, recording, 1.2 * max(4.0, float(live.values.max())))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    first, last = (f"{live.values[at]:,.0f}" for at in (0, -1))
    yield charts.svg(
        chart, name="tasks", title=f"Live tasks over the window: {first} at first, {last} at the end"
    )


def _frame(axes: Axes, recording: Recording, top: float) -> None:
    axes.set_ylim(0, top)
    axes.set_xlim(0, recording.seconds)
    axes.set_xlabel("seconds")
