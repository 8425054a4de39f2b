"""Events: what `kubectl describe` and `kubectl get events` tell about a pod's life."""

from collections import deque

from repro.kube.objects import Json, metadata, timestamp
from repro.kube.store import Key, Store

KEPT = 2000
"""Events kept; the oldest go first (a real server forgets them after an hour)."""


class EventRecorder:
    """Writes events; one that was told before is counted up instead."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._latest = 0
        self._known: dict[tuple[str, str, str], Key] = {}
        self._order: deque[tuple[str, str, str]] = deque()

    def record(  # noqa: PLR0913 - the parts of an event
        self,
        pod: Json,
        reason: str,
        message: str,
        *,
        warning: bool = False,
        component: str = "kubelet",
        container: str | None = None,
    ) -> None:
        """Tell that something happened to a pod, or to one of its containers."""
        meta = metadata(pod)
        identity = (meta["uid"], reason, message)
        now = timestamp(self._store.clock())
        key = self._known.get(identity)
        before = self._store.get("events", key) if key else None
        if before is not None:
            self._store.replace("events", {**before, "count": before["count"] + 1, "lastTimestamp": now})
            return
        involved = {
            "kind": "Pod",
            "namespace": meta["namespace"],
            "name": meta["name"],
            "uid": meta["uid"],
            "apiVersion": "v1",
            "resourceVersion": meta["resourceVersion"],
        }
        if container is not None:
            involved["fieldPath"] = f"spec.containers{{{container}}}"
        source = {"component": component}
        if component == "kubelet":
            source["host"] = pod["spec"].get("nodeName", "")
        # The name grows with time, so that events are listed in their order.
        self._latest = max(self._latest + 1, int(self._store.clock() * 1e9))
        name = f"{meta['name']}.{self._latest:x}"
        self._store.create(
            "events",
            {
                "kind": "Event",
                "apiVersion": "v1",
                "metadata": {"name": name, "namespace": meta["namespace"]},
                "involvedObject": involved,
                "reason": reason,
                "message": message,
                "source": source,
                "firstTimestamp": now,
                "lastTimestamp": now,
                "count": 1,
                "type": "Warning" if warning else "Normal",
                "eventTime": None,
                "reportingComponent": component,
                "reportingInstance": source.get("host", ""),
            },
        )
        self._remember(identity, (meta["namespace"], name))

    def _remember(self, identity: tuple[str, str, str], key: Key) -> None:
        self._known[identity] = key
        self._order.append(identity)
        if len(self._order) > KEPT:
            oldest = self._known.pop(self._order.popleft())
            if self._store.get("events", oldest) is not None:
                self._store.delete("events", oldest)
