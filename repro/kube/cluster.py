"""The embedded API on a port, with a kubeconfig: what a command or a test starts."""

import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import yaml
from aiohttp import web

from diag.errors import HotloopError
from repro.kube.app import KubeApi
from repro.kube.kinds import manifest
from repro.kube.objects import Json

NAME = "hotloop"
"""The cluster's name in the kubeconfig."""


class Cluster(msgspec.Struct, frozen=True):
    """An API that listens."""

    api: KubeApi
    url: str

    def write_kubeconfig(self, path: Path) -> None:
        """Write the file that `kubectl` and the clients read; nobody else may read it."""
        path.touch(mode=0o600)
        path.write_text(yaml.safe_dump(kubeconfig(self.url), sort_keys=False), encoding="utf-8")


def kubeconfig(url: str) -> Json:
    """Give a kubeconfig for an API at `url`."""
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": NAME, "cluster": {"server": url}}],
        # The API asks for no token; without one `kubectl` asks its user for a name and a password.
        "users": [{"name": NAME, "user": {"token": NAME}}],
        "contexts": [{"name": NAME, "context": {"cluster": NAME, "user": NAME, "namespace": "default"}}],
        "current-context": NAME,
    }


@contextlib.asynccontextmanager
async def running_cluster(
    api: KubeApi | None = None, *, host: str = "127.0.0.1", port: int = 0, pods: Sequence[str] = ()
) -> AsyncIterator[Cluster]:
    """Serve an API until the block ends.

    Args:
        api: a fresh one unless given.
        host: the address to listen on.
        port: 0 picks a free one.
        pods: kinds to create a pod of each, named by its kind.

    Raises:
        HotloopError: the port cannot be had.
    """
    api = api or KubeApi()
    runner = web.AppRunner(api.app(), handler_cancellation=True, shutdown_timeout=0.25, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, backlog=2048)
        try:
            await site.start()
        except OSError as error:
            # asyncio wraps the system's words; a name that is not known has a negative number and words of its own.
            number = error.errno or 0
            why = os.strerror(number) if number > 0 else error.strerror
            raise HotloopError(
                f"cannot listen on {host}:{port}: {why}; choose another --host or --port"
            ) from error
        for kind in pods:
            api.create_pod(manifest(kind, kind))
        _, bound_port, *_ = runner.addresses[0]
        shown = f"[{host}]" if ":" in host else host
        yield Cluster(api, f"http://{shown}:{bound_port}")
    finally:
        await runner.cleanup()
