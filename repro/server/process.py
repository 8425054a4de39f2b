"""One process of the log service: its configuration, its event loop and its end."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Final

import aiohttp
from aiohttp import web
from kubernetes.aio import client
from kubernetes.aio.config import ConfigException, load_kube_config

from diag.errors import HotloopError
from repro.server.app import application
from repro.server.cluster import RefusedError

SHUTDOWN_TIMEOUT: Final = 0.5
"""Seconds that a view may take to end, before it is cancelled; the faulty ones never end by themselves."""

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def default_kubeconfig() -> Path:
    """Give the kubeconfig that kubectl would use."""
    return Path(os.environ.get("KUBECONFIG") or "~/.kube/config").expanduser()


async def load_configuration(kubeconfig: Path) -> client.Configuration:
    """Read where the API is and who asks.

    The client's default is set too: `rewatch` uses the client as it comes.

    Raises:
        HotloopError: there is no such file, or it is none.
    """
    if not kubeconfig.is_file():  # noqa: ASYNC240 - before anything else runs
        raise HotloopError(
            f"there is no kubeconfig at {kubeconfig}: name one with --kubeconfig; `repro kube` prints one"
        )
    configuration = client.Configuration()
    try:
        await load_kube_config(  # type: ignore[no-untyped-call] # the client leaves it unannotated
            str(kubeconfig), client_configuration=configuration
        )
    except (ConfigException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise HotloopError(f"{kubeconfig} is no usable kubeconfig: {error}") from error
    client.Configuration.set_default(configuration)
    return configuration


def listen(host: str, port: int) -> socket.socket:
    """Bind a port and listen on it.

    Raises:
        HotloopError: it is taken, or the host is not one of this machine's addresses.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise HotloopError(
                f"port {port} on {host} is in use: choose another with --port, or 0 for a free one"
            ) from error
        raise HotloopError(f"cannot listen on {host} port {port}: {error.strerror or error}") from error


async def serve(
    configuration: client.Configuration,
    attach: Callable[[web.AppRunner], Awaitable[None]],
    ready: Callable[[], None],
) -> None:
    """Run the service until a signal ends it.

    The first signal ends it in order; the second one at once, which also ends a process whose loop is frozen.

    Args:
        configuration: where the Kubernetes API is and who asks.
        attach: connects the runner with where connections come from.
        ready: called when the service answers.

    Raises:
        HotloopError: the Kubernetes API cannot be used.
    """
    stop = asyncio.Event()
    runner = web.AppRunner(
        application(configuration), access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT, handle_signals=False
    )
    with _signals_setting(stop):
        try:
            await runner.setup()
        except (RefusedError, aiohttp.ClientError, TimeoutError) as error:
            await runner.cleanup()
            raise HotloopError(
                f"the Kubernetes API at {configuration.host} cannot be used: {str(error) or 'it does not answer'}"
            ) from error
        try:
            await attach(runner)
            ready()
            await stop.wait()
        finally:
            await runner.cleanup()


@contextlib.contextmanager
def _signals_setting(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def handle(_number: int, _frame: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        loop.call_soon_threadsafe(stop.set)

    before = {each: signal.signal(each, handle) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
