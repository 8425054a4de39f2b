"""Several processes on one port, and each log view in the one that has the fewest.

A port that is shared by the kernel (`SO_REUSEPORT`) gives a connection to whichever process its hash points at:
of 25 views on 25 workers, nine workers get none and others two or three. Here the parent accepts every
connection, looks at the first bytes of its request without taking them, and passes its descriptor on to a worker.
It answers `/metrics` itself, so that a worker whose loop is frozen does not keep the others' from being read.

The workers are forked after everything is imported: 25 of them start in seconds and share their memory.
"""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final, NoReturn

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from diag.errors import HotloopError
from repro.bounds import bind

READY: Final = b"r"
"""What a worker sends once, when it answers."""

REQUEST_TIMEOUT: Final = 5.0
"""Seconds that a new connection may take to send its first bytes."""

STOP_TIMEOUT: Final = 3.0
"""Seconds for the workers to end in order; one whose loop is frozen cannot and is killed."""


class Kind(bytes, Enum):
    """What a connection was opened for; the byte that goes with it to the worker and comes back at its end."""

    VIEW = b"v"
    OTHER = b"o"
    METRICS = b"m"

    @classmethod
    def of(cls, request: bytes) -> "Kind":
        """Tell by the beginning of the first request."""
        if request.startswith(b"GET /logs/"):
            return cls.VIEW
        return cls.METRICS if request.startswith((b"GET /metrics ", b"GET /metrics?")) else cls.OTHER


@dataclass
class Worker:
    """A worker, as its parent sees it."""

    pid: int
    channel: socket.socket
    """One message each: a connection's kind with its descriptor to the worker, the kind back at its end."""
    views: int = 0
    others: int = 0

    def count(self, kind: Kind, change: int) -> None:
        """Note that a connection came or went."""
        if kind is Kind.VIEW:
            self.views += change
        else:
            self.others += change


def choose(workers: list[Worker], kind: Kind) -> Worker:
    """Give the worker for a new connection: the one with the fewest views, or else connections."""
    if kind is Kind.VIEW:
        return min(workers, key=lambda worker: (worker.views, worker.others))
    return min(workers, key=lambda worker: (worker.views + worker.others, worker.others))


def fork_workers(count: int, work: Callable[[socket.socket], None], listener: socket.socket) -> list[Worker]:
    """Start `count` processes that each run `work` with their end of a channel.

    They die with this process, and have what is left of its deadline; its memory limit they inherit.
    """
    workers: list[Worker] = []
    parent = os.getpid()
    for _ in range(count):
        deadline, _ = signal.getitimer(signal.ITIMER_REAL)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            for other in (ours, listener, *(worker.channel for worker in workers)):
                other.close()
            _become_worker(parent, deadline, theirs, work)
        theirs.close()
        ours.settimeout(0)
        workers.append(Worker(pid, ours))
    return workers


