"""Tests for what a look is made of, on recordings made by hand."""

import made_diagnoses
from made_recordings import reading, recording

from diag.recording import Census, Frame, Stacks, StackSample, TaskGroup
from diag.watching import EVENT_LOOP, Look, continues, hot_functions, look_of

ASYNCIO = "/usr/lib/python3.12/asyncio/base_events.py"
FRAMES = (
    Frame(function="<module>", file="/srv/app.py", line=60),
    Frame(function="BaseEventLoop._run_once", file=ASYNCIO, line=1900),
    Frame(function="Handle._run", file="/usr/lib/python3.12/asyncio/events.py", line=88),
    Frame(function="follow", file="/srv/app.py", line=41),
    Frame(function="create_task", file="/usr/lib/python3.12/asyncio/tasks.py", line=417),
    Frame(function="follow", file="/srv/app.py", line=43),
    Frame(function="loads", file="/usr/lib/python3.12/json/__init__.py", line=300),
    Frame(function="typed", file="<string>", line=2),
)


def group(count: int, coroutine: str = "follow", waiting: str = "", state: str = "pending") -> TaskGroup:
    """Make a group."""
    return TaskGroup(
        coroutine=coroutine, file="/srv/app.py", line=40, state=state, count=count, waiting=waiting
    )


def census(at: float, *groups: TaskGroup, pid: int = 7) -> Census:
    """Make a census."""
    return Census(at=at, pid=pid, groups=groups, created=None, seconds=0.1)


def look(at: float, verdict: str = "healthy", **changes: object) -> Look:
    """Make a look of two seconds from nothing."""
    made = made_diagnoses.spin() if verdict == "spin" else made_diagnoses.diagnosis()
    return look_of(recording(**({"seconds": 2.0} | changes)), made, at=at)


def test_levels() -> None:
    """Threads, memory and descriptors are those of the whole tree at the last reading."""
    readings = (
        reading(0.5, threads=90),
        reading(1.0, threads=2, rss_bytes=1000, descriptors=5),
        reading(1.0, pid=8, threads=3, rss_bytes=500, descriptors=4),
    )
    seen = look(2.0, activity=readings)
    assert (seen.threads, seen.memory_bytes, seen.descriptors) == (5, 1500, 9)
    assert look(2.0).threads is None


def test_coroutines() -> None:
    """Live tasks are added up over the processes, with where most of them wait; those that are done do not count."""
    last = (
        census(2.0, group(3, waiting="a"), group(4, waiting="b"), group(9, state="done")),
        census(2.0, group(1, waiting="a"), group(2, "main"), pid=8),
    )
    seen = look(2.0, censuses=last)
    assert [(row.coroutine, row.count, row.waiting, row.per_second) for row in seen.coroutines] == [
        ("follow", 8, "a", None),
        ("main", 2, "", None),
    ]


def test_growth_in_the_first_look() -> None:
    """It is that from the first census of the window to its last."""
    seen = look(2.0, censuses=(census(0.5, group(4)), census(1.0, group(90)), census(2.0, group(10))))
    assert seen.coroutines[0].per_second == 4.0


def test_growth_between_looks() -> None:
    """From then on it is that since the look before; what is new grew from 0."""
    before = look(2.0, censuses=(census(2.0, group(10)),))
    after = look_of(
        recording(censuses=(census(2.0, group(14), group(6, "main")),)),
        made_diagnoses.diagnosis(),
        before,
        at=4.0,
    )
    assert [(row.coroutine, row.per_second) for row in after.coroutines] == [("follow", 2.0), ("main", 3.0)]


def stacks(*samples: tuple[int, ...]) -> Stacks:
    """Make samples."""
    return Stacks(
        pid=7,
        start=0,
        end=1,
        frames=FRAMES,
        samples=tuple(StackSample(at=0.1, thread="main", frames=each) for each in samples),
        ticks=len(samples),
        errors=0,
        late=0.0,
    )


def test_hot_functions() -> None:
    """A sample counts for the innermost frame of one's own; where the event loop runs nothing, for the loop."""
    found = hot_functions(
        recording(stacks=(stacks((0, 1), (0, 1, 2, 3), (0, 1, 2, 3, 4), (0, 1, 2, 5), (6,), (0, 7)),))
    )
    assert [(hot.function, hot.line, round(hot.share, 2)) for hot in found] == [
        ("follow", 41, 0.5),
        (EVENT_LOOP, 0, 0.17),
        ("loads", 300, 0.17),
        ("typed", 2, 0.17),
    ]
    assert hot_functions(recording()) == ()


def test_a_verdict_goes_on() -> None:
    """It does in the next look with the same one; another one is a break, and so is a pause."""
    assert continues(look(2.0, "spin"), look(4.5, "spin"))
    assert not continues(look(2.0), look(4.0, "spin"))
    assert not continues(look(2.0, "spin"), look(64.0, "spin"))
