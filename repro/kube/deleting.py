"""Deleting objects: at once, or, for a pod on a node, by asking its kubelet."""

from aiohttp import web

from repro.kube import nodes, pods, resources, status
from repro.kube.answers import answer
from repro.kube.bodies import options_of
from repro.kube.listing import selection
from repro.kube.objects import Json, key_of, metadata, timestamp
from repro.kube.resources import Resource
from repro.kube.status import bad_request, not_found
from repro.kube.store import Change, Store
from repro.kube.writing import allowed, is_dry_run


class Deleter:
    """Answers requests that delete."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.listen("pods", self._on_pod_change)

    async def one(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to delete an object."""
        resource, name = allowed(request, "delete"), request.match_info["name"]
        options = await options_of(request)
        value = self._store.get(resource.plural, (request.match_info.get("namespace", ""), name))
        if value is None:
            raise not_found(resource.plural, name)
        _check_preconditions(resource, value, options.get("preconditions") or {})
        if is_dry_run(request) or options.get("dryRun") == ["All"]:
            return answer(request, value)
        return answer(request, self.remove(resource, value, _grace(request, options)))

    async def many(self, request: web.Request) -> web.StreamResponse:
        """Answer a request to delete all objects of a selection."""
        resource, namespace = allowed(request, "deletecollection"), request.match_info.get("namespace")
        grace = _grace(request, await options_of(request))
        test = selection(resource, request.query)
        items = [value for value in self._store.all(resource.plural, namespace) if test(value)]
        removed = [self.remove(resource, value, grace) for value in items]
        meta = {"resourceVersion": str(self._store.version)}
        return answer(
            request, {"kind": f"{resource.kind}List", "apiVersion": "v1", "metadata": meta, "items": removed}
        )

    def remove(self, resource: Resource, value: Json, grace: int | None = None) -> Json:
        """Delete an object and give its last state, or of a pod on a node the state of one that is leaving.

        Args:
            resource: its resource.
            value: the object.
            grace: seconds that a pod's containers have; None is what the pod says.
        """
        if resource is resources.NAMESPACES:
            return self._remove_namespace(value)
        if value["spec"].get("nodeName") != nodes.NODE:
            return self._store.delete(resource.plural, key_of(value))
        asked: int = value["spec"]["terminationGracePeriodSeconds"] if grace is None else grace
        if asked == 0 and grace is not None:
            return self._store.delete("pods", key_of(value))
        if value["status"]["phase"] in {"Succeeded", "Failed"}:
            asked = 0
        leaving = pods.leaving(value, asked, self._store.clock())
        return self._store.replace("pods", leaving)

    def _remove_namespace(self, value: Json) -> Json:
        """Begin to delete a namespace; it goes with its last pod."""
        name = metadata(value)["name"]
        leaving = {**metadata(value), "deletionTimestamp": timestamp(self._store.clock())}
        last = self._store.replace(
            "namespaces", {**value, "metadata": leaving, "status": {"phase": "Terminating"}}
        )
        for pod in self._store.all("pods", name):
            self.remove(resources.PODS, pod)
        self._finish_namespace(name)
        return last

    def _on_pod_change(self, change: Change) -> None:
        if change.type == "DELETED":
            self._finish_namespace(metadata(change.object)["namespace"])

    def _finish_namespace(self, name: str) -> None:
        """Delete a namespace that is leaving and has no pods any more."""
        value = self._store.get("namespaces", ("", name))
        if value is None or value["status"]["phase"] != "Terminating" or self._store.all("pods", name):
            return
        for event in self._store.all("events", name):
            self._store.delete("events", key_of(event))
        self._store.delete("namespaces", ("", name))


def _check_preconditions(resource: Resource, value: Json, wanted: Json) -> None:
    meta = metadata(value)
    if wanted.get("uid") not in {None, meta["uid"]}:
        raise status.uid_conflict(resource.kind, meta["name"], asked=wanted["uid"], found=meta["uid"])
    if wanted.get("resourceVersion") not in {None, meta["resourceVersion"]}:
        raise status.conflict(resource.kind, meta["name"], status.MODIFIED)


def _grace(request: web.Request, options: Json) -> int | None:
    found = options.get("gracePeriodSeconds", request.query.get("gracePeriodSeconds"))
    try:
        return None if found is None else max(int(found), 0)
    except (TypeError, ValueError):
        raise bad_request(f'strconv.ParseInt: parsing "{found}": invalid syntax') from None