def _become_worker(
    parent: int, deadline: float, channel: socket.socket, work: Callable[[socket.socket], None]
) -> NoReturn:
    """Never return into the parent's code, nor run what it has registered for its own exit."""
    code = 1
    try:
        bind(parent, deadline=deadline or None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends the workers
        channel.settimeout(0)
        work(channel)
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
    except BaseException as error:  # noqa: BLE001 - a worker's last words, whatever ended it
        sys.stderr.write(f"repro: worker {os.getpid()}: {str(error) or type(error).__name__}\n")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


async def adopt(runner: web.AppRunner, channel: socket.socket) -> None:
    """In a worker: serve the connections that come over the channel, and report their ends."""
    loop = asyncio.get_running_loop()
    server = runner.server
    assert server is not None
    kinds: dict[RequestHandler, Kind] = {}
    adopting: set[asyncio.Task[None]] = set()
    lost = server.connection_lost

    def report(handler: RequestHandler, exc: BaseException | None = None) -> None:
        lost(handler, exc)
        if kind := kinds.pop(handler, None):
            with contextlib.suppress(OSError):
                channel.send(kind.value)

    async def serve(connection: socket.socket, kind: Kind) -> None:
        handler = server()
        kinds[handler] = kind
        await loop.connect_accepted_socket(lambda: handler, connection)

    def receive() -> None:
        with contextlib.suppress(BlockingIOError):
            message, descriptors, _, _ = socket.recv_fds(channel, 1, 1)
            for descriptor in descriptors:
                task = loop.create_task(serve(socket.socket(fileno=descriptor), Kind(message)))
                adopting.add(task)
                task.add_done_callback(adopting.discard)
            if not message:
                loop.remove_reader(channel.fileno())

    server.connection_lost = report  # type: ignore[method-assign] # aiohttp has no signal for it
    loop.add_reader(channel.fileno(), receive)
    channel.send(READY)


class Dispatcher:
    """In the parent: accepts connections and gives each to a worker."""

    def __init__(
        self,
        listener: socket.socket,
        workers: list[Worker],
        metrics: Callable[[], bytes],
        forget: Callable[[int], None],
    ) -> None:
        self._listener = listener
        self._workers = workers
        self._metrics = metrics
        self._forget = forget
        self._ready = asyncio.Event()
        self._starting = {worker.pid for worker in workers}
        self._at_work: set[asyncio.Task[None]] = set()

    async def run(self, announce: Callable[[], None]) -> None:
        """Call `announce` when all workers answer, and dispatch until cancelled or until none is left.

        Raises:
            HotloopError: a worker did not start, or none is left.
        """
        count = len(self._workers)
        loop = asyncio.get_running_loop()
        for worker in self._workers:
            loop.add_reader(worker.channel.fileno(), self._hear, worker)
        await self._ready.wait()
        if len(self._workers) < count:
            raise HotloopError("a worker has ended while it started, for the reason above")
        announce()
        self._listener.settimeout(0)
        while self._workers:
            connection, _ = await loop.sock_accept(self._listener)
            task = loop.create_task(self._dispatch(connection))
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
        raise HotloopError("all workers have ended, for the reasons above")

    def _hear(self, worker: Worker) -> None:
        try:
            message = worker.channel.recv(1)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if message and message != READY:
            worker.count(Kind(message), -1)
            return
        self._starting.discard(worker.pid)
        if not message:
            asyncio.get_running_loop().remove_reader(worker.channel.fileno())
            self._workers.remove(worker)
            self._forget(worker.pid)
        if not self._starting:
            self._ready.set()

    async def _dispatch(self, connection: socket.socket) -> None:
        with connection:
            connection.settimeout(0)
            try:
                async with asyncio.timeout(REQUEST_TIMEOUT):
                    await _readable(connection)
                kind = Kind.of(connection.recv(64, socket.MSG_PEEK))
            except (TimeoutError, OSError):
                return
            if kind is Kind.METRICS:
                await self._answer_metrics(connection)
                return
            worker = choose(self._workers, kind)
            worker.count(kind, +1)
            try:
                socket.send_fds(worker.channel, [kind.value], [connection.fileno()])
            except OSError:  # its queue is full, or it is just ending: the connection is closed
                worker.count(kind, -1)

    async def _answer_metrics(self, connection: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        with contextlib.suppress(OSError):
            await loop.sock_recv(connection, 1 << 16)
            body = self._metrics()
            head = (
                "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\n"
                f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            )
            await loop.sock_sendall(connection, head.encode() + body)


async def _readable(connection: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    readable = asyncio.Event()
    loop.add_reader(connection.fileno(), readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(connection.fileno())


async def stop(workers: list[Worker]) -> None:
    """End the workers: in order where they can, and surely."""
    for worker in workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGTERM)
    deadline = asyncio.get_running_loop().time() + STOP_TIMEOUT
    left = list(workers)
    while left and asyncio.get_running_loop().time() < deadline:
        left = [worker for worker in left if not _reaped(worker.pid)]
        await asyncio.sleep(0.02)
    for worker in left:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
        _reaped(worker.pid, flags=0)


def _reaped(pid: int, flags: int = os.WNOHANG) -> bool:
    try:
        return os.waitpid(pid, flags)[0] == pid
    except ChildProcessError:
        return True
