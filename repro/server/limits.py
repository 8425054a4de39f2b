"""The bounds that the hardened view keeps."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web


def _views_that_fit() -> int:
    """Give how many views the process's descriptors suffice for: a viewer's socket and a log stream each."""
    descriptors, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(1, (descriptors - 200) // 2)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bounds; times in seconds."""

    views: int = field(default_factory=_views_that_fit)
    """Views at a time; more are refused with 503."""
    heartbeat: float = 20.0
    """Between pings; a viewer that leaves one unanswered for half as long is given up."""
    send_timeout: float = 10.0
    """For the viewer to make room for a frame."""
    close_timeout: float = 2.0
    """For the viewer to answer a close frame."""
    retry_floor: float = 1.0
    """Before the first new request after a stream was cut or refused; half of it at least."""
    retry_cap: float = 30.0
    """Between any two of them."""
    patience: float = 300.0
    """Until a log that cannot be had is given up."""


class Seats:
    """Counts the views that are open, and refuses one too many."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.in_use = 0

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Take a seat for as long as the context lasts.

        Raises:
            HTTPServiceUnavailable: none is free.
        """
        if self.in_use >= self._limit:
            raise web.HTTPServiceUnavailable(
                text=f"all {self._limit} log views are taken, try again later", headers={"Retry-After": "5"}
            )
        self.in_use += 1
        try:
            yield
        finally:
            self.in_use -= 1


LIMITS: Final = web.AppKey("limits", Limits)
SEATS: Final = web.AppKey("seats", Seats)
