"""`GET /api/v1/namespaces/{namespace}/pods/{name}/log`: the endpoint, as plain HTTP and as WebSocket."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from aiohttp import web

from repro.kube.faults import FAULT_ANNOTATION, Faults, parse_faults
from repro.kube.kubelet import Kubelet
from repro.kube.logoptions import LogOptions, read_options
from repro.kube.logreader import LogReader
from repro.kube.logsource import NoContent, find_log
from repro.kube.metrics import Metrics
from repro.kube.objects import Json, annotations_of, metadata
from repro.kube.status import not_found
from repro.kube.store import Store

CHUNK = 32 * 1024
"""Bytes of a chunk where the log is not followed: the server's copy buffer."""


class LogEndpoint:
    """Serves logs."""

    def __init__(self, store: Store, kubelet: Kubelet, metrics: Metrics) -> None:
        self._store = store
        self._kubelet = kubelet
        self._metrics = metrics

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for a log."""
        self._metrics.log_requests.inc()
        name = request.match_info["name"]
        options = read_options(request.query, name)
        pod = self._store.get("pods", (request.match_info["namespace"], name))
        if pod is None:
            raise not_found("pods", name)
        faults = parse_faults(annotations_of(pod).get(FAULT_ANNOTATION, ""))
        try:
            log = find_log(pod, options, self._kubelet, faults)
        except NoContent:
            return web.Response(status=204)
        reader = LogReader(log, options, self._store.clock())
        return await self._stream(request, reader, options)

    async def _stream(
        self, request: web.Request, reader: LogReader, options: LogOptions
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await response.prepare(request)
        with self._metrics.follows.track_inprogress() if options.follow else contextlib.nullcontext():
            if options.follow:
                async for batch in reader.batches():
                    for piece in batch:
                        await response.write(piece)
            else:
                async for chunk in _chunks(reader.batches()):
                    await response.write(chunk)
        await response.write_eof()
        return response


async def _chunks(batches: AsyncIterator[list[bytes]]) -> AsyncIterator[bytes]:
    """Join pieces and cut them to chunks."""
    rest = b""
    async for batch in batches:
        joined = rest + b"".join(batch)
        whole = len(joined) - len(joined) % CHUNK
        for start in range(0, whole, CHUNK):
            yield joined[start : start + CHUNK]
        rest = joined[whole:]
    if rest:
        yield rest
