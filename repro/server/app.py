"""The log service: which paths it serves and what it answers."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any, Final

import aiohttp
import msgspec
from aiohttp import web

from repro.server import variants
from repro.server.cluster import Clients, Cluster, RefusedError, connect
from repro.server.limits import LIMITS, SEATS, Limits, Seats
from repro.server.metrics import Metrics, exposition
from repro.server.podlog import PodLog
from repro.server.pods import Pod
from repro.server.sharing import FOLLOWS, SharedFollows

CLUSTER: Final = web.AppKey("cluster", Cluster)
METRICS: Final = web.AppKey("metrics", Metrics)
STOPPING: Final = web.AppKey("stopping", asyncio.Future[Any])
VIEWS: Final = web.AppKey("views", dict[str, variants.View])

LEFT_EARLY: Final = 499
"""The status that proxies log for a viewer who left before the answer; nobody receives it."""


def application(
    clients: Clients,
    *,
    metrics: Metrics | None = None,
    views: dict[str, variants.View] | None = None,
    limits: Limits | None = None,
) -> web.Application:
    """Make the log service over the cluster of `clients`.

    Args:
        clients: reach the Kubernetes API.
        metrics: where to count; a registry of its own by default.
        views: the variants by name; all by default.
        limits: the bounds of the hardened view.
    """
    app = web.Application()
    app[METRICS] = metrics or Metrics()
    app[VIEWS] = variants.load() if views is None else views
    app[LIMITS] = limits or Limits()
    app[SEATS] = Seats(app[LIMITS].views, app[LIMITS].views_per_pod)
    app[FOLLOWS] = SharedFollows(app[LIMITS])

    async def connected(app: web.Application) -> AsyncGenerator[None]:
        async with connect(clients, [app[METRICS].trace()]) as cluster:
            app[CLUSTER] = cluster
            await cluster.pods()
            yield

    app.cleanup_ctx.extend([connected, _beating])
    app.on_shutdown.append(_stop)
    app.router.add_get("/healthz", health)
    app.router.add_get("/metrics", show_metrics)
    app.router.add_get("/pods", list_pods)
    app.router.add_get("/logs/{variant}/{namespace}/{pod}", show_log)
    return app


async def health(_request: web.Request) -> web.Response:
    """Answer that the event loop still turns."""
    return web.Response(text="ok")


async def show_metrics(request: web.Request) -> web.Response:
    """Answer with the metrics of this process, or of all workers."""
    metrics = request.app[METRICS]
    metrics.flush()
    return web.Response(
        body=exposition(metrics.registry), headers={"Content-Type": "text/plain; version=0.0.4"}
    )


async def list_pods(request: web.Request) -> web.Response:
    """List the pods of all namespaces, or of one."""
    try:
        pods = await request.app[CLUSTER].pods(request.query.get("namespace"))
    except (RefusedError, aiohttp.ClientError, TimeoutError) as error:
        return _refusal(error)
    return _json(
        [
            {
                "namespace": pod.metadata.namespace,
                "name": pod.metadata.name,
                "phase": pod.status.phase,
                "labels": pod.metadata.labels,
                "containers": [container.name for container in pod.spec.containers],
            }
            for pod in pods
        ]
    )


async def show_log(request: web.Request) -> web.StreamResponse:
    """Show a container's log in the variant that the path names."""
    variant = request.match_info["variant"]
    view = request.app[VIEWS].get(variant)
    if view is None:
        message = f"there is no variant {variant!r}: choose one of {', '.join(variants.NAMES)}"
        return _error(404, message)
    try:
        pod = await request.app[CLUSTER].pod(request.match_info["namespace"], request.match_info["pod"])
        log = PodLog(
            cluster=request.app[CLUSTER],
            pod=pod,
            container=_container(pod, request.query.get("container")),
            stopping=request.app[STOPPING],
        )
        if not _upgrades(request) and not (variant == "bypass" and pod.finished):
            return _error(426, "this view is a WebSocket: ask for an upgrade", Upgrade="websocket")
        return await _counted(request, variant, view, log)
    except (RefusedError, aiohttp.ClientError, TimeoutError) as error:
        return _refusal(error)


async def _counted(
    request: web.Request, variant: str, view: variants.View, log: PodLog
) -> web.StreamResponse:
    metrics = request.app[METRICS]
    metrics.opened(variant)
    try:
        return await view(request, log)
    except ConnectionResetError:
        return web.Response(status=LEFT_EARLY)
    finally:
        metrics.closed(variant)


def _container(pod: Pod, name: str | None) -> str:
    """Choose the container, or refuse in the words of the Kubernetes API."""
    names = list(pod.container_names())
    if name:
        if name not in names:
            raise RefusedError(400, f"container {name} is not valid for pod {pod.metadata.name}")
        return name
    if len(pod.spec.containers) != 1:
        raise RefusedError(
            400,
            f"a container name must be specified for pod {pod.metadata.name}, "
            f"choose one of: [{' '.join(names)}]",
        )
    return pod.spec.containers[0].name


def _upgrades(request: web.Request) -> bool:
    return request.headers.get("Upgrade", "").lower() == "websocket"


def _refusal(error: Exception) -> web.Response:
    """Pass on what the API said; that it said nothing is a bad gateway."""
    if isinstance(error, RefusedError):
        return _error(error.status, str(error))
    return _error(502, f"the Kubernetes API does not answer: {str(error) or type(error).__name__}")


def _error(status: int, message: str, **headers: str) -> web.Response:
    return _json({"status": status, "error": message}, status, **headers)


def _json(value: object, status: int = 200, **headers: str) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(value),
        status=status,
        content_type="application/json",
        headers=headers,
    )


async def _beating(app: web.Application) -> AsyncGenerator[None]:
    app[STOPPING] = asyncio.get_running_loop().create_future()
    beat = asyncio.create_task(app[METRICS].beat())
    yield
    beat.cancel()
    await asyncio.wait([beat])


async def _stop(app: web.Application) -> None:
    if not app[STOPPING].done():
        app[STOPPING].set_result(None)
