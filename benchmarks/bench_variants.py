"""What a log view of a finished pod costs in each variant, and how many lines a CPU second forwards.

    .venv/bin/pytest benchmarks/bench_variants.py -p benchmark -o addopts=""

The server is a process of its own, under a memory limit and a deadline, and reads logs from `repro kube`. Its CPU
time is what the scheduler says it was on a CPU, so a busy machine changes it little.
"""

import asyncio
import contextlib
import json
import statistics
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
import yaml
from pytest_benchmark.fixture import BenchmarkFixture

from repro.bounds import bounded
from repro.kube.kinds import manifest
from repro.server.events import PROTOCOL
from repro.server.variants import NAMES

MEMORY: Final = 1 << 30
DEADLINE: Final = 300.0
"""Seconds of a process: longer than the suite takes on a busy machine."""

START_TIMEOUT: Final = 30.0
TARGET: Final = Path(__file__).parent / "targets" / "counted_serve.py"

VIEWS: Final = 50
"""Views, one after another, of a variant whose views end."""

ENDLESS: Final = 1.0
"""Seconds after which a view that does not end is left."""

LINES: Final = 20_000
LINE_BYTES: Final = 100
ROUNDS: Final = 5


class Server:
    """A counted `repro serve`."""

    def __init__(self, pid: int, url: str, counter: Path) -> None:
        self._pid = pid
        self._counter = counter
        self.url = url

    def cpu(self) -> float:
        """Give the seconds it has been on a CPU."""
        tasks = Path(f"/proc/{self._pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def tasks(self) -> int:
        """Give the number of tasks it has created."""
        count: int = struct.unpack("<Q", self._counter.read_bytes())[0]
        return count


@contextlib.contextmanager
def process(command: list[str]) -> Iterator[tuple[int, str]]:
    """Run a bounded process and give its pid and its ready line."""
    with subprocess.Popen(
        bounded(command, memory=MEMORY, deadline=DEADLINE),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as started:
        try:
            assert started.stdout is not None
            yield started.pid, started.stdout.readline().strip()
        finally:
            started.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                started.wait(2)
            started.kill()


@contextlib.contextmanager
def serving(kubeconfig: str, folder: Path) -> Iterator[Server]:
    """Run a server."""
    counter = folder / "tasks"
    counter.write_bytes(bytes(8))
    with process([sys.executable, str(TARGET), kubeconfig, str(counter)]) as (pid, url):
        yield Server(pid, url, counter)


def ask(url: str, body: bytes | None = None) -> dict[str, Any]:
    """Get, or post, JSON."""
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})  # noqa: S310 - loopback
    with urllib.request.urlopen(request, timeout=START_TIMEOUT) as answer:  # noqa: S310 - loopback
        found: dict[str, Any] = json.load(answer)
    return found


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[str]:
    """Run the embedded API with a finished pod of 20 lines, and one of many."""
    with process([sys.executable, "-m", "repro", "kube", "--pods", "succeeded"]) as (_, path):
        api = yaml.safe_load(Path(path).read_text())["clusters"][0]["cluster"]["server"]
        pods = f"{api}/api/v1/namespaces/default/pods"
        knobs = {"hotloop/lines": str(LINES), "hotloop/line-bytes": str(LINE_BYTES)}
        ask(pods, json.dumps(manifest("succeeded", "long", annotations=knobs)).encode())
        end = time.monotonic() + START_TIMEOUT
        while ask(f"{pods}/long")["status"]["phase"] != "Succeeded":
            assert time.monotonic() < end, "the long log was not written in time"
            time.sleep(0.05)
        yield path


async def look(session: aiohttp.ClientSession, variant: str, pod: str) -> int:
    """Look at a log to its end, and give the lines."""
    path = f"/logs/{variant}/default/{pod}"
    if variant == "bypass":
        async with session.get(path) as answer:
            return (await answer.read()).count(b"\n")
    lines = 0
    async with session.ws_connect(path, protocols=[PROTOCOL] if variant == "hardened" else ()) as ws:
        async for message in ws:
            if message.type is aiohttp.WSMsgType.BINARY:
                lines += message.data.count(b"\n")
            elif variant != "hardened":
                lines += 1
    return lines


async def look_often(url: str, variant: str) -> int:
    """Open views one after another, and give how many have ended; leave the first that does not."""
    async with aiohttp.ClientSession(url) as session:
        for ended in range(VIEWS):
            view = asyncio.ensure_future(look(session, variant, "succeeded"))
            await asyncio.wait({view}, timeout=ENDLESS)
            if not view.done():
                await session.close()
                view.cancel()
                await asyncio.wait({view})
                return ended
            view.result()
    return VIEWS


@pytest.mark.parametrize("variant", NAMES)
def test_view_of_a_finished_pod(
    benchmark: BenchmarkFixture, kubeconfig: str, variant: str, tmp_path: Path
) -> None:
    """Look at a finished log of 20 lines."""
    with serving(kubeconfig, tmp_path) as server:
        cpu, tasks, begun = server.cpu(), server.tasks(), time.monotonic()
        ended = benchmark.pedantic(lambda: asyncio.run(look_often(server.url, variant)), rounds=1)  # type: ignore[no-untyped-call] # it has no types
        cpu, tasks, took = server.cpu() - cpu, server.tasks() - tasks, time.monotonic() - begun
    views = max(ended, 1)
    benchmark.extra_info |= {
        "view_ends": ended == VIEWS,
        "cpu_ms_per_view": round(cpu / views * 1e3, 2),
        "tasks_per_view": round(tasks / views, 1),
        "cores": round(cpu / took, 2),
    }


def test_lines_forwarded(benchmark: BenchmarkFixture, kubeconfig: str, tmp_path: Path) -> None:
    """Forward a finished log of 2 MB in `published` and `hardened` by turns: lines per CPU second."""
    rates: dict[str, list[float]] = {"published": [], "hardened": []}

    async def by_turns(server: Server) -> None:
        async with aiohttp.ClientSession(server.url) as session:
            for _ in range(ROUNDS):
                for variant, measured in rates.items():
                    before = server.cpu()
                    assert await look(session, variant, "long") == LINES
                    measured.append(LINES / (server.cpu() - before))

    with serving(kubeconfig, tmp_path) as server:
        benchmark.pedantic(lambda: asyncio.run(by_turns(server)), rounds=1)  # type: ignore[no-untyped-call] # it has no types
    published, hardened = (statistics.median(measured) for measured in rates.values())
    benchmark.extra_info |= {
        "published_lines_per_cpu_s": round(published),
        "hardened_lines_per_cpu_s": round(hardened),
        "ratio": round(hardened / published, 2),
    }
    assert hardened >= published
