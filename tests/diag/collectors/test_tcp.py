"""TCP connections: of this very process from the kernel, and of hand-made ones from their tables."""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from made_proc import MadeProc

from diag.collectors.descriptors import DescriptorReader
from diag.collectors.proc import Proc
from diag.collectors.tcp import NO_CONNECTIONS, ConnectionReader
from diag.recording import Connection


class Pair:
    """Two ends of a loopback connection in this process, and the socket that listens."""

    def __init__(self, family: socket.AddressFamily) -> None:
        self.listening = socket.create_server(
            ("", 0) if family == socket.AF_INET6 else ("127.0.0.1", 0), family=family
        )
        self.client = socket.create_connection(self.listening.getsockname()[:2])
        self.server, _ = self.listening.accept()


@contextlib.contextmanager
def pair(family: socket.AddressFamily = socket.AF_INET) -> Iterator[Pair]:
    """Connect, and close everything at the end."""
    made = Pair(family)
    try:
        yield made
    finally:
        for end in (made.listening, made.client, made.server):
            end.close()


def inode(end: socket.socket) -> int:
    """Give what identifies a socket."""
    return os.fstat(end.fileno()).st_ino


def of(reader: ConnectionReader, end: socket.socket) -> Connection:
    """Read this process's connections and give that of a socket."""
    (found,) = (row for row in reader.read(0.0, [os.getpid()]) if row.identity == inode(end))
    return found


def soon(look: Callable[[], Connection], state: str) -> Connection:
    """Look until the connection is in a state."""
    deadline = time.monotonic() + 5
    while (found := look()).state != state:
        assert time.monotonic() < deadline, found
    return found


def refuse(_proc: Proc, _pid: int) -> NoReturn:
    """Stand for a kernel or a container without sock_diag."""
    raise OSError(93, "Protocol not supported")


@pytest.fixture(params=["kernel", "tables"])
def reader(request: pytest.FixtureRequest) -> ConnectionReader:
    """Read from sock_diag, or from the tables where that is not to be had."""
    if request.param == "tables":
        return ConnectionReader(Proc(), connect=refuse, clock=lambda: 0.0)
    return ConnectionReader(Proc(), clock=lambda: 0.0)


def test_both_ends_are_connections(reader: ConnectionReader) -> None:
    """Each has its own row, with the addresses swapped; the listening socket has one too."""
    with pair() as made:
        client, server, listening = (of(reader, end) for end in (made.client, made.server, made.listening))
        port = made.listening.getsockname()[1]
        assert client.remote == server.local == f"127.0.0.1:{port}"
        assert client.local == server.remote == f"127.0.0.1:{made.client.getsockname()[1]}"
        assert (client.state, server.state) == ("ESTAB", "ESTAB")
        assert (listening.state, listening.local, listening.remote) == (
            "LISTEN",
            f"127.0.0.1:{port}",
            "0.0.0.0:0",
        )


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6")
def test_addresses_of_ipv6(reader: ConnectionReader) -> None:
    """They stand in brackets, as `ss` writes them."""
    with pair(socket.AF_INET6) as made:
        port = made.listening.getsockname()[1]
        assert of(reader, made.listening).local == f"[::]:{port}"
        assert of(reader, made.client).remote == f"[::1]:{port}"


def test_what_waits(reader: ConnectionReader) -> None:
    """Bytes that wait to be read; for the listening socket, connections that wait to be accepted."""
    with pair() as made:
        made.client.sendall(b"x" * 1000)
        with socket.create_connection(made.listening.getsockname()):
            assert of(reader, made.server).unread == 1000
            assert of(reader, made.listening).unread == 1
        made.server.recv(400)
        assert of(reader, made.server).unread == 600


def test_the_end_of_the_stream_is_no_byte(reader: ConnectionReader) -> None:
    """The kernel counts the FIN as one received and unread; the rows do not, read or not."""
    with pair() as made:
        made.client.sendall(b"x" * 10)
        made.client.shutdown(socket.SHUT_WR)
        row = soon(lambda: of(reader, made.server), "CLOSE-WAIT")
        assert (row.unread, row.received or 10) == (10, 10)
        made.server.recv(100)
        assert made.server.recv(100) == b""
        row = of(reader, made.server)
        assert (row.unread, row.received or 10) == (0, 10)


