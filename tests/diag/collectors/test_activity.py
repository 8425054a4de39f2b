"""Readings of a process tree, from a hand-made /proc."""

from collections.abc import Callable
from pathlib import Path

import pytest
from made_proc import PAGE, MadeProc

from diag.collectors.activity import NO_SCHEDSTAT, ActivityReader
from diag.collectors.proc import Proc
from diag.recording import Activity

SECOND = 10**9


@pytest.fixture
def made(tmp_path: Path) -> MadeProc:
    """Give an empty /proc."""
    return MadeProc(tmp_path)


@pytest.fixture
def read(made: MadeProc) -> Callable[..., dict[int, Activity]]:
    """Give a reader of process 7 that answers a reading by pid."""
    reader = ActivityReader(7, proc=Proc(str(made.root)), clock=lambda: 0.0)

    def take(at: float = 0.0, *, sampled: int | None = None) -> dict[int, Activity]:
        return {activity.pid: activity for activity in reader.read(at, sampled=sampled)}

    return take


Read = Callable[..., dict[int, Activity]]


def test_a_reading_has_the_figures_of_proc(made: MadeProc, read: Read) -> None:
    """CPU comes in seconds, memory in bytes; a name with parentheses and blanks confuses nothing."""
    made.process(7, user=1.5, system=0.25, rss=3, descriptors=["/dev/null", "pipe:[4]"], name="a) (b")
    assert read(2.0) == {
        7: Activity(
            at=2.0,
            pid=7,
            cpu_user=1.5,
            cpu_system=0.25,
            run_wait=0.0,
            voluntary=0,
            involuntary=0,
            threads=1,
            rss_bytes=3 * PAGE,
            descriptors=2,
            connections=0,
            sampled=False,
        )
    }


def test_wait_and_switches_count_from_the_first_reading(made: MadeProc, read: Read) -> None:
    """They are summed over the threads, and what was before does not count."""
    made.process(7, threads={7: (0, 5 * SECOND, 10, 100, 10), 8: (0, SECOND, 10, 50, 5)})
    assert (read()[7].run_wait, read()[7].voluntary) == (0.0, 0)
    made.process(7, threads={7: (0, 6 * SECOND, 12, 101, 11), 8: (0, 3 * SECOND, 19, 57, 5)})
    found = read()[7]
    assert (found.run_wait, found.voluntary, found.involuntary) == (3.0, 8, 1)


def test_a_thread_that_ends_takes_nothing_away(made: MadeProc, read: Read) -> None:
    """The sums never fall, and a new thread counts from its start, also one with an old number."""
    made.process(7, threads={7: (0, 0, 1, 0, 0), 8: (0, 9 * SECOND, 9, 900, 9)})
    read()
    made.process(7, threads={7: (0, SECOND, 2, 5, 0)})
    assert (read()[7].run_wait, read()[7].voluntary) == (1.0, 5)
    made.process(7, threads={7: (0, SECOND, 2, 5, 0), 8: (0, 2 * SECOND, 3, 3, 0)})
    assert (read()[7].run_wait, read()[7].voluntary) == (3.0, 8)
    made.process(7, threads={7: (0, SECOND, 2, 5, 0), 8: (0, SECOND, 1, 1, 0)})
    assert (read()[7].run_wait, read()[7].voluntary) == (4.0, 9)


def test_children_come_and_go(made: MadeProc, read: Read) -> None:
    """A child's whole life counts; children of children are found; who has ended is left out."""
    made.process(7)
    read()
    made.process(7, children=[8])
    made.process(8, parent=7, children=[9], threads={8: (0, SECOND, 4, 40, 4)})
    made.process(9, parent=8)
    found = read()
    assert set(found) == {7, 8, 9}
    assert (found[8].run_wait, found[8].voluntary) == (1.0, 40)
    made.process(7)
    made.gone(8)
    made.process(9, parent=1)
    assert set(read()) == {7, 9}, "a child stays in the tree when its parent has gone"
    made.process(9, parent=1, state="Z")
    assert set(read()) == {7}
    made.gone(7)
    assert read() == {}


def test_an_old_number_is_not_the_old_process(made: MadeProc, read: Read) -> None:
    """A pid that passed to somebody else leaves the tree; the target's own does too."""
    made.process(7, children=[8])
    made.process(8, parent=7)
    assert set(read()) == {7, 8}
    made.process(7)
    made.process(8, parent=1, start=900)
    assert set(read()) == {7}
    made.process(7, start=901)
    assert read() == {}
    assert read() == {}


def test_an_old_number_may_be_a_new_child(made: MadeProc, read: Read) -> None:
    """A new child with an old number counts from its own start."""
    made.process(7, children=[8])
    made.process(8, parent=7, threads={8: (0, 9 * SECOND, 9, 9, 9)})
    read()
    made.process(8, parent=7, start=900, threads={8: (0, SECOND, 9, 2, 0)})
    assert (read()[8].run_wait, read()[8].voluntary) == (1.0, 2)


def test_a_kernel_without_lists_of_children(made: MadeProc, read: Read) -> None:
    """The children are found by their parents."""
    made.process(7)
    made.process(8, parent=7)
    made.process(99, parent=1)
    for pid in (7, 8, 99):
        (made.root / str(pid) / "task" / str(pid) / "children").unlink()
    assert set(read()) == {7, 8}


def test_a_kernel_without_schedstat_is_noted(made: MadeProc) -> None:
    """Switches are read all the same, and the missing wait is said."""
    reader = ActivityReader(7, proc=Proc(str(made.root)), clock=lambda: 0.0)
    for switches in (3, 8):
        made.process(7, threads={7: (0, 0, 0, switches, 0)})
        (made.root / "7" / "task" / "7" / "schedstat").unlink()
        (found,) = reader.read(0.0)
    assert (found.run_wait, found.voluntary) == (0.0, 5)
    assert reader.notes == {NO_SCHEDSTAT}


def test_threads_of_a_process_are_followed(made: MadeProc) -> None:
    """For the process that is followed, each thread's time on or waiting for a core is kept, until another one is."""
    reader = ActivityReader(7, proc=Proc(str(made.root)), clock=lambda: 0.0)
    made.process(7, threads={7: (2 * SECOND, SECOND, 1, 0, 0)})
    reader.follow(7)
    assert reader.read(1.0, sampled=7)[0].sampled
    assert reader.runnable == {7: [(1.0, 3.0)]}
    reader.follow(None)
    assert not reader.read(2.0)[0].sampled
    assert reader.runnable == {}
