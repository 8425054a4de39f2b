"""What a view shows, and how its viewer behaves; the same for every kind of viewer."""

import contextlib
from urllib.parse import quote

import msgspec

UPGRADE_REQUIRED = 426
"""How a plain GET is answered where only a WebSocket will do."""

LONGEST_MESSAGE = 200
"""Characters passed on of what a server says when it refuses."""

DOWNLOADING_VARIANT = "bypass"
"""The variant that answers a plain GET with a finished pod's log."""


class Place(msgspec.Struct, frozen=True):
    """The log that a view shows."""

    variant: str
    namespace: str
    pod: str
    container: str | None = None

    def path(self) -> str:
        """Give the view's path on the log server."""
        parts = "/".join(quote(part, safe="") for part in (self.variant, self.namespace, self.pod))
        query = "" if self.container is None else f"?container={quote(self.container, safe='')}"
        return f"/logs/{parts}{query}"


class Conduct(msgspec.Struct, frozen=True, kw_only=True):
    """How a viewer behaves. Times in seconds, from the view's opening; None is never."""

    leave_after: float | None = None
    abruptly: bool = False
    """Leave without a close frame, as a browser does that is killed."""
    stop_reading_after: float | None = None
    """From then on nothing is taken from the socket."""
    opening: float = 10.0
    """How long the answer to the opening is waited for."""
    closing: float = 1.0
    """How long the server's part of a parting is waited for."""


def said(body: str) -> str:
    """Give an error answer's message: its JSON object's `message` or `error`, or else its first line."""
    with contextlib.suppress(msgspec.DecodeError):
        answer = msgspec.json.decode(body)
        if isinstance(answer, dict):
            body = str(answer.get("message") or answer.get("error") or body)
    return (body.strip().splitlines() or [""])[0][:LONGEST_MESSAGE]
