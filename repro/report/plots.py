"""The pictures of a comparison: what was asked for at scale, and each variant's course over the phases."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from diag.recording import Phase, Recording
from diag.reports import charts, curves, theme
from repro.report import words
from repro.report.marks import ARTICLE_CORES, CORES
from repro.report.views import Report, RunView

_DASHES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 1)), (0, (1, 3)))
_PHASES = {"quiet": "quiet", "viewing": "viewing", "after": "after all left"}
_BAR = 0.46
_LEGEND_COLUMNS = 3
_FEW = 12


@dataclass(frozen=True)
class Scale:
    """What the small multiples share, so that they can be compared."""

    seconds: tuple[float, float]
    cores: float
    tasks: float
    pods: tuple[str, ...]
    """Each kind's place tells its colour and dashes."""


def demand(report: Report) -> Figure | None:
    """Draw, for each run at scale, the cores asked for and the cores got, while viewing and afterwards."""
    bars = [bar for view in report.headline for bar in _bars(view)]
    if not bars:
        return None
    top = max(1.0, *(asked for _, asked, _ in bars))
    with charts.style():
        chart, (axes,) = charts.figure(350, 60 + 44 * len(bars))
        for place, (label, asked, got) in enumerate(bars):
            colour = (theme.SERIES[1] if asked > 1 else theme.SERIES[2]).light
            axes.barh(place, asked, _BAR, color="none", edgecolor=colour, hatch="////", linewidth=1)
            axes.barh(place, got, _BAR, color=colour, edgecolor=colour, linewidth=1)
            axes.text(
                0,
                place - 0.3,
                label,
                va="bottom",
                fontsize=10,
                bbox={"facecolor": theme.CARD.light, "edgecolor": "none", "pad": 0.5},
            )
        axes.set_xlim(0, top * 1.04)
        axes.set_ylim(len(bars) - 0.55, -1.05)
        axes.set_yticks([])
        axes.set_xlabel("cores")
        axes.spines["left"].set_visible(True)
        _machine_line(axes, report)
    return chart


def _bars(view: RunView) -> list[tuple[str, float, float]]:
    """Give a run's bars: what to write above, cores asked for, cores got."""
    run = view.run
    phases = (
        ("viewing", run.demand.viewing, run.cores.viewing),
        ("after all left", run.demand.after, run.cores.after),
    )
    return [
        (f"{run.variant}, {phase}: {words.cores(asked)} asked for, {words.cores(got)} got", asked, got or 0)
        for phase, asked, got in phases
        if asked is not None
    ]


def _machine_line(axes: Axes, report: Report) -> None:
    """Draw how many cores there are."""
    cores = report.comparison.machine.get("cores")
    if cores is None or float(cores) > axes.get_xlim()[1]:
        return
    axes.axvline(float(cores), color=theme.BUDGET.light, linewidth=1.2, linestyle=(0, (4, 2)))
    axes.text(
        float(cores), -0.78, f" the machine has {cores}", color=theme.BUDGET.light, va="bottom", fontsize=9.5
    )


def scale(views: Sequence[RunView]) -> Scale:
    """Find limits that hold all curves."""
    start, end, cores, tasks = 0.0, 1.0, 1.15, 10.0
    for view in views:
        if view.recording is None:
            continue
        origin = _viewing(view.recording)
        start, end = min(start, -origin), max(end, view.recording.seconds - origin)
        cores = max(cores, 1.08 * max(curves.cores(view.recording).values, default=0))
        tasks = max(tasks, 2 * max(curves.tasks(view.recording).values, default=0))
    pods = sorted({view.run.pod for view in views}, key=words.pod_order)
    return Scale((start, end), cores, tasks, tuple(pods))


def _viewing(recording: Recording) -> float:
    """Give the moment at which the viewers came."""
    return next((phase.start for phase in recording.phases if phase.name == "viewing"), 0.0)


def course(views: Sequence[RunView], limits: Scale) -> Figure | None:
    """Draw one variant's CPU and tasks over the phases, a line a run."""
    recorded = [(view, view.recording) for view in views if view.recording is not None]
    if not recorded:
        return None
    with charts.style():
        chart, (cpu, tasks) = charts.figure(
            360, 345 + 14 * (len(recorded) > _LEGEND_COLUMNS), rows=2, share_x=True
        )
        for view, recording in recorded:
            _lines(cpu, tasks, limits.pods.index(view.run.pod), view, recording)
        longest = max((recording for _, recording in recorded), key=lambda recording: recording.seconds)
        for axes in (cpu, tasks):
            _shade(axes, longest)
        _finish_cpu(cpu, limits, longest.phases, _viewing(longest))
        _finish_tasks(tasks, limits)
        chart.legend(
            *cpu.get_legend_handles_labels(),
            loc="outside upper left",
            title=recorded[0][0].run.variant,
            title_fontproperties={"size": 12, "weight": "bold"},
            alignment="left",
            ncols=_LEGEND_COLUMNS,
            handlelength=2.2,
            columnspacing=1.2,
        )
    return chart


def _lines(cpu: Axes, tasks: Axes, place: int, view: RunView, recording: Recording) -> None:
    """Draw one run's curves; a cross where it ended before its time."""
    origin = _viewing(recording)
    colour = theme.SERIES[place % len(theme.SERIES)].light
    for axes, curve in ((cpu, curves.cores(recording)), (tasks, curves.tasks(recording))):
        if not len(curve.times):
            continue
        axes.plot(
            curve.times - origin,
            curve.values,
            color=colour,
            linestyle=_DASHES[place % len(_DASHES)],
            label=view.run.pod,
            marker="." if len(curve.times) < _FEW else "",
        )
        if view.run.ended != "deadline":
            axes.plot(curve.times[-1] - origin, curve.values[-1], "X", color=colour, markersize=7)


def _shade(axes: Axes, recording: Recording) -> None:
    """Set the viewing phase off from the others."""
    origin = _viewing(recording)
    for phase in recording.phases:
        if phase.name == "viewing":
            axes.axvspan(
                phase.start - origin, phase.end - origin, color=theme.SHADE.light, linewidth=0, zorder=0
            )


def _finish_cpu(axes: Axes, limits: Scale, phases: Sequence[Phase], origin: float) -> None:
    """Label the upper axes: budgets and phases."""
    axes.set_ylim(-0.02, limits.cores)
    axes.set_xlim(*limits.seconds)
    axes.set_ylabel("cores")
    for budget in (ARTICLE_CORES, CORES):
        axes.axhline(budget, color=theme.BUDGET.light, linewidth=1, linestyle=(0, (4, 2)), zorder=1)
        axes.text(
            limits.seconds[0], budget, f" {budget:g}", color=theme.BUDGET.light, va="bottom", fontsize=8
        )
    for phase in phases:
        middle = (phase.start + phase.end) / 2 - origin
        axes.text(
            middle,
            1.01,
            _PHASES.get(phase.name, phase.name),
            transform=axes.get_xaxis_transform(),
            ha="center",
            va="bottom",
            fontsize=8.5,
            color=theme.MUTED.light,
        )


def _finish_tasks(axes: Axes, limits: Scale) -> None:
    """Label the lower axes; a log scale, for a leak goes from tens to millions."""
    axes.set_yscale("log")
    axes.set_ylim(1, limits.tasks)
    axes.set_ylabel("live tasks")
    axes.set_xlabel("seconds since the viewers came")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: words.count(value)))
    axes.minorticks_off()
