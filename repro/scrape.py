"""What a part says about itself on `/metrics`."""

import http.client
import urllib.request

import msgspec
from prometheus_client.parser import text_string_to_metric_families

LOG_REQUESTS = ("hotloop_kube_log_requests", "hotloop_log_requests")
"""The counters of log requests: the embedded API's own, or the server's, where the API is a real one."""

TIMEOUT = 2.0
"""Seconds that an answer may take: a frozen server gives none."""

LOOP_TIMEOUT = 1.0
"""Seconds that the server may take to give its counts: as long as a health check may."""


class LoopTotals(msgspec.Struct, frozen=True, kw_only=True):
    """What a server's event loop has done since its start."""

    turns: float
    empty_turns: float
    tasks_created: float

    def __sub__(self, other: "LoopTotals") -> "LoopTotals":
        """Give what it has done since another reading."""
        return LoopTotals(
            **{name: getattr(self, name) - getattr(other, name) for name in self.__struct_fields__}
        )


def loop_totals(url: str) -> LoopTotals | None:
    """Read what the event loop of the server at `url` has done; None where it does not answer or does not count."""
    text = _metrics(url, LOOP_TIMEOUT)
    if text is None:
        return None
    found = {
        "turns": total(text, ("hotloop_loop_turns",)),
        "empty_turns": total(text, ("hotloop_loop_empty_turns",)),
        "tasks_created": total(text, ("hotloop_tasks_created",)),
    }
    counts = {name: value for name, value in found.items() if value is not None}
    return LoopTotals(**counts) if len(counts) == len(found) else None


def log_requests(url: str) -> float | None:
    """Read how many log requests the embedded API at `url` has had, or the server there has made.

    None where it does not answer.
    """
    text = _metrics(url, TIMEOUT)
    return None if text is None else total(text, LOG_REQUESTS)


def _metrics(url: str, timeout: float) -> str | None:
    """Read a page of metrics; None where there is no answer in time."""
    try:
        with urllib.request.urlopen(f"{url}/metrics", timeout=timeout) as answer:  # noqa: S310 - a URL of our own
            text: str = answer.read().decode()
    except (OSError, http.client.HTTPException):
        return None
    return text


def total(exposition: str, names: tuple[str, ...]) -> float | None:
    """Sum the samples of the counters of these names, over their labels: 0 before the first; None without a counter."""
    families = [family for family in text_string_to_metric_families(exposition) if family.name in names]
    if not families:
        return None
    samples = (sample for family in families for sample in family.samples)
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))
