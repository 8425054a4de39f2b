"""Figures derived from readings."""

import pytest
from made_recordings import reading, recording

from diag import rates
from diag.rates import Window
from diag.recording import Activity, Census, Phase, Recording, TaskGroup


def spinning(until: int, pid: int = 7, since: int = 0) -> list[Activity]:
    """Make a reading a second of a process that spins, and waits half of the time."""
    return [
        reading(at, pid, cpu_user=100 + 0.75 * at, cpu_system=0.25 * at, run_wait=0.5 * at, voluntary=10 * at)
        for at in range(since, until + 1)
    ]


def made(*activity: Activity, **changes: object) -> Recording:
    """Make a recording of readings."""
    return recording(activity=tuple(sorted(activity, key=lambda r: r.at)), **changes)


def test_averages_over_the_whole() -> None:
    """Cores are CPU a second, demand has the wait as well, and what was used before does not count."""
    found = rates.rates(made(*spinning(10)))
    assert found == rates.Rates(
        cores=1.0, demand=1.5, system_share=0.25, voluntary=10.0, involuntary=0.0, seconds=10.0
    )


def test_a_window_between_readings_is_interpolated() -> None:
    """A window need not begin or end at a reading."""
    found = rates.rates(made(reading(0), reading(4, cpu_user=4)), Window(1.0, 3.0))
    assert found is not None
    assert (found.cores, found.seconds) == (1.0, 2.0)


def test_a_phase_is_a_window() -> None:
    """A phase is named; one that is not there is an error and not a zero."""
    source = made(*spinning(10), phases=(Phase(name="quiet", start=0, end=4),))
    found = rates.rates(source, "quiet")
    assert found is not None
    assert found.seconds == 4.0
    with pytest.raises(KeyError):
        rates.rates(source, "viewing")


def test_a_process_that_appears_counts_from_its_birth() -> None:
    """A child seen first at 5 with 0.9 s of CPU used them since the reading before."""
    parent = [reading(at) for at in range(11)]
    child = [reading(at, 8, cpu_user=0.9 + (at - 5)) for at in range(5, 8)]
    source = made(*parent, *child)
    assert rates.rates(source, Window(4, 5)).cores == pytest.approx(0.9)  # type: ignore[union-attr] # it was measured
    assert rates.rates(source).cores == pytest.approx(0.29)  # type: ignore[union-attr] # likewise


def test_a_process_that_vanishes_takes_nothing_away() -> None:
    """After its last reading the sum stays where it was."""
    source = made(*spinning(10), *spinning(4, pid=8))
    before, after = rates.rates(source, Window(0, 4)), rates.rates(source, Window(4, 10))
    assert (before.cores, after.cores) == (2.0, 1.0)  # type: ignore[union-attr] # both were measured


def test_an_old_number_with_a_new_process_counts_from_zero() -> None:
    """A counter that fell is a new process."""
    found = rates.rates(made(reading(0, cpu_user=5), reading(1, cpu_user=6), reading(2, cpu_user=0.5)))
    assert found is not None
    assert found.cores == pytest.approx(0.75)


def test_one_process_of_the_tree() -> None:
    """The tree is the sum; a pid picks one."""
    source = made(*spinning(4), *[reading(at, 8, cpu_user=0.1 * at) for at in range(5)])
    assert rates.rates(source).cores == pytest.approx(1.1)  # type: ignore[union-attr] # it was measured
    assert rates.rates(source, pid=8).cores == pytest.approx(0.1)  # type: ignore[union-attr] # likewise
    assert rates.rates(source, pid=9) is None


def test_sampling_is_left_out_if_asked_for() -> None:
    """The switches that the sampler causes are not the process's."""
    source = made(
        reading(0),
        reading(1, voluntary=1, cpu_user=1),
        reading(2, voluntary=101, cpu_user=2, sampled=True),
        reading(3, voluntary=102, cpu_user=3),
    )
    found = rates.rates(source, undisturbed=True)
    assert found is not None
    assert (found.voluntary, found.seconds) == (1.0, 2.0)
    assert rates.rates(source, Window(1, 2), undisturbed=True) is None


def test_nothing_measured_is_none() -> None:
    """No reading, or one alone, gives no rate."""
    assert rates.rates(made()) is None
    assert rates.rates(made(reading(0))) is None
    assert rates.rates(made(*spinning(4)), Window(6, 9)) is None
    assert rates.peak_rss(made()) is None
    assert rates.connections_at_end(made()) is None
    assert rates.tasks_live(made()) is None


def test_memory_and_connections_of_the_tree() -> None:
    """Memory is the most at one reading, connections those at the end of the window."""
    source = made(
        reading(0, rss_bytes=10),
        reading(1, rss_bytes=30, connections=5),
        reading(1, 8, rss_bytes=30, connections=1),
        reading(2, rss_bytes=50, connections=2),
    )
    assert rates.peak_rss(source) == 60
    assert rates.peak_rss(source, Window(1.5, 3), pid=7) == 50
    assert rates.connections_at_end(source) == 2
    assert rates.connections_at_end(source, Window(0, 1)) == 6


def census(at: float, pid: int, created: int | None, live: int) -> Census:
    """Make a census of one coroutine, and a done task that does not count as live."""
    groups = (
        TaskGroup(coroutine="read", file="/a.py", line=1, state="pending", count=live),
        TaskGroup(coroutine="read", file="/a.py", line=1, state="done", count=3),
    )
    return Census(at=at, pid=pid, groups=groups, created=created, seconds=0.1)


def test_tasks_of_two_censuses() -> None:
    """Created tasks are a rate between two censuses of each process, the first before the window at the most."""
    source = made(
        censuses=(census(1, 7, 100, 5), census(1, 8, 0, 1), census(3, 7, 300, 6), census(3, 8, 50, 2)),
    )
    assert rates.tasks_created(source) == pytest.approx(125)
    assert rates.tasks_created(source, pid=8) == pytest.approx(25)
    assert rates.tasks_created(source, Window(2, 4)) == pytest.approx(125)
    assert rates.tasks_created(source, Window(0, 2)) is None
    assert rates.tasks_created(source, Window(3.5, 4)) is None
    assert rates.tasks_live(source) == 8
    assert rates.tasks_live(source, Window(0, 2)) == 6


def test_a_look_that_saw_no_recent_task_is_passed_over() -> None:
    """Where numbers are counts from below, one under an earlier one says nothing of the rate."""
    looks = ((1, 100), (2, 300), (3, 7), (4, 700), (5, 7))
    source = made(censuses=tuple(census(at, 7, number, 1) for at, number in looks))
    assert rates.tasks_created(source) == pytest.approx(200)
