"""What the views received, summed up; the JSON that `repro view` writes (`"schema": 1`)."""

import msgspec

SCHEMA = 1


class Views(msgspec.Struct, frozen=True, kw_only=True):
    """How many views there were, and what became of them.

    asked = opened + refused + untried; opened = ended + cut + left + open.
    """

    asked: int
    opened: int
    refused: int
    """Not opened: the server said no, or nothing in time."""
    untried: int
    """The end came before their turn."""
    ended: int
    """Closed by the server."""
    cut: int
    """Their connection broke without a close frame."""
    left: int
    """Walked away."""
    open: int
    """Still open: only in a summary taken on the way."""
    stopped_reading: int
    """Of the opened ones."""


class Lines(msgspec.Struct, frozen=True, kw_only=True):
    """Log lines with something in them, summed over the views."""

    expected: int | None
    """Lines per view as the caller expects them, times the views asked for; None: nothing was expected."""
    received: int
    repeated: int
    """Lines whose number the view had received before."""
    missing: int
    """Line numbers that a view skipped, below its highest."""
    lost: int | None
    """Lines short of the expected, repeats not counted; None: nothing was expected."""
    blank: int
    """Lines with nothing in them. An empty text frame is not one, but an empty frame."""
    exact: bool
    """False where a view had more holes than are kept (4,096): then `repeated` may be too high."""


class Frames(msgspec.Struct, frozen=True, kw_only=True):
    """WebSocket messages; pings, pongs and close frames are not among them."""

    text: int
    binary: int
    empty: int
    """Of both sorts, without a payload."""


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds: the median, the 99th percentile and the largest; None where there is nothing to measure."""

    p50: float | None
    p99: float | None
    max: float | None


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """The health check beside the views; milliseconds."""

    p50: float | None
    p99: float | None
    max: float | None
    answered: int
    failed: int
    """Not answered with 200 within a second."""


class Generator(msgspec.Struct, frozen=True, kw_only=True):
    """What the load generator itself took; near 1 core, latencies are its own and no longer the server's."""

    cores: float
    rss_mb: float
    """Peak resident memory, MiB."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A run of views."""

    schema: int = SCHEMA
    url: str
    variant: str
    pods: tuple[str, ...]
    """The logs that were viewed, as NAMESPACE/POD."""
    started: float
    """Seconds since the epoch."""
    seconds: float
    ended: str
    """"all views ended", "time over" or "told to stop"."""
    views: Views
    refusals: dict[str, int]
    close_codes: dict[str, int]
    """The server's close codes, and "HTTP 200" for logs that came without a WebSocket."""
    end_reasons: dict[str, int]
    """From the end events of `hotloop.log.v1`."""
    events: dict[str, int]
    """Events of `hotloop.log.v1` by type."""
    lines: Lines
    bytes: int
    """Payload of the log."""
    frames: Frames
    first_line_ms: Spread
    """From the start of the opening to the first line."""
    end_ms: Spread
    """From the start of the opening to the server's close, for the ended views."""
    health_ms: Health
    generator: Generator
