"""The node: takes in the pods that are put on it, plays their lives, and hands out their logs."""

import asyncio
import itertools
from collections.abc import Coroutine, Mapping

from repro.kube import nodes
from repro.kube.cluster_events import EventRecorder
from repro.kube.containers import Container
from repro.kube.kinds import DEFAULT_KIND, KIND_LABEL, KINDS, Kind
from repro.kube.logbuffer import LogBuffer
from repro.kube.objects import Json, annotations_of, key_of, labels_of, metadata, timestamp
from repro.kube.podlife import PodLife, Surroundings, Timing
from repro.kube.pods import containers_of, init_containers_of, leaving
from repro.kube.script import Script
from repro.kube.store import Change, Store
from repro.kube.usercommand import script_of

_OUT_OF_REACH = ("localhost:", "127.0.0.1:")
"""Registries that no image can be pulled from."""


class Kubelet:
    """Plays every pod of its node, from the write that creates it to the one that removes it.

    It is the scheduler as well: a pod that fits is put on the node, any other stays Pending.
    """

    def __init__(
        self, store: Store, *, kinds: Mapping[str, Kind] = KINDS, timing: Timing | None = None
    ) -> None:
        self._store = store
        self._kinds = kinds
        self._events = EventRecorder(store)
        self._around = Surroundings(store, self._events, timing or Timing(), LogBuffer)
        self._lives: dict[str, PodLife] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._finishing: set[str] = set()
        self._addresses = itertools.count()
        store.listen("pods", self._on_change)

    def log(self, pod: Json, container_id: str) -> LogBuffer | None:
        """Give the log of a run of one of the pod's containers, if it is still kept."""
        life = self._lives.get(metadata(pod)["uid"])
        for container in life.containers if life else ():
            if container_id in container.logs:
                return container.logs[container_id]
        return None

    async def close(self) -> None:
        """Stop all lives where they are."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _on_change(self, change: Change) -> None:
        uid: str = metadata(change.object)["uid"]
        if change.type == "ADDED":
            self._do(uid, self._take(change.object))
        elif change.type == "DELETED":
            self._forget(uid)
        elif _leaves_by(change) and uid not in self._finishing:
            self._do(uid, self._remove(change.object))

    def _do(self, uid: str, doing: Coroutine[None, None, None]) -> None:
        """Do one thing with a pod; whatever was done before ends."""
        previous = self._tasks.pop(uid, None)
        if previous is not None:
            previous.cancel()
        self._tasks[uid] = asyncio.get_running_loop().create_task(doing)

    def _forget(self, uid: str) -> None:
        self._finishing.discard(uid)
        task = self._tasks.pop(uid, None)
        if task is not None and task is not asyncio.current_task():
            task.cancel()
        life = self._lives.pop(uid, None)
        if life is not None:
            life.kill()

    async def _take(self, pod: Json) -> None:
        """Schedule a new pod and play its life."""
        pod = self._store.get("pods", key_of(pod)) or pod
        bound = pod if pod["spec"].get("nodeName") else self._schedule(pod)
        if bound["spec"].get("nodeName") != nodes.NODE:
            return
        life = PodLife(bound, self._containers(bound), self._around, self._address(bound))
        self._lives[metadata(pod)["uid"]] = life
        await life.live()

    async def _remove(self, pod: Json) -> None:
        """End a pod's containers and then the pod."""
        life = self._lives.get(metadata(pod)["uid"])
        if life is not None:
            await life.terminate(metadata(pod)["deletionGracePeriodSeconds"])
        current = self._store.get("pods", key_of(pod))
        if current is None:
            return
        self._finishing.add(metadata(pod)["uid"])
        self._store.replace("pods", leaving(current, 0, self._store.clock()))
        self._store.delete("pods", key_of(pod))

    def _schedule(self, pod: Json) -> Json:
        fits = nodes.fits(self._store, pod)
        condition = {
            "type": "PodScheduled",
            "status": "True" if fits else "False",
            "lastProbeTime": None,
            "lastTransitionTime": timestamp(self._store.clock()),
        }
        if not fits:
            condition |= {"reason": "Unschedulable", "message": nodes.DOES_NOT_FIT}
        spec = {**pod["spec"], "nodeName": nodes.NODE} if fits else pod["spec"]
        bound = self._store.replace(
            "pods", {**pod, "spec": spec, "status": {**pod["status"], "conditions": [condition]}}
        )
        namespace, name = key_of(pod)
        if fits:
            message = f"Successfully assigned {namespace}/{name} to {nodes.NODE}"
            self._events.record(bound, "Scheduled", message, component="default-scheduler")
        else:
            self._events.record(
                bound, "FailedScheduling", nodes.DOES_NOT_FIT, warning=True, component="default-scheduler"
            )
        return bound

    def _containers(self, pod: Json) -> list[Container]:
        """Give the pod's containers, init containers first, each with what it will do."""
        return [
            Container(spec, self._script(pod, spec), init=init)
            for init, specs in ((True, init_containers_of(pod)), (False, containers_of(pod)))
            for spec in specs
        ]

    def _script(self, pod: Json, container: Json) -> Script | None:
        """Give what a container does: by the pod's kind, else by its command. None: its image cannot be had."""
        if container["image"].startswith(_OUT_OF_REACH):
            return None
        kind = self._kinds.get(labels_of(pod).get(KIND_LABEL, ""))
        found = kind.script(container["name"]) if kind else None
        return (found or script_of(container, DEFAULT_KIND.containers["main"])).tuned(annotations_of(pod))

    def _address(self, pod: Json) -> str:
        if pod["spec"].get("hostNetwork"):
            return nodes.HOST_IP
        high, low = divmod(next(self._addresses), 250)
        return f"10.244.{high % 250}.{low + 2}"


def _leaves_by(change: Change) -> bool:
    """Say whether this write is the one that asks the pod to go, or the one that hurries it."""
    now = metadata(change.object).get("deletionGracePeriodSeconds")
    return now is not None and now != metadata(change.previous or {}).get("deletionGracePeriodSeconds")
