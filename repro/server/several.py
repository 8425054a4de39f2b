"""The server as several processes: what the parent does."""

import asyncio
import gc
import os
import socket
from collections.abc import Callable
from pathlib import Path

from repro.server.metrics import exposition_of_all, forget
from repro.server.process import load_clients, serve, signals_setting, warm_up
from repro.server.workers import Dispatcher, Worker, adopt, fork_workers, stop


def run_several(kubeconfig: Path, count: int, listener: socket.socket, ready: Callable[[], None]) -> None:
    """Serve `listener` with `count` workers until a signal ends it; call `ready` when all of them answer.

    Raises:
        HotloopError: no kubeconfig, the Kubernetes API cannot be used, or all workers have ended.
    """
    clients = asyncio.run(load_clients(kubeconfig))
    asyncio.run(warm_up(clients))
    forget(os.getpid())
    gc.collect()
    gc.freeze()  # what is here now is left alone by the workers' collections, and so stays shared memory

    def work(channel: socket.socket) -> None:
        asyncio.run(serve(clients, lambda runner: adopt(runner, channel), lambda: None))

    asyncio.run(_dispatch(fork_workers(count, work, listener), listener, ready))


async def _dispatch(workers: list[Worker], listener: socket.socket, ready: Callable[[], None]) -> None:
    stopping = asyncio.Event()
    dispatcher = Dispatcher(listener, list(workers), exposition_of_all, forget)
    with signals_setting(stopping):
        dispatching = asyncio.create_task(dispatcher.run(ready))
        waiting = asyncio.create_task(stopping.wait())
        await asyncio.wait({dispatching, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        try:
            if dispatching.done():
                dispatching.result()
        finally:
            dispatching.cancel()
            await stop(workers)
