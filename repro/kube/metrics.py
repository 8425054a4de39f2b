"""The API's own figures, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """Counters and gauges of one API server."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "hotloop_kube_requests",
            "Requests answered.",
            ["method", "code"],
            registry=self.registry,
        )
        self.log_requests = Counter(
            "hotloop_kube_log_requests", "Log requests, whatever the answer.", registry=self.registry
        )
        self.log_bytes = Counter("hotloop_kube_log_bytes", "Bytes of logs sent.", registry=self.registry)
        self.follows = Gauge("hotloop_kube_log_follows", "Follows that are open.", registry=self.registry)
        self.watches = Gauge("hotloop_kube_watches", "Watches that are open.", registry=self.registry)

    def text(self) -> bytes:
        """Give all of them in the text format."""
        return generate_latest(self.registry)
