"""What a log view receives, frame by frame, on both wires of the log server.

Plain: one text frame a log line, without its newline. `hotloop.log.v1`: binary frames carry pieces of the log,
text frames carry events as JSON.
"""

import msgspec

from repro.viewers.counting import LineCounter

SUBPROTOCOL = "hotloop.log.v1"

UNREADABLE = "unreadable"
"""The type given to an event that is not what the subprotocol says."""


class Event(msgspec.Struct, frozen=True):
    """An event of `hotloop.log.v1`: "waiting", "resumed", "restarted" or "end"."""

    type: str
    reason: str = ""


_events = msgspec.json.Decoder(Event)


class Stream:
    """What one view has received: frames, lines, events. Pure; the viewer feeds it."""

    __slots__ = (
        "binary_frames",
        "counter",
        "empty_frames",
        "end_reason",
        "events",
        "log_bytes",
        "text_frames",
    )

    def __init__(self) -> None:
        self.counter = LineCounter()
        self.text_frames = 0
        self.binary_frames = 0
        self.empty_frames = 0
        """Frames without a payload, of either sort."""
        self.log_bytes = 0
        """Payload bytes of the log; events are not part of it."""
        self.events: dict[str, int] = {}
        self.end_reason: str | None = None
        """The reason of the end event; None where none came."""

    def add_text(self, payload: bytes) -> None:
        """Take a text frame of the plain wire: a log line."""
        self.text_frames += 1
        if not payload:
            # Not counted as a blank line too: the faulty variants send nothing but these.
            self.empty_frames += 1
            return
        self.log_bytes += len(payload)
        self.counter.add_line(payload)

    def add_binary(self, payload: bytes) -> None:
        """Take a binary frame: a piece of the log."""
        self.binary_frames += 1
        if not payload:
            self.empty_frames += 1
            return
        self.add_bytes(payload)

    def add_bytes(self, piece: bytes) -> None:
        """Take a piece of a log that comes without frames (plain HTTP)."""
        self.log_bytes += len(piece)
        self.counter.add_piece(piece)

    def add_event(self, payload: bytes) -> None:
        """Take a text frame of `hotloop.log.v1`: an event."""
        self.text_frames += 1
        if not payload:
            self.empty_frames += 1
            return
        try:
            event = _events.decode(payload)
        except msgspec.DecodeError:
            event = Event(UNREADABLE)
        self.events[event.type] = self.events.get(event.type, 0) + 1
        if event.type == "restarted":
            self.counter.restart()
        elif event.type == "end":
            self.end_reason = event.reason

    def finish(self) -> None:
        """The server has ended the view: what came after the last newline is a line."""
        self.counter.finish()
