"""The embedded Kubernetes API as an aiohttp application."""

from collections.abc import AsyncIterator, Mapping

from aiohttp import web

from repro.kube import discovery, nodes, resources
from repro.kube.answers import Handler, answer, failures_as_status, set_headers
from repro.kube.deleting import Deleter
from repro.kube.kinds import KIND_LABEL, KINDS, Kind
from repro.kube.kubelet import Kubelet
from repro.kube.log import LogEndpoint
from repro.kube.metrics import Metrics
from repro.kube.objects import Json, labels_of, metadata
from repro.kube.podlife import Timing
from repro.kube.reading import Reader
from repro.kube.store import Store
from repro.kube.writing import Writer

_CORE = "/api/v1"
_LARGEST_BODY = 8 << 20


class KubeApi:
    """An API server with one node, whose pods are played."""

    def __init__(
        self, store: Store | None = None, *, kinds: Mapping[str, Kind] = KINDS, timing: Timing | None = None
    ) -> None:
        self.store = store or Store()
        self.metrics = Metrics()
        self._writer = Writer(self.store, kinds)
        nodes.furnish(self.store)
        # The store tells the kubelet of every pod from now on; it begins to play once a loop runs.
        self.kubelet = Kubelet(self.store, kinds=kinds, timing=timing)

    def create_pod(self, manifest: Json) -> Json:
        """Create a pod from within; it needs a running event loop."""
        namespace = metadata(manifest).get("namespace", "default")
        return self._writer.add(resources.PODS, manifest, namespace)

    async def settled(self) -> None:
        """Wait until no pod is on its way to its first state: each is waiting, running or finished for a reason."""
        while any(_is_on_its_way(pod) for pod in self.store.all("pods")):
            await self.store.changed("pods")

    def app(self) -> web.Application:
        """Give the application.

        Run it with `handler_cancellation=True`, so that a client that leaves ends its watch or follow at once.
        """
        app = web.Application(middlewares=[failures_as_status(self.metrics)], client_max_size=_LARGEST_BODY)
        app.on_response_prepare.append(set_headers)
        app.cleanup_ctx.append(self._kubelet_lifetime)
        self._route(app.router)
        return app

    async def _kubelet_lifetime(self, _app: web.Application) -> AsyncIterator[None]:
        yield
        await self.kubelet.close()

    def _route(self, router: web.UrlDispatcher) -> None:
        reader, writer, deleter = Reader(self.store, self.metrics), self._writer, Deleter(self.store)
        log = LogEndpoint(self.store, self.kubelet, self.metrics)
        router.add_get(f"{_CORE}/namespaces/{{namespace}}/pods/{{name}}/log", log.get)
        for scope in ("", "/namespaces/{namespace}"):
            many = f"{_CORE}{scope}/{{resource}}"
            router.add_get(many, reader.list)
            router.add_post(many, writer.create)
            router.add_delete(many, deleter.many)
        for scope in ("", "/namespaces/{namespace}"):
            one = f"{_CORE}{scope}/{{resource}}/{{name}}"
            router.add_get(one, reader.get)
            router.add_put(one, writer.replace)
            router.add_patch(one, writer.patch)
            router.add_delete(one, deleter.one)
        for path, document in (
            ("/version", discovery.version),
            ("/apis", discovery.api_groups),
            (_CORE, discovery.api_resources),
            ("/openapi/v3", discovery.openapi_index),
            (discovery.OPENAPI_PATH, discovery.openapi),
        ):
            router.add_get(path, _fixed(document()))
            router.add_get(f"{path}/", _fixed(document()))  # as the official client asks for the version
        router.add_get("/api", _versions)
        router.add_get("/api/", _versions)
        router.add_get("/metrics", self._serve_metrics)
        for path in ("/healthz", "/livez", "/readyz"):
            router.add_get(path, _healthy)

    async def _serve_metrics(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.metrics.text(), headers={"Content-Type": "text/plain; version=0.0.4"})


def _is_on_its_way(pod: Json) -> bool:
    """Say whether a pod has yet to be scheduled, or a container to be started that can be."""
    if not pod["status"].get("conditions"):
        return True
    containers = pod["status"].get("containerStatuses", ())
    return any(
        container["state"].get("waiting", {}).get("reason") in {"ContainerCreating", "PodInitializing"}
        for container in containers
    ) or (_ends_at_once(pod) and pod["status"]["phase"] == "Running")


def _ends_at_once(pod: Json) -> bool:
    """Say whether a pod of this kind is finished as soon as it has begun."""
    kind = KINDS.get(labels_of(pod).get(KIND_LABEL, ""))
    return (
        kind is not None
        and kind.restart_policy == "Never"
        and all(script.is_brief for script in kind.containers.values())
    )


def _fixed(document: Json) -> Handler:
    async def handler(request: web.Request) -> web.StreamResponse:
        return answer(request, document)

    return handler


async def _versions(request: web.Request) -> web.StreamResponse:
    return answer(request, discovery.api_versions(request.host))


async def _healthy(_request: web.Request) -> web.Response:
    return web.Response(body=b"ok", headers={"Content-Type": "text/plain; charset=utf-8"})
