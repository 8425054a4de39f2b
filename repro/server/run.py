"""The server as a whole: one process, or several on one port."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from repro.server.process import default_kubeconfig, listen, load_configuration, serve


def run(
    host: str,
    port: int,
    kubeconfig: Path | None,
    workers: int,
    announce: Callable[[str, int], None],
) -> int:
    """Serve until a signal ends it, and answer the exit code.

    Args:
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        kubeconfig: names the cluster; kubectl's own by default.
        workers: how many processes share the port.
        announce: called with host and port when the server answers.

    Raises:
        HotloopError: no kubeconfig, the Kubernetes API cannot be used, or the port is taken.
    """
    listener = listen(host, port)
    asyncio.run(_single(host, listener, kubeconfig or default_kubeconfig(), announce))
    return 0


async def _single(
    host: str, listener: socket.socket, kubeconfig: Path, announce: Callable[[str, int], None]
) -> None:
    async def attach(runner: web.AppRunner) -> None:
        await web.SockSite(runner, listener).start()

    configuration = await load_configuration(kubeconfig)
    await serve(configuration, attach, lambda: announce(host, listener.getsockname()[1]))
