"""TCP connections counted from a hand-made /proc."""

from pathlib import Path

from made_proc import MadeProc

from diag.collectors.connections import ConnectionCounter
from diag.collectors.proc import Proc


class Clock:
    """A clock that moves when it is told to, and a little at each look."""

    def __init__(self) -> None:
        self.now = 0.0
        self.cost = 0.0

    def __call__(self) -> float:
        """Give the time."""
        self.now += self.cost
        return self.now


def test_established_connections_of_the_process_itself_count(tmp_path: Path) -> None:
    """Those of others, listening sockets and duplicates of a descriptor do not."""
    made = MadeProc(tmp_path)
    made.process(
        7, descriptors=["socket:[1]", "socket:[1]", "socket:[2]", "socket:[3]", "/dev/null", "socket:[5]"]
    )
    made.process(8, descriptors=["socket:[4]"])
    for pid in (7, 8):
        made.connections(pid, (1, "01"), (2, "0A"), (3, "06"), (4, "01"))
        made.connections(pid, (5, "01"), table="tcp6")
    counter = ConnectionCounter(Proc(str(tmp_path)), Clock())
    assert counter.count([7, 8]) == {7: 2, 8: 1}


def test_a_process_that_may_not_be_looked_at_counts_none(tmp_path: Path) -> None:
    """No table, no network namespace, or gone: 0."""
    made = MadeProc(tmp_path)
    made.process(7)
    assert ConnectionCounter(Proc(str(tmp_path)), Clock()).count([7, 9]) == {7: 0, 9: 0}


def test_dear_looks_get_rare(tmp_path: Path) -> None:
    """After a look of one second the next fifty seconds answer what it found, unless fresh figures are wanted."""
    made = MadeProc(tmp_path)
    made.process(7, descriptors=["socket:[1]"])
    made.connections(7, (1, "01"))
    clock = Clock()
    counter = ConnectionCounter(Proc(str(tmp_path)), clock)
    clock.cost = 1.0
    assert counter.count([7]) == {7: 1}
    clock.cost = 0.0
    made.connections(7)
    clock.now += 49
    assert counter.count([7]) == {7: 1}
    assert counter.count([7], fresh=True) == {7: 0}
    made.connections(7, (1, "01"))
    clock.now += 2
    assert counter.count([7]) == {7: 1}


def test_a_new_process_is_looked_at_anew(tmp_path: Path) -> None:
    """What is not known cannot be answered from memory."""
    made = MadeProc(tmp_path)
    clock = Clock()
    clock.cost = 1.0
    for pid in (7, 8):
        made.process(pid, descriptors=["socket:[1]"])
        made.connections(pid, (1, "01"))
    counter = ConnectionCounter(Proc(str(tmp_path)), clock)
    counter.count([7])
    assert counter.count([7, 8]) == {7: 1, 8: 1}
