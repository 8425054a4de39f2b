"""What the hardened view tells its viewer beside the log: TEXT frames of JSON."""

from typing import Final

import msgspec

PROTOCOL: Final = "hotloop.log.v1"
"""The WebSocket subprotocol: BINARY frames are log, TEXT frames are these."""

UPSTREAM_ERROR: Final = "UpstreamError"
"""The reason of an end that is none of the log's: the Kubernetes API would not give it."""


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """There is no log to be had at present."""

    message: str


class Resumed(msgspec.Struct, frozen=True, tag="resumed"):
    """The stream was cut and goes on where it stopped."""

    message: str


class Restarted(msgspec.Struct, frozen=True, tag="restarted"):
    """The container runs again; what follows is its new run's log."""

    message: str


class End(msgspec.Struct, frozen=True, tag="end", rename="camel"):
    """There will be no more."""

    reason: str
    """Of the container's end ("Completed", "Error", "OOMKilled", ...), "Deleted", or UPSTREAM_ERROR."""
    message: str
    exit_code: int | None = None


Event = Waiting | Resumed | Restarted | End


def encode(event: Event) -> str:
    """Give the event as JSON."""
    return msgspec.json.encode(event).decode()
