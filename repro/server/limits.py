"""The bounds that the hardened view keeps."""

import resource
from collections import Counter
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
    views_per_pod: int = 10_000
    """Of them, of the same pod."""
    kept_per_log: int = 8 << 20
    """Bytes of a log that are kept for viewers who come later or read more slowly than others."""
    kept_in_all: int = 64 << 20
    """Of all logs of a process; beyond it a log may keep `kept_if_full`."""
    kept_if_full: int = 1 << 20
    """So that viewers who are but a little apart still share."""
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
    """Counts the views that are open, and refuses one too many.

    Args:
        limit: seats in all.
        per_pod: of them, for one pod.
    """

    def __init__(self, limit: int, per_pod: int) -> None:
        self._limit = limit
        self._per_pod = per_pod
        self._of_pods: Counter[str] = Counter()
        self.in_use = 0

    @contextmanager
    def taken(self, pod: str) -> Iterator[None]:
        """Take a seat for a view of `pod`, its uid, for as long as the context lasts.

        Raises:
            HTTPServiceUnavailable: none is free.
        """
        if self.in_use >= self._limit:
            raise _refusal(f"all {self._limit} log views are taken")
        if self._of_pods[pod] >= self._per_pod:
            raise _refusal(f"all {self._per_pod} log views of this pod are taken")
        self.in_use += 1
        self._of_pods[pod] += 1
        try:
            yield
        finally:
            self.in_use -= 1
            self._of_pods[pod] -= 1
            if not self._of_pods[pod]:
                del self._of_pods[pod]


def _refusal(why: str) -> web.HTTPServiceUnavailable:
    return web.HTTPServiceUnavailable(text=f"{why}, try again later", headers={"Retry-After": "5"})


LIMITS: Final = web.AppKey("limits", Limits)
SEATS: Final = web.AppKey("seats", Seats)
