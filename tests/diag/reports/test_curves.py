"""Curves sum processes up and turn counters into rates."""

import msgspec
import pytest
from example_runs import phases, recording

from diag.reports import curves


def test_cores_are_the_growth_of_cpu_time() -> None:
    """A process that takes a core while viewing shows a core then, and next to none before."""
    curve = curves.cores(recording(cores=phases(0.0, 1.0, 0.0)))
    viewing = curve.values[(curve.times > 2.5) & (curve.times < 6.5)]
    assert viewing.mean() == pytest.approx(1.0, abs=0.05)
    assert curve.values[curve.times < 1.9].max() == 0


def test_processes_are_summed() -> None:
    """Twenty-five processes that share two cores show two cores."""
    curve = curves.cores(recording(cores=phases(0.0, 2.0, 2.0), pids=range(100, 125)))
    assert curve.values[-5:].mean() == pytest.approx(2.0, abs=0.1)


def test_demand_adds_the_wait_for_a_core() -> None:
    """Demand is never under the cores that were got."""
    measured = recording(cores=phases(0.0, 1.0, 1.0))
    assert (curves.demand(measured).values >= curves.cores(measured).values).all()


def test_tasks_are_those_that_live() -> None:
    """The tasks' curve follows the censuses."""
    curve = curves.tasks(recording(live=phases(4, 50, 6)))
    assert curve.values[0] == 4
    assert curve.values.max() == 50
    assert curve.values[-1] == 6


def test_nothing_measured_gives_empty_curves() -> None:
    """Without readings there is no curve, and no failure."""
    nothing = recording(activity=(), censuses=())
    for curve in (
        curves.cores(nothing),
        curves.demand(nothing),
        curves.memory(nothing),
        curves.tasks(nothing),
    ):
        assert len(curve.times) == len(curve.values) == 0


def test_readings_close_together_give_no_spike() -> None:
    """A second reading a millisecond later, with the kernel's 10 ms step between, does not show."""
    measured = recording(cores=phases(0.0, 0.5, 0.5))
    last = measured.activity[-1]
    twin = msgspec.structs.replace(last, at=last.at + 0.001, cpu_user=last.cpu_user + 0.01)
    assert max(curves.cores(recording(activity=(*measured.activity, twin))).values) < 0.6


def test_one_reading_gives_no_rate() -> None:
    """A rate takes two readings; a level takes one."""
    measured = recording()
    single = recording(activity=measured.activity[:1])
    assert len(curves.cores(single).times) == 0
    assert list(curves.memory(single).values) == [61.0]
