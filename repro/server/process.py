"""One process of the log service: its configuration, its event loop and its end."""

import asyncio
import contextlib
import errno
import itertools
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Final

import aiohttp
import msgspec
from aiohttp import web
from kubernetes.aio import client
from kubernetes.aio.config import load_kube_config

from diag.errors import HotloopError
from repro.kubeconfig import reading
from repro.server.app import CLUSTER, application
from repro.server.cluster import Clients, RefusedError
from repro.server.events import PROTOCOL
from repro.server.metrics import Metrics

SHUTDOWN_TIMEOUT: Final = 0.5
"""Seconds that a view may take to end, before it is cancelled; the faulty ones never end by themselves."""

WARM_UP_TIMEOUT: Final = 2.0
"""Seconds after which a process is warm enough."""

SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)


def default_kubeconfig() -> Path:
    """Give the kubeconfig that kubectl would use."""
    return Path(os.environ.get("KUBECONFIG") or "~/.kube/config").expanduser()


async def load_clients(kubeconfig: Path) -> Clients:
    """Read where the API is and who asks.

    The client's default is set too: `rewatch` uses the client as it comes.

    Raises:
        HotloopError: there is no such file, or it is none.
    """
    configuration = client.Configuration()
    with reading(kubeconfig):
        await load_kube_config(  # type: ignore[no-untyped-call] # the client leaves it unannotated
            str(kubeconfig), client_configuration=configuration
        )
    client.Configuration.set_default(configuration)
    return Clients(configuration)


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


def run_one(kubeconfig: Path, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve `listener` in this process until a signal ends it; call `ready` when it answers.

    Raises:
        HotloopError: no kubeconfig, or the Kubernetes API cannot be used.
    """

    async def attach(runner: web.AppRunner) -> None:
        await web.SockSite(runner, listener).start()

    async def main() -> None:
        clients = await load_clients(kubeconfig)
        await warm_up(clients)
        await serve(clients, attach, ready)

    asyncio.run(main())


async def warm_up(clients: Clients) -> None:
    """Show a log once, uncounted, so that no view pays for what happens but once in a process.

    Raises:
        HotloopError: the Kubernetes API cannot be used.
    """
    app = application(clients, metrics=Metrics(muted=True))
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT, handle_signals=False)
    try:
        with _unusable_api_told(clients):
            await runner.setup()
            await web.SockSite(runner, socket.create_server(("127.0.0.1", 0))).start()
            pods = await app[CLUSTER].pods()
        ended = (pod.metadata for pod in pods if pod.finished and len(pod.spec.containers) == 1)
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with (
                asyncio.timeout(WARM_UP_TIMEOUT),
                aiohttp.ClientSession("http://{}:{}".format(*runner.addresses[0])) as session,
            ):
                await session.get("/healthz")
                for pod in itertools.islice(ended, 1):
                    path = f"/logs/hardened/{pod.namespace}/{pod.name}"
                    async with session.ws_connect(path, protocols=[PROTOCOL]) as ws:
                        await ws.receive()
    finally:
        await runner.cleanup()


async def serve(
    clients: Clients,
    attach: Callable[[web.AppRunner], Awaitable[None]],
    ready: Callable[[], None],
) -> None:
    """Run the service until a signal ends it.

    The first signal ends it in order; the second one at once, which also ends a process whose loop is frozen.

    Args:
        clients: reach the Kubernetes API.
        attach: connects the runner with where connections come from.
        ready: called when the service answers.

    Raises:
        HotloopError: the Kubernetes API cannot be used.
    """
    stop = asyncio.Event()
    runner = web.AppRunner(
        application(clients), access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT, handle_signals=False
    )
    with signals_setting(stop):
        try:
            with _unusable_api_told(clients):
                await runner.setup()
            await attach(runner)
            ready()
            await stop.wait()
        finally:
            await runner.cleanup()


@contextlib.contextmanager
def signals_setting(stop: asyncio.Event) -> Iterator[None]:
    """Let the first signal set `stop` and the second end the process; one that is ignored stays so."""
    loop = asyncio.get_running_loop()
    caught = [each for each in SIGNALS if signal.getsignal(each) is not signal.SIG_IGN]

    def handle(_number: int, _frame: FrameType | None) -> None:
        for each in caught:
            signal.signal(each, signal.SIG_DFL)
        loop.call_soon_threadsafe(stop.set)

    before = {each: signal.signal(each, handle) for each in caught}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


@contextlib.contextmanager
def _unusable_api_told(clients: Clients) -> Iterator[None]:
    try:
        yield
    except (RefusedError, aiohttp.ClientError, TimeoutError, msgspec.DecodeError) as error:
        raise HotloopError(
            f"the Kubernetes API at {clients.host} cannot be used, is it up? "
            f"({str(error) or 'it does not answer'})"
        ) from error