def test_bytes_and_segments_are_counted() -> None:
    """What was sent and received, without the handshake; unread bytes are received."""
    with pair() as made:
        reader = ConnectionReader(Proc(), clock=lambda: 0.0)
        for _ in range(3):
            made.client.sendall(b"x" * 100)
            made.server.recv(100)
        made.server.sendall(b"y" * 7)
        client, server = of(reader, made.client), of(reader, made.server)
        assert (client.sent, client.received, client.segments_out, client.segments_in) == (300, 7, 3, 1)
        assert (server.sent, server.received, server.segments_out, server.segments_in) == (7, 300, 1, 3)
        assert of(reader, made.listening).received is None


def test_without_sock_diag_a_note_says_why() -> None:
    """The bytes are not known, which is not the same as 0."""
    with pair() as made:
        reader = ConnectionReader(Proc(), connect=refuse, clock=lambda: 0.0)
        assert of(reader, made.client).sent is None
        (note,) = reader.notes
        assert "Protocol not supported" in note


def test_only_sockets_that_a_process_holds_are_its_own(tmp_path: Path) -> None:
    """A socket that two processes hold is told for both; one of nobody for none."""
    made = MadeProc(tmp_path)
    made.process(7, descriptors=["socket:[1]", "socket:[1]", "socket:[2]", "/dev/null"])
    made.process(8, descriptors=["socket:[2]", "socket:[5]"])
    for pid in (7, 8):
        made.connections(pid, (1, "01"), (2, "0A"), (3, "01"))
        made.connections(pid, table="tcp6")
    rows = ConnectionReader(Proc(str(tmp_path)), connect=refuse).read(1.5, [7, 8])
    assert sorted((row.pid, row.identity, row.state) for row in rows) == [
        (7, 1, "ESTAB"),
        (7, 2, "LISTEN"),
        (8, 2, "LISTEN"),
    ]
    assert {row.at for row in rows} == {1.5}
    assert rows[0].local == "127.0.0.1:8080"


def test_who_has_gone_has_no_connections(tmp_path: Path) -> None:
    """That is no failure and needs no note; a process without a table has none either."""
    MadeProc(tmp_path).process(7, descriptors=["socket:[1]"])
    reader = ConnectionReader(Proc(str(tmp_path)), connect=refuse)
    assert reader.read(0.0, [7, 9]) == []


def test_what_is_forbidden_is_noted(tmp_path: Path) -> None:
    """The connections of another user's process are missing, and a sentence says so."""

    class Closed(Proc):
        """Another user's processes."""

        def link(self, pid: int, name: str) -> str:
            """Refuse."""
            raise PermissionError(13, "Permission denied", self.path(pid, name))

    reader = ConnectionReader(Closed(str(tmp_path)))
    assert reader.read(0.0, [7]) == []
    assert reader.notes == {NO_CONNECTIONS}


def test_dear_readings_get_rare(tmp_path: Path) -> None:
    """After one that took 60 ms of CPU the next two seconds have none; cheap ones come as they are asked for."""
    made = MadeProc(tmp_path)
    made.process(7, descriptors=["socket:[1]"])
    made.connections(7, (1, "01"))
    costs = [0.0, 0.06, 0.1, 0.101, 0.2, 0.201]
    reader = ConnectionReader(Proc(str(tmp_path)), connect=refuse, clock=lambda: costs.pop(0))
    assert [len(reader.read(at, [7])) for at in (1.0, 1.5, 2.9, 3.0, 3.1)] == [1, 0, 0, 1, 1]


def test_descriptors_are_read_once_a_moment(tmp_path: Path) -> None:
    """Readers that share them do not pay twice."""
    made = MadeProc(tmp_path)
    made.process(7, descriptors=["socket:[1]"])
    descriptors = DescriptorReader(Proc(str(tmp_path)))
    assert descriptors.read(1.0, 7).sockets == {1}
    made.process(7, descriptors=["socket:[2]"])
    assert descriptors.read(1.0, 7).sockets == {1}
    assert descriptors.read(2.0, 7).sockets == {2}
