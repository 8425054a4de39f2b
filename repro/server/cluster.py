"""The Kubernetes API through its official client, set up for following many logs.

What the client does by default would break a log service, and is set otherwise here:

- every request ends after 300 seconds, a follow too; only a large number turns that off;
- 100 connections a client: the 101st follow hangs, and every other call with it. So follows have a client of
  their own, without a limit, beside the one for short calls;
- the calls that keep the stream open are the `..._without_preload_content` twins.
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
import msgspec
from kubernetes.aio import client

from repro.server.pods import Pod, PodList, Refusal, WatchEvent

UNLIMITED: Final = 1e9
"""Seconds. None, 0 and infinity do not switch the client's 300 seconds off."""

CALL_TIMEOUT: Final = 10.0
"""Seconds for a short call."""

OPEN_TIMEOUT: Final = 30.0
"""Seconds until a log's headers; the API sends them before the first line."""

KEEP_ALIVE: Final = 2.0
"""Seconds that an idle connection is kept for the next call."""


class RefusedError(Exception):
    """The API refused: `status` is its HTTP status, the text its message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class Cluster:
    """Pods and logs of a cluster; made within a running event loop by `connect`."""

    def __init__(self, follows: client.ApiClient, control: client.ApiClient) -> None:
        self.follows = client.CoreV1Api(follows)
        self.control = client.CoreV1Api(control)

    async def pods(self, namespace: str | None = None) -> Sequence[Pod]:
        """List the pods of a namespace, or of all."""
        if namespace is None:
            call = self.control.list_pod_for_all_namespaces_without_preload_content(
                _request_timeout=CALL_TIMEOUT
            )
        else:
            call = self.control.list_namespaced_pod_without_preload_content(
                namespace, _request_timeout=CALL_TIMEOUT
            )
        return msgspec.json.decode(await _body(await call), type=PodList).items

    async def pod(self, namespace: str, name: str) -> Pod:
        """Read a pod.

        Raises:
            RefusedError: with status 404 where there is none.
        """
        response = await self.control.read_namespaced_pod_without_preload_content(
            name, namespace, _request_timeout=CALL_TIMEOUT
        )
        return msgspec.json.decode(await _body(response), type=Pod)

    async def log(
        self,
        pod: Pod,
        container: str,
        **options: str | bool | None,
    ) -> aiohttp.ClientResponse:
        """Open a container's log; the caller closes the response.

        Args:
            pod: the pod.
            container: the container's name.
            options: the API's own parameters; those that are None or False are left out.

        Raises:
            RefusedError: the API did not answer with a log.
        """
        # The generated method has no sinceTime: the API's own document forgets it.
        query = [("container", container), *((name, value) for name, value in options.items() if value)]
        api = self.follows.api_client
        call = await api.param_serialize(
            "GET",
            "/api/v1/namespaces/{namespace}/pods/{name}/log",
            path_params={"namespace": pod.metadata.namespace, "name": pod.metadata.name},
            query_params=query,
            # A follow's connection serves nobody after it: an idle one in the pool would look like a leak.
            header_params={"Accept": "text/plain, application/json", "Connection": "close"},
            auth_settings=["BearerToken"],
        )
        async with asyncio.timeout(OPEN_TIMEOUT):
            opened = await api.call_api(*call, _request_timeout=UNLIMITED, _preload_content=False)
        response: aiohttp.ClientResponse = opened.response
        if not response.ok:
            await _body(response)
        return response

    async def watch(self, pod: Pod) -> AsyncGenerator[Pod | None]:
        """Yield the pod each time it changes, None when it is deleted; ends when the API ends the watch."""
        response = await self.follows.list_namespaced_pod_without_preload_content(
            pod.metadata.namespace,
            field_selector=f"metadata.name={pod.metadata.name}",
            resource_version=pod.metadata.resource_version,
            watch=True,
            _request_timeout=UNLIMITED,
        )
        if not response.ok:
            await _body(response)
        try:
            async for line in response.content:
                event = msgspec.json.decode(line, type=WatchEvent)
                if event.type == "ERROR":
                    return
                if event.type == "DELETED":
                    yield None
                elif event.type != "BOOKMARK":
                    yield msgspec.json.decode(event.object, type=Pod)
        finally:
            response.close()


class Clients:
    """The official client, twice: for follows and for short calls.

    Made once in a process and before it forks: each reads the system's certificates, which takes 25 ms.
    """

    def __init__(self, configuration: client.Configuration) -> None:
        self.host: str = configuration.host
        self.follows = client.ApiClient(configuration)
        self.control = client.ApiClient(configuration)


@asynccontextmanager
async def connect(clients: Clients, traces: Sequence[aiohttp.TraceConfig] = ()) -> AsyncGenerator[Cluster]:
    """Give the clients connections of the running event loop, and close those at the end.

    Args:
        clients: the clients; in use by one event loop at a time.
        traces: observers of the requests of follows.
    """
    async with _session(clients.follows, traces), _session(clients.control):
        yield Cluster(clients.follows, clients.control)


@asynccontextmanager
async def _session(api: client.ApiClient, traces: Sequence[aiohttp.TraceConfig] = ()) -> AsyncGenerator[None]:
    rest = api.rest_client
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE, ssl=rest.ssl_context),
        trace_configs=list(traces),
        trust_env=True,
        read_bufsize=1 << 21,  # as the client itself sets it: watch events are long lines
    ) as rest.pool_manager:
        yield


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Read an answer to its end.

    Raises:
        RefusedError: it is a refusal.
    """
    async with response:
        body = await response.read()
    if response.ok:
        return body
    try:
        message = msgspec.json.decode(body, type=Refusal).message
    except msgspec.DecodeError:
        message = body.decode(errors="replace")
    raise RefusedError(response.status, message or f"{response.status} {response.reason}")
