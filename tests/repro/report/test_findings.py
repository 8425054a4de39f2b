"""Each variant is summed up by what was measured of it."""

from typing import Any

from example_runs import comparison, phases, run, spinning

from repro.comparison import Health, Left, Lines, Tasks
from repro.report.findings import diagnosed, findings


def said(variant: str, *runs: Any) -> str:  # noqa: ANN401 - runs of the builders
    """Give what is said of a variant."""
    (text,) = [finding.text for finding in findings(comparison(*runs)) if finding.variant == variant]
    return text


def test_a_variant_is_summed_up_by_its_worst() -> None:
    """CPU, health, tasks, memory and end of a fan-out stand in one sentence."""
    text = said(
        "fan_out",
        spinning(
            "fan_out",
            cores=phases(0, 1.0, None),
            tasks=Tasks(live=phases(4, 1_130_000, None), created_per_second=312_000),
            rss_mb=phases(61, 1024, None),
            health_ms=Health(p50=None, p99=None, failed=3),
            left=Left(tasks=None, connections=None),
            ended="memory limit",
        ),
        run("fan_out", "running"),
    )
    assert text == (
        "burned 1.00 core for one view of a succeeded pod; answered none of 3 health checks; created 312,000 tasks a second; "
        "had 1.13 million tasks alive; grew to 1,024 MiB; was stopped at the memory limit; diag says spin in read_log (variants/fan_out.py:33-44), HL001 ineffective-break. "
        "Nothing on running pods."
    )


def test_losses_and_leavings_are_faults_too() -> None:
    """An idle variant that loses a line, or leaves a reader behind, is not called good."""
    text = said(
        "published",
        run("published", "no-newline", lines=Lines(expected=21, received=20, lost=1, repeated=0)),
        run("published", "running", left=Left(tasks=20, connections=1)),
    )
    assert text == (
        "lost 1 of 21 lines on a no-newline pod; left 20 tasks and one connection behind after one view of a running pod."
    )


def test_a_good_variant_is_said_to_be_good() -> None:
    """With the highest figure, and the lines that came."""
    assert (
        said("hardened", run("hardened", views=20))
        == "took at most 0.01 of a core, all 20 lines delivered once, nothing left behind."
    )


def test_what_was_not_measured_is_not_called_good() -> None:
    """Neither tasks nor connections could be counted: nothing is said of them."""
    text = said("hardened", run("hardened", left=Left(tasks=None, connections=None)))
    assert "left behind" not in text
    assert said("hardened", run("hardened", cores=phases(None, None, None))) == "could not be measured."


def test_every_mark_is_said() -> None:
    """Slow health checks, empty frames and demand alone have their words."""
    slow = run("hardened", health_ms=Health(p50=20, p99=400, failed=0))
    assert said("hardened", slow) == "took up to 400 ms for a health check."
    assert said("hardened", run("hardened", empty_frames=1)) == "sent 1 empty frame."
    assert said("hardened", run("hardened", demand=phases(0, 0.4, 0))) == "asked for 0.40 of a core."


def test_what_diag_says_is_told_of_the_run_that_says_most() -> None:
    """A verdict with its place and causes; healthy and not known say nothing against a variant."""
    quiet, unknown = run(), run(verdicts=("unknown",))
    assert diagnosed([quiet, unknown]) == ""
    assert diagnosed([quiet, spinning(culprit="", causes=()), spinning()]) == (
        "spin in read_log (variants/buggy.py:33-44), HL001 ineffective-break"
    )


def test_a_verdict_alone_is_a_fault() -> None:
    """A run whose figures keep to every budget, and which diag calls a leak."""
    assert said("published", run("published", verdicts=("leak",), culprit="view (a.py:3)")) == (
        "diag says leak in view (a.py:3)."
    )
