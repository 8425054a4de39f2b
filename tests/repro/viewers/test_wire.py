"""Frames of both wires."""

from repro.viewers.wire import UNREADABLE, Stream


def test_a_plain_frame_is_a_line() -> None:
    """Each text frame of the plain wire is a line; one without payload is an empty frame and no line."""
    stream = Stream()
    for payload in (b"line 1", b"", b"line 2", b""):
        stream.add_text(payload)
    assert (stream.text_frames, stream.empty_frames, stream.log_bytes) == (4, 2, 12)
    assert (stream.counter.lines, stream.counter.blank) == (2, 0)


def test_binary_frames_are_pieces() -> None:
    """Binary frames are pieces of the log, and the end event says why it ended."""
    stream = Stream()
    for payload in (b"line 1\nli", b"", b"ne 2"):
        stream.add_binary(payload)
    stream.add_event(b'{"type": "end", "reason": "Error", "exitCode": 3, "message": "it failed"}')
    stream.finish()
    assert (stream.binary_frames, stream.text_frames, stream.empty_frames) == (3, 1, 1)
    assert stream.counter.lines == 2
    assert (stream.end_reason, stream.events) == ("Error", {"end": 1})
    assert stream.log_bytes == 13


def test_a_restart_event_begins_the_numbers_anew() -> None:
    """After a restarted event the container's second log is not a repeat of its first."""
    stream = Stream()
    stream.add_binary(b"line 1\n")
    stream.add_event(b'{"type": "restarted"}')
    stream.add_binary(b"line 1\n")
    assert (stream.counter.lines, stream.counter.repeated) == (2, 0)


def test_an_unreadable_event_is_counted_as_one() -> None:
    """What is no event is counted, and does no harm."""
    stream = Stream()
    for payload in (b"line 1", b"[]", b'{"type": 1}'):
        stream.add_event(payload)
    assert stream.events == {UNREADABLE: 3}
