"""A run's row, out of a recording and a summary built by hand."""

import made_diagnoses
import msgspec
import pytest

from diag.recording import Activity, Census, Phase, Recording, Settings, Target, TaskGroup
from repro.row import Measured, row
from repro.scenario import Case
from repro.scrape import LoopTotals
from repro.viewers import summary

CASE = Case(variant="buggy", pod="succeeded", views=2)
MIB = 1 << 20


def reading(at: float, cpu: float, *, sampled: bool = False, connections: int = 1) -> Activity:
    """Give a reading of process 7 with a run-queue wait of half its CPU time."""
    return Activity(
        at=at, pid=7, cpu_user=cpu, cpu_system=0.0, run_wait=cpu / 2, voluntary=0, involuntary=0, threads=1,
        rss_bytes=50 * MIB, descriptors=9, connections=connections, sampled=sampled,
    )  # fmt: skip


def census(at: float, live: int, created: int) -> Census:
    """Give a census of process 7."""
    group = TaskGroup(coroutine="read_log", file="v.py", line=1, state="pending", count=live)
    return Census(at=at, pid=7, groups=(group,), created=created, seconds=0.1)


def recording(*, after: bool = True) -> Recording:
    """Record quiet, viewing at 4/3 of a core, and after at half a core."""
    phases = [Phase(name="quiet", start=0, end=1), Phase(name="viewing", start=1, end=4)]
    activity = [reading(0, 0), reading(1, 0), reading(2, 1), reading(3, 3, sampled=True), reading(4, 4)]
    censuses = [census(0.9, 2, 10), census(1.5, 5, 20), census(3.5, 5, 220)]
    if after:
        phases.append(Phase(name="after", start=4, end=6))
        activity.append(reading(6, 5, connections=3))
        censuses.append(census(5.9, 5, 400))
    return Recording(
        target=Target(pid=7, created=0, command=("python",), executable="python", user="u", version="3.11.7"),
        machine=msgspec.convert(
            {
                "cores": 2,
                "processor": "",
                "memory_bytes": 0,
                "kernel": "",
                "python": "",
                "hotloop": "",
                "py_spy": "",
            },
            type=Recording.__annotations__["machine"],
        ),
        settings=Settings(activity_interval=1, stack_rate=100),
        started=0,
        seconds=6,
        phases=tuple(phases),
        activity=tuple(activity),
        stacks=(),
        censuses=tuple(censuses),
        sources=(),
    )


def seen(**lines: int | None) -> summary.Summary:
    """Give a summary with these lines."""
    nothing = summary.Spread(p50=None, p99=None, max=None)
    counted = {
        "expected": None,
        "received": 0,
        "repeated": 0,
        "missing": 0,
        "lost": None,
        "blank": 0,
        "exact": True,
    }
    return summary.Summary(
        url="", variant="buggy", pods=(), started=0, seconds=0, ended="told to stop",
        views=summary.Views(
            asked=2, opened=2, refused=0, untried=0, ended=0, cut=0, left=2, open=0, stopped_reading=0
        ),
        refusals={}, close_codes={}, end_reasons={}, events={},
        lines=msgspec.convert(counted | lines, type=summary.Lines),
        bytes=0, frames=summary.Frames(text=0, binary=0, empty=4), first_line_ms=nothing, end_ms=nothing,
        health_ms=summary.Health(p50=1.0, p99=9.0, max=9.0, answered=10, failed=3),
        generator=summary.Generator(cores=0.1, rss_mb=50),
    )  # fmt: skip


def test_figures_are_of_their_phase() -> None:
    """Cores, demand and memory are those of each phase."""
    run = row(CASE, Measured(ended="deadline", recording=recording()))
    assert run.cores.quiet == 0
    assert run.cores.viewing == pytest.approx(1.3333)
    assert run.demand.viewing == pytest.approx(2)
    assert run.cores.after == pytest.approx(0.5)
    assert run.rss_mb.viewing == 50


