"""Snapshots as JSON, and back."""

import msgspec
import pytest
from made_recordings import shots

from diag import snapshotfile
from diag.recording import Frame, Snapshot, SnapshotFrame, Snapshots, ThreadSnapshot, Value


def asleep(looks: int) -> Snapshots:
    """Make looks at a thread that stays where it is, with one variable."""
    stack = tuple(SnapshotFrame(frame=0, identity=2**63 + n, variables=(("self", 0),)) for n in range(20))
    return Snapshots(
        pid=7,
        frames=(Frame(function="wait", file="/a.py", line=3),),
        values=(Value(type="int", text="1", digest=2**64 - 1),),
        taken=tuple(
            Snapshot(at=number / 7, threads=(ThreadSnapshot(thread=8, state="S", frames=stack),))
            for number in range(looks)
        ),
    )


@pytest.mark.parametrize("seed", range(30))
def test_what_is_read_is_what_was_written(seed: int) -> None:
    """Every look comes back exactly, also where calls repeat within and across threads and ready callbacks."""
    assert snapshotfile.decode(snapshotfile.encode(shots(seed))) == shots(seed)


def test_a_stack_that_stays_is_written_once() -> None:
    """A hundred looks at a thread that sleeps take little more than one."""
    one, hundred = (len(snapshotfile.encode(asleep(looks))) for looks in (1, 100))
    assert hundred < one + 99 * 200
    assert snapshotfile.decode(snapshotfile.encode(asleep(100))) == asleep(100)


def test_snapshots_with_every_call_written_out_are_read() -> None:
    """Files of an older hotloop have no numbers in the place of calls."""
    assert snapshotfile.decode(msgspec.json.encode(asleep(3))) == asleep(3)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"pid":7,"frames":[],"values":[],"taken":[1]}',
        b'{"pid":7,"frames":[],"values":[],"taken":[{"at":1,"threads":[{"thread":8,"frames":[0]}]}]}',
        b'{"pid":7,"frames":[],"values":[],"taken":[{"at":1,"threads":[{"thread":8,"frames":["x"]}]}]}',
        b'{"pid":7,"frames":[],"values":[],"taken":[{"at":1,"threads":[{"thread":8,"frames":null}]}]}',
        b'{"pid":"7","frames":[],"values":[],"taken":[]}',
    ],
)
def test_damage_is_told(content: bytes) -> None:
    """What is no file of snapshots, or counts a call that is not there, is an error of the two that are told."""
    with pytest.raises((msgspec.DecodeError, IndexError)):
        snapshotfile.decode(content)
