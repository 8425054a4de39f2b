"""Growth without bound, told from bursts, ramps and chance."""

from collections.abc import Callable, Sequence

import pytest
from made_recordings import reading, recording
from made_snapshots import census

from diag import thresholds
from diag.evidence import growth
from diag.evidence.growth import Growth, Tasks
from diag.rates import Window

WHOLE = Window(0.0, 10.0)


def counted(counts: Sequence[int], times: Sequence[float] = (), created: Sequence[int] = ()) -> Tasks:
    """Describe a process whose `watch` tasks have these counts, at each second or at other times."""
    at = times or range(len(counts))
    made: Sequence[int | None] = created or [None] * len(counts)
    return growth.tasks(
        recording(
            censuses=tuple(
                census(when, number, watch=count, main=1)
                for when, count, number in zip(at, counts, made, strict=True)
            )
        ),
        WHOLE,
        7,
    )


@pytest.mark.parametrize("counts", [[10, 60, 110], [0, 40, 90, 120, 170], [10, 50, 100, 150, 200, 250]])
def test_what_grows_at_every_look_is_a_leak(counts: list[int]) -> None:
    """About evenly, in three, five or more censuses; what stays as it is does not appear."""
    (found,) = counted(counts).growing
    assert (found.name, found.first, found.last) == ("watch", counts[0], counts[-1])
    assert found.per_second == (counts[-1] - counts[0]) / (len(counts) - 1)


@pytest.mark.parametrize(
    "counts",
    [
        [10, 10, 200],
        [10, 200, 200],
        [200, 10, 200],
        [10, 200, 190, 200, 210],
        [200, 110, 60],
        [0, 1, 2, 3, 4],
        [10, 190, 195, 198, 200],
    ],
    ids=["step", "burst", "dip", "levels off with dips", "falls", "few", "levels off"],
)
def test_steps_and_bursts_are_no_leak(counts: list[int]) -> None:
    """What grows once and then stays, comes down, or hardly grows, has a bound."""
    assert counted(counts).growing == ()


def test_uneven_times_are_made_up_for() -> None:
    """A leak of 137 a second is even, wherever the censuses lie."""
    (found,) = counted([255, 288, 612], times=[0.49, 0.73, 3.09]).growing
    assert found.per_second == pytest.approx(137, rel=0.01)


def test_two_looks_need_to_know_how_many_were_made() -> None:
    """Growth between two censuses is a leak only where most of the tasks that were made stay."""
    assert len(counted([10, 110], created=[1000, 1110]).growing) == 1
    assert counted([10, 110], created=[1000, 9000]).growing == ()
    assert counted([10, 110]).growing == ()


def test_a_single_look_tells_the_number_only() -> None:
    """No growth and no rate of one census; nothing at all without one."""
    found = counted([10])
    assert (found.live, found.by_coroutine) == (11, {"watch": 10, "main": 1})
    assert (found.per_second, found.created_per_second, found.growing) == (None, None, ())
    assert growth.tasks(recording(), WHOLE, 7) == Tasks(None, {}, None, None, ())


def test_tasks_made_and_live_a_second() -> None:
    """The slope of all live tasks, and of the numbers that new ones get."""
    found = counted([10, 20, 30], created=[100, 600, 1100])
    assert (found.per_second, found.created_per_second) == (10.0, 500.0)


def test_other_processes_and_times_do_not_count() -> None:
    """Only censuses of the process in the window."""
    one = recording(censuses=tuple(census(at, watch=10 + 100 * at) for at in (0, 1, 2, 3, 50)))
    assert growth.tasks(one, WHOLE, 8).live is None
    (found,) = growth.tasks(one, WHOLE, 7).growing
    assert found.last == 310


def levels(kind: str, count: Callable[[int], int], readings: int = 31) -> list[Growth]:
    """Find the growth of something over three seconds, ten readings each."""
    rows = tuple(reading(n / 10, **{kind: count(n)}) for n in range(readings))
    return growth.others(recording(seconds=3.0, activity=rows), Window(0.0, 3.0), 7)


@pytest.mark.parametrize("kind", ["threads", "connections", "descriptors"])
def test_threads_connections_and_descriptors_leak(kind: str) -> None:
    """They grow in each third of the window."""
    (found,) = levels(kind, lambda n: 5 + 2 * n)
    assert (found.kind, found.first, found.last, found.name) == (kind, 5, 65, "")
    assert found.per_second == pytest.approx(20)


@pytest.mark.parametrize(
    "count",
    [
        lambda n: 5 + 60 * (n > 2),
        lambda n: 5 + 60 * (n > 28),
        lambda n: 65 - 2 * n,
        lambda n: 5 + 6 * (n % 10),
        lambda n: 5 + (n > 15),
    ],
    ids=["early burst", "late burst", "falls", "comes and goes", "hardly"],
)
def test_pools_that_fill_are_no_leak(count: Callable[[int], int]) -> None:
    """What grows in one part of the window only, or falls again, is used and given back."""
    assert levels("descriptors", count) == []
    assert levels("threads", count) == []


def test_few_readings_say_nothing() -> None:
    """Growth takes readings in each third of the window."""
    assert levels("threads", lambda n: 5 + 10 * n, readings=2 * thresholds.GROWTH_LOOKS - 1) == []


@pytest.mark.parametrize(
    ("times", "counts", "steady"),
    [
        ([0, 1, 2], [0, 50, 100], True),
        ([0, 1, 2], [0, 15, 100], True),
        ([0, 1, 2], [0, 10, 100], False),
        ([0, 1, 2], [100, 50, 0], False),
        ([0, 1], [0, 0], False),
        ([1, 1], [0, 9], False),
    ],
)
def test_steadiness(times: list[float], counts: list[int], steady: bool) -> None:  # noqa: FBT001 - a column
    """Each interval has its part of the mean growth: a ramp is a leak that grows with its traffic, a step is none."""
    assert growth.is_steady(times, counts) is steady
