"""How fast the embedded Kubernetes API is: log bytes a second, requests a second, follows held.

    .venv/bin/pytest benchmarks/bench_kube.py -p benchmark -o addopts=""

The API runs as `repro kube` does, in a process of its own; the client is as cheap as a client can be: a socket that
is read and not looked at.
"""

import contextlib
import json
import resource
import selectors
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import psutil
import pytest
import yaml
from pytest_benchmark.fixture import BenchmarkFixture

from repro.kube.kinds import manifest

PODS = "/api/v1/namespaces/default/pods"
LINES = 200_000
LINE_BYTES = 100
LOG_BYTES = LINES * LINE_BYTES
FOLLOWS = 1000
DEADLINE = 30.0
IDLE_SECONDS = 3.0


class Server:
    """`repro kube` in a process of its own."""

    def __init__(self, pid: int, url: str) -> None:
        self.process = psutil.Process(pid)
        parts = urlsplit(url)
        self.url = url
        self.address = (parts.hostname or "", parts.port or 0)

    def cpu(self) -> float:
        """Give the CPU seconds it has used."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def create(self, pod: object) -> None:
        """Create a pod."""
        request = urllib.request.Request(  # noqa: S310 - loopback
            self.url + PODS, json.dumps(pod).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=DEADLINE):  # noqa: S310 - loopback
            pass

    def phase(self, name: str) -> str:
        """Give a pod's phase."""
        with urllib.request.urlopen(f"{self.url}{PODS}/{name}", timeout=DEADLINE) as response:  # noqa: S310
            phase: str = json.load(response)["status"]["phase"]
        return phase

    def ask(self, path: str) -> socket.socket:
        """Open a connection and send a request for a log."""
        connection = socket.create_connection(self.address, timeout=DEADLINE)
        connection.sendall(f"GET {PODS}/{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        return connection

    def read(self, path: str) -> int:
        """Read an answer to its end, and give its size in bytes."""
        with contextlib.closing(self.ask(path)) as connection:
            size, buffer = 0, bytearray(1 << 18)
            while count := connection.recv_into(buffer):
                size += count
        return size


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Start the API with a long log and a quiet pod."""
    process = subprocess.Popen(
        [sys.executable, "-m", "repro", "kube", "--pods", "succeeded,running"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        with open(process.stdout.readline().strip(), encoding="utf-8") as file:  # noqa: PTH123 - read once
            url = yaml.safe_load(file)["clusters"][0]["cluster"]["server"]
        found = Server(process.pid, url)
        knobs = {"hotloop/lines": str(LINES), "hotloop/line-bytes": str(LINE_BYTES)}
        found.create(manifest("succeeded", "long", annotations=knobs))
        end = time.monotonic() + DEADLINE
        while found.phase("long") != "Succeeded":
            assert time.monotonic() < end, "the long log was not written in time"
            time.sleep(0.05)
        yield found
    finally:
        process.terminate()
        process.communicate(timeout=DEADLINE)


def _mean(benchmark: BenchmarkFixture) -> float:
    """Give the seconds that a round took."""
    assert benchmark.stats is not None
    mean: float = benchmark.stats.stats.mean
    return mean


def test_log_read(benchmark: BenchmarkFixture, server: Server) -> None:
    """Serve a finished log of 20 MB as it comes."""
    _measure_throughput(benchmark, server, "long/log")


def test_log_followed(benchmark: BenchmarkFixture, server: Server) -> None:
    """Serve the same log with a chunk a line, as a follow gets it."""
    _measure_throughput(benchmark, server, "long/log?follow=true")


def _measure_throughput(benchmark: BenchmarkFixture, server: Server, path: str) -> None:
    before = server.cpu()
    size = benchmark.pedantic(server.read, (path,), rounds=5, warmup_rounds=1)  # type: ignore[no-untyped-call] # it has no types
    used = server.cpu() - before
    assert size > LOG_BYTES
    benchmark.extra_info |= {
        "log_mb_per_s": round(LOG_BYTES / _mean(benchmark) / 1e6, 1),
        "lines_per_s": round(LINES / _mean(benchmark)),
        "log_mb_per_cpu_s": round(6 * LOG_BYTES / used / 1e6, 1),
    }


def test_requests_for_a_finished_log(benchmark: BenchmarkFixture, server: Server) -> None:
    """Serve a finished log of 20 lines again and again, as a client without a pause asks for it."""
    requests = 200

    def ask_again() -> None:
        for _ in range(requests):
            server.read("succeeded/log?follow=true")

    benchmark.pedantic(ask_again, rounds=3, warmup_rounds=1)  # type: ignore[no-untyped-call] # it has no types
    benchmark.extra_info["requests_per_s"] = round(requests / _mean(benchmark))


@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_NOFILE)[0] < FOLLOWS + 100,
    reason="a thousand connections need as many file descriptors",
)
def test_follows_held(benchmark: BenchmarkFixture, server: Server) -> None:
    """Open 1,000 follows of a running pod, and hold them while it writes a line a second."""
    resident = server.process.memory_info().rss

    def open_all() -> list[socket.socket]:
        connections = [server.ask("running/log?follow=true&tailLines=1") for _ in range(FOLLOWS)]
        with selectors.DefaultSelector() as waiting:
            for connection in connections:
                waiting.register(connection, selectors.EVENT_READ)
            end = time.monotonic() + DEADLINE
            while waiting.get_map():
                assert time.monotonic() < end, "not every follow was answered in time"
                for key, _ in waiting.select(1.0):
                    waiting.unregister(key.fileobj)
        return connections

    connections = benchmark.pedantic(open_all, rounds=1)  # type: ignore[no-untyped-call] # it has no types
    before, begun = server.cpu(), time.monotonic()
    time.sleep(IDLE_SECONDS)
    benchmark.extra_info |= {
        "follows_held": len(connections),
        "follows_opened_per_s": round(FOLLOWS / _mean(benchmark)),
        "cores_while_held": round((server.cpu() - before) / (time.monotonic() - begun), 3),
        "kib_per_follow": round((server.process.memory_info().rss - resident) / FOLLOWS / 1024, 1),
    }
    for connection in connections:
        connection.close()
