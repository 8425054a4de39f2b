"""A scripted Kubernetes API for tests of the log service: each log request gets the next answer of a script."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from kubernetes.aio import client


@dataclass
class Answer:
    """What one log request gets."""

    chunks: Sequence[bytes] = ()
    status: int = 200
    message: str = ""
    end: str = "eof"
    """ "eof", "cut" (the connection breaks) or "hold" (it stays open until the asker leaves)."""
    later: asyncio.Queue[bytes] | None = None
    """More chunks, as they come; an empty one is the last."""


@dataclass
class LogApi:
    """Pods, their logs by script, and what was asked."""

    pods: dict[str, dict[str, Any]] = field(default_factory=dict)
    answers: list[Answer] = field(default_factory=list)
    """Taken in turn by log requests; the last one stays."""
    asked: list[dict[str, str]] = field(default_factory=list)
    """The query of each log request."""
    follows: int = 0
    """Log requests that are being answered now."""
    watchers: list[asyncio.Queue[dict[str, Any]]] = field(default_factory=list)
    url: str = ""
    _runner: web.AppRunner | None = None
    version: int = 1

    def configuration(self) -> client.Configuration:
        """Give what the official client needs to find this API."""
        return client.Configuration(host=self.url)

    def put(self, pod: dict[str, Any]) -> None:
        """Add or change a pod, and tell the watchers."""
        name = pod["metadata"]["name"]
        self._tell("MODIFIED" if name in self.pods else "ADDED", pod)
        self.pods[name] = pod

    def delete(self, name: str) -> None:
        """Delete a pod, and tell the watchers."""
        self._tell("DELETED", self.pods.pop(name))

    def _tell(self, kind: str, pod: dict[str, Any]) -> None:
        self.version += 1
        pod["metadata"]["resourceVersion"] = str(self.version)
        for watcher in self.watchers:
            watcher.put_nowait({"type": kind, "object": pod})

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator["LogApi"]:
        """Serve on a free port of loopback."""
        app = web.Application()
        app.router.add_get("/api/v1/pods", self._list)
        app.router.add_get("/api/v1/namespaces/{namespace}/pods", self._list)
        app.router.add_get("/api/v1/namespaces/{namespace}/pods/{name}", self._pod)
        app.router.add_get("/api/v1/namespaces/{namespace}/pods/{name}/log", self._log)
        self._runner = runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site.port}"
        try:
            yield self
        finally:
            await runner.cleanup()

    async def stop(self) -> None:
        """Be gone."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _list(self, request: web.Request) -> web.StreamResponse:
        if "watch" not in request.query:
            return web.json_response({"kind": "PodList", "items": list(self.pods.values())})
        events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        answer = web.StreamResponse(headers={"Content-Type": "application/json"})
        await answer.prepare(request)
        self.watchers.append(events)
        try:
            while True:
                event = await events.get()
                await answer.write(web.json_response(event).body + b"\n")  # type: ignore[operator] # bytes
        finally:
            self.watchers.remove(events)

    async def _pod(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in self.pods:
            return refusal(404, f'pods "{name}" not found')
        return web.json_response(self.pods[name])

    async def _log(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(dict(request.query))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.status == 204:
            return web.Response(status=204)
        if answer.status != 200:
            return refusal(answer.status, answer.message)
        response = web.StreamResponse(headers={"Content-Type": "text/plain"})
        self.follows += 1
        try:
            await response.prepare(request)
            for chunk in answer.chunks:
                await response.write(chunk)
            while answer.later is not None and (later := await answer.later.get()):
                await response.write(later)
            if answer.end == "hold":
                await asyncio.Event().wait()
            if answer.end == "cut" and request.transport is not None:
                await asyncio.sleep(0)
                request.transport.close()
        finally:
            self.follows -= 1
        return response


def refusal(status: int, message: str) -> web.Response:
    """Answer with a Status object."""
    return web.json_response(
        {"kind": "Status", "status": "Failure", "message": message, "code": status}, status=status
    )


def pod(  # noqa: PLR0913 - all by name, and each test sets one or two
    name: str = "pod",
    *,
    phase: str = "Running",
    state: dict[str, Any] | None = None,
    last: dict[str, Any] | None = None,
    restarts: int = 0,
    policy: str = "Always",
) -> dict[str, Any]:
    """Make a pod with one container, `main`."""
    status = {
        "name": "main",
        "image": "busybox",
        "imageID": "",
        "ready": phase == "Running",
        "restartCount": restarts,
        "state": state if state is not None else {"running": {"startedAt": "2026-11-24T07:00:00Z"}},
        "lastState": last or {},
    }
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "uid": f"uid-{name}", "resourceVersion": "1"},
        "spec": {"containers": [{"name": "main", "image": "busybox"}], "restartPolicy": policy},
        "status": {"phase": phase, "containerStatuses": [status]},
    }


def finished(name: str = "pod", *, exit_code: int = 0, reason: str = "Completed") -> dict[str, Any]:
    """Make a pod that has run to its end."""
    return pod(
        name,
        phase="Failed" if exit_code else "Succeeded",
        state={"terminated": {"exitCode": exit_code, "reason": reason}},
        policy="Never",
    )


def stamped(*lines: str, second: int = 0, end: str = "\n") -> bytes:
    """Write log lines as the API does with timestamps, a millisecond apart."""
    return "".join(
        f"2026-11-24T07:18:{second:02}.{number:03}000000Z {line}{end}" for number, line in enumerate(lines)
    ).encode()
