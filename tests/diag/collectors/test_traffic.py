"""Bytes, descriptors and new sockets read from a hand-made /proc."""

from pathlib import Path

from made_proc import MadeProc

from diag.collectors.proc import Proc
from diag.collectors.traffic import NO_DESCRIPTORS, NO_IO, TrafficReader
from diag.recording import Traffic


def with_io(root: Path, pid: int, read: int, written: int, descriptors: tuple[str, ...] = ()) -> None:
    """Write a process with its counters and descriptors."""
    MadeProc(root).process(pid, descriptors=descriptors)
    (root / str(pid) / "io").write_text(f"rchar: {read}\nwchar: {written}\nsyscr: 1\nsyscw: 1\n")


def test_bytes_and_descriptors_by_kind(tmp_path: Path) -> None:
    """Duplicates of a socket count as descriptors; what is neither socket nor pipe is a file."""
    kinds = ("socket:[1]", "socket:[1]", "socket:[2]", "pipe:[3]", "/dev/null", "anon_inode:[eventpoll]")
    with_io(tmp_path, 7, 1000, 50, kinds)
    assert TrafficReader(Proc(str(tmp_path))).read(0.5, [7]) == [
        Traffic(at=0.5, pid=7, read_bytes=1000, written_bytes=50, sockets=3, pipes=1, files=2)
    ]


def test_sockets_that_come_and_go_add_up(tmp_path: Path) -> None:
    """Those of the first reading are not new; one that comes back was seen already."""
    reader = TrafficReader(Proc(str(tmp_path)))
    counts = []
    for at, sockets in enumerate([(1,), (1, 2), (3,), (1, 2, 3), ()]):
        with_io(tmp_path, 7, 0, 0, tuple(f"socket:[{inode}]" for inode in sockets))
        counts += [traffic.new_sockets for traffic in reader.read(at, [7])]
    assert counts == [0, 1, 2, 2, 2]


def test_all_sockets_of_a_later_process_are_new(tmp_path: Path) -> None:
    """It was born while we looked, so it opened them since the first reading."""
    with_io(tmp_path, 7, 0, 0, ("socket:[1]",))
    reader = TrafficReader(Proc(str(tmp_path)))
    reader.read(0, [7])
    with_io(tmp_path, 8, 0, 0, ("socket:[2]", "socket:[3]"))
    assert [traffic.new_sockets for traffic in reader.read(1, [7, 8])] == [0, 2]


def test_dear_looks_at_descriptors_get_rare(tmp_path: Path) -> None:
    """Bytes are read each time; descriptors as often as their share of the time allows, those of a new process at once."""
    clock = iter([0.0, 0.03, 1.0, 2.0, 3.0, 3.0]).__next__
    reader = TrafficReader(Proc(str(tmp_path)), clock=clock)
    with_io(tmp_path, 7, 10, 0, ("socket:[1]",))
    reader.read(0.0, [7])
    with_io(tmp_path, 7, 20, 0, ("socket:[2]", "pipe:[1]"))
    with_io(tmp_path, 8, 5, 0, ("socket:[3]",))
    rows = reader.read(0.9, [7, 8])
    assert [(row.read_bytes, row.sockets, row.pipes) for row in rows] == [(20, 1, 0), (5, 1, 0)]
    rows = reader.read(1.1, [7, 8])
    assert [(row.sockets, row.pipes, row.new_sockets) for row in rows] == [(1, 1, 1), (1, 0, 1)]


def test_who_has_gone_has_no_traffic(tmp_path: Path) -> None:
    """That is no failure and needs no note."""
    reader = TrafficReader(Proc(str(tmp_path)))
    assert reader.read(0, [7]) == []
    assert not reader.notes


def test_what_is_forbidden_is_noted(tmp_path: Path) -> None:
    """It counts as nothing, and a sentence says so."""

    class Closed(Proc):
        """Another user's processes."""

        def read(self, pid: int, name: str) -> bytes:
            """Refuse."""
            raise PermissionError(13, "Permission denied", self.path(pid, name))

        def path(self, pid: int, name: str = "") -> str:
            """Refuse."""
            raise PermissionError(13, "Permission denied", f"{pid}/{name}")

    reader = TrafficReader(Closed(str(tmp_path)))
    assert reader.read(0, [7]) == [Traffic(at=0, pid=7)]
    assert reader.notes == {NO_IO, NO_DESCRIPTORS}


def test_a_kernel_that_keeps_no_count(tmp_path: Path) -> None:
    """A process that lives without an `io` file has 0 bytes, and its descriptors."""
    MadeProc(tmp_path).process(7, descriptors=["pipe:[1]"])
    assert TrafficReader(Proc(str(tmp_path))).read(0, [7]) == [Traffic(at=0, pid=7, pipes=1)]
