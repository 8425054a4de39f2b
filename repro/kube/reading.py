"""Reading objects: get, list and watch, as objects or as Tables."""

from collections.abc import Sequence

from aiohttp import web

from repro.kube import params, resources, tables
from repro.kube.answers import answer
from repro.kube.listing import page
from repro.kube.metrics import Metrics
from repro.kube.objects import Json, encode, metadata
from repro.kube.resources import Resource
from repro.kube.status import no_such_path, not_found
from repro.kube.store import Store
from repro.kube.watching import Watch

_BY_PLURAL = {resource.plural: resource for resource in resources.ALL}


def resource_of(request: web.Request) -> Resource:
    """Give the resource that a URL names.

    Raises:
        ApiError: 404, there is none such at this place.
    """
    resource = _BY_PLURAL.get(request.match_info["resource"])
    if resource is None or ("namespace" in request.match_info and not resource.namespaced):
        raise no_such_path()
    return resource


class Reader:
    """Answers requests that change nothing."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store = store
        self._metrics = metrics

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for one object."""
        resource, name = resource_of(request), request.match_info["name"]
        value = self._store.get(resource.plural, (request.match_info.get("namespace", ""), name))
        if value is None:
            raise not_found(resource.plural, name)
        if _wants_table(request):
            version = {"resourceVersion": metadata(value)["resourceVersion"]}
            return answer(request, self._table(resource, [value], version))
        return answer(request, value)

    async def list(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for a list, or for a watch on it."""
        resource = resource_of(request)
        namespace = request.match_info.get("namespace")
        if params.boolean(request.query, "watch"):
            return await self._watch(request, resource, namespace)
        found = page(self._store, resource, namespace, request.query)
        if _wants_table(request):
            return answer(request, self._table(resource, found.items, found.metadata))
        items = [
            {key: part for key, part in item.items() if key not in {"kind", "apiVersion"}}
            for item in found.items
        ]
        return answer(
            request,
            {"kind": f"{resource.kind}List", "apiVersion": "v1", "metadata": found.metadata, "items": items},
        )

    async def _watch(
        self, request: web.Request, resource: Resource, namespace: str | None
    ) -> web.StreamResponse:
        watch = Watch(self._store, resource, namespace, request.query)
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        as_table, header = _wants_table(request), True
        with self._metrics.watches.track_inprogress():
            await response.prepare(request)
            async for kind, value in watch.events():
                shown = value
                if as_table and kind not in {"ERROR", "BOOKMARK"}:
                    version = {"resourceVersion": metadata(value)["resourceVersion"]}
                    shown = self._table(resource, [value], version, header=header)
                    header = False
                await response.write(encode({"type": kind, "object": shown}))
            await response.write_eof()
        return response

    def _table(self, resource: Resource, items: Sequence[Json], meta: Json, *, header: bool = True) -> Json:
        return tables.table(resource.layout, items, meta, self._store.clock(), header=header)


def _wants_table(request: web.Request) -> bool:
    return "as=Table" in request.headers.get("Accept", "")
