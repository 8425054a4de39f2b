"""What a process moves, and which sockets are new."""

from made_recordings import recording

from diag.evidence import io
from diag.evidence.io import Io
from diag.rates import Window
from diag.recording import Connection, Traffic


def row(at: float, identity: int, received: int | None = None, pid: int = 7, **changes: int) -> Connection:
    """Make a look at an established connection."""
    sent = None if received is None else 0
    fields: dict[str, int] = {"segments_in": 0, "segments_out": 0} | changes
    return Connection(
        at=at,
        pid=pid,
        identity=identity,
        local="127.0.0.1:80",
        remote="127.0.0.1:9",
        state="ESTAB",
        received=received,
        sent=sent,
        **fields,
    )


def measured(*connections: Connection, sockets: int = 1, **traffic: int) -> Io:
    """Measure over two seconds, at whose end `traffic` had been counted."""
    found = io.measure(
        recording(
            connections=connections,
            traffic=(
                Traffic(at=0.0, pid=7, sockets=sockets),
                Traffic(at=2.0, pid=7, sockets=sockets, **traffic),
                Traffic(at=2.0, pid=8, read_bytes=10**9),
            ),
        ),
        Window(0.0, 2.0),
        7,
    )
    assert found is not None
    return found


def test_counters_are_differences() -> None:
    """A connection that was there before counts with what it moved in the window, a second."""
    found = measured(row(0.1, 5, 1000, segments_in=10), row(2.0, 5, 5000, segments_in=30))
    assert (found.tcp_bytes, found.segments) == (2000.0, 10.0)


def test_a_connection_made_meanwhile_counts_whole() -> None:
    """It was made within the window: all that it moved was moved in it, if it was only seen once."""
    assert measured(row(1.0, 5, 6000)).tcp_bytes == 3000.0


def test_a_connection_that_ends_counts_as_far_as_it_was_seen() -> None:
    """Its last look is what is known of it."""
    assert measured(row(0.0, 5, 1000), row(1.0, 5, 5000), row(2.0, 6, 0)).tcp_bytes == 2000.0


def test_what_the_kernel_does_not_tell_is_unknown() -> None:
    """Sockets without counters are not taken for silent ones; no sockets at all are."""
    assert measured(row(0.0, 5), row(2.0, 5)).tcp_bytes is None
    assert measured(sockets=3).tcp_bytes is None
    assert measured(sockets=0).tcp_bytes == 0.0


def test_files_and_pipes_and_new_sockets() -> None:
    """Bytes read and written otherwise, and sockets that came up, a second; those of other processes do not count."""
    found = measured(read_bytes=300, written_bytes=100, new_sockets=8)
    assert (found.other_bytes, found.new_sockets) == (200.0, 4.0)
    assert measured(row(1.0, 5, 6000, pid=8), sockets=0).tcp_bytes == 0.0


def test_the_most_that_was_unread() -> None:
    """Over all connections at one look."""
    found = measured(row(0.0, 5, 0, unread=70), row(1.0, 5, 0, unread=20), row(1.0, 6, 0, unread=90))
    assert found.unread == 110


def test_one_reading_is_none() -> None:
    """A difference takes two readings, in the window, of the process."""
    once = recording(traffic=(Traffic(at=0.0, pid=7), Traffic(at=1.0, pid=8), Traffic(at=9.0, pid=7)))
    assert io.measure(once, Window(0.0, 2.0), 7) is None


def test_what_is_stated() -> None:
    """Bytes are put in proportion to the CPU that was used; what was not there is left out."""
    moved = Io(tcp_bytes=3e6, other_bytes=1e6, segments=0.0, new_sockets=0.0, unread=0)
    (fact,) = io.evidence(moved, 0.5)
    assert (fact.kind, fact.value) == ("bytes-per-cpu-second", 8_000_000)
    assert "8 MB" in fact.text
    busy = Io(tcp_bytes=None, other_bytes=0.0, segments=700.0, new_sockets=90.0, unread=0)
    kinds = [fact.kind for fact in io.evidence(busy, 0.0)]
    assert kinds == ["bytes-per-cpu-second", "new-sockets", "data-segments"]