def test_tasks_are_counted_and_their_making_is_a_rate() -> None:
    """Live tasks at each phase's end; created ones between the first and the last look while viewing."""
    tasks = row(CASE, Measured(ended="deadline", recording=recording())).tasks
    assert (tasks.live.quiet, tasks.live.viewing, tasks.live.after) == (2, 5, 5)
    assert tasks.created_per_second == pytest.approx(100)


def test_what_the_loop_counted_is_carried_over() -> None:
    """For the phases that it told of; CPU seconds are cores times the phase's length."""
    totals = LoopTotals(turns=120, empty_turns=70, tasks_created=9)
    run = row(CASE, Measured(ended="deadline", recording=recording(), loop={"viewing": totals}))
    assert (run.turns.viewing, run.empty_turns.viewing, run.tasks.created.viewing) == (120, 70, 9)
    assert run.turns.after is None
    assert run.cores.viewing is not None
    viewing = next(phase for phase in recording().phases if phase.name == "viewing")
    assert run.cpu_seconds.viewing == pytest.approx(
        run.cores.viewing * (viewing.end - viewing.start), rel=0.01
    )


def test_what_is_left_is_what_is_more_than_when_quiet() -> None:
    """Tasks and connections beyond those of the idle server."""
    left = row(CASE, Measured(ended="deadline", recording=recording())).left
    assert (left.tasks, left.connections) == (3, 2)


def test_a_run_that_ended_early_has_no_figures_of_later_phases() -> None:
    """What was not measured is None, never 0."""
    run = row(CASE, Measured(ended="memory limit", recording=recording(after=False)))
    assert run.cores.viewing is not None
    assert run.cores.after is None
    assert run.left.tasks is None


def test_a_run_that_failed_is_a_row_too() -> None:
    """Nothing was measured: the row says why, and is empty otherwise."""
    run = row(CASE, Measured(ended="failed: no pods"))
    assert (run.ended, run.cores.quiet, run.health_ms.p50) == ("failed: no pods", None, None)


def test_lines_of_a_log_that_has_ended() -> None:
    """What is lost is what was expected and did not come."""
    lines = row(CASE, Measured(ended="deadline", summary=seen(expected=40, received=38, lost=2))).lines
    assert (lines.expected, lines.received, lines.lost, lines.repeated) == (40, 38, 2, 0)


def test_lines_of_a_log_that_goes_on() -> None:
    """Nobody knows its end: lost are the numbers left out between."""
    lines = row(CASE, Measured(ended="deadline", summary=seen(received=12, repeated=2, missing=3))).lines
    assert (lines.expected, lines.received, lines.lost, lines.repeated) == (13, 12, 3, 2)


def test_what_the_viewers_saw_is_carried_over() -> None:
    """Health and empty frames come from the viewers' summary."""
    run = row(CASE, Measured(ended="deadline", summary=seen()))
    assert (run.health_ms.p99, run.health_ms.failed, run.empty_frames) == (9.0, 3, 4)


@pytest.mark.parametrize(
    ("kind", "culprit", "causes"),
    [
        ("spin", "read_log (variants/buggy.py:33-42)", ("HL001 ineffective-break",)),
        ("storm", "Watch._stream of kubernetes 37.0.1 (watch/watch.py:170-220)", ()),
        ("healthy", "", ()),
    ],
)
def test_the_recording_is_judged(
    kind: str, culprit: str, causes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verdict, place by its file's last folder, a library by its version, causes by code and name."""
    monkeypatch.setattr("repro.row.diagnose", lambda _recording: made_diagnoses.ALL[kind]())
    run = row(CASE, Measured(ended="deadline", recording=recording()))
    assert (run.verdicts, run.culprit, run.causes) == ((kind,), culprit, causes)


def test_without_a_recording_there_is_no_verdict() -> None:
    """Not even that it is not known."""
    assert row(CASE, Measured(ended="failed: no pods")).verdicts == ()
