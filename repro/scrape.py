"""What a part says about itself on `/metrics`."""

import urllib.error
import urllib.request

from prometheus_client.parser import text_string_to_metric_families

LOG_REQUESTS = ("hotloop_kube_log_requests", "hotloop_log_requests")
"""The counters of log requests: the embedded API's own, or the server's, where the API is a real one."""

TIMEOUT = 2.0
"""Seconds that an answer may take: a frozen server gives none."""


def log_requests(url: str) -> float | None:
    """Read how many log requests the embedded API at `url` has had, or the server there has made.

    None where it does not answer.
    """
    try:
        with urllib.request.urlopen(f"{url}/metrics", timeout=TIMEOUT) as answer:  # noqa: S310 - a URL of our own
            text = answer.read().decode()
    except (OSError, urllib.error.URLError):
        return None
    return total(text, LOG_REQUESTS)


def total(exposition: str, names: tuple[str, ...]) -> float | None:
    """Sum the samples of the counters of these names, over their labels: 0 before the first; None without a counter."""
    families = [family for family in text_string_to_metric_families(exposition) if family.name in names]
    if not families:
        return None
    samples = (sample for family in families for sample in family.samples)
    return sum(sample.value for sample in samples if sample.name.endswith("_total"))
