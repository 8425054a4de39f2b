"""What the sound log views take, in figures that `diag gate` judges: CPU seconds and counts, no time by the clock.

    diag gate --run-both main --budget benchmarks/gate.toml

The server is a process of its own, under a memory limit and a deadline. Its event loop counts for itself, and its CPU time
is what the scheduler says.
"""

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from repro.bounds import bounded
from repro.scrape import LoopTotals, loop_totals
from repro.server.events import PROTOCOL

MEMORY: Final = 1 << 30
DEADLINE: Final = 120.0
"""Seconds of a process: longer than the suite takes on a busy machine."""

VIEWS: Final = 50
SOUND: Final = ("hardened", "published", "bypass")
"""Variants whose views end."""


@contextlib.contextmanager
def process(*words: str) -> Iterator[tuple[int, str]]:
    """Run a bounded part of `repro` and give its pid and its ready line."""
    command = bounded([sys.executable, "-m", "repro", *words], memory=MEMORY, deadline=DEADLINE)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as started:
        try:
            assert started.stdout is not None
            yield started.pid, started.stdout.readline().strip()
        finally:
            started.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                started.wait(2)
            started.kill()


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[str]:
    """Run the embedded API with a finished pod of 20 lines."""
    with process("kube", "--pods", "succeeded") as (_, path):
        yield path


def cpu(pid: int) -> float:
    """Give the seconds that a process has been on a CPU."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def counts(url: str) -> LoopTotals:
    """Give what the server's event loop has done."""
    found = loop_totals(url)
    assert found is not None, "the server does not count"
    return found


async def look_often(url: str, variant: str) -> int:
    """Open views one after another, and give the lines that came."""
    path, lines = f"/logs/{variant}/default/succeeded", 0
    async with aiohttp.ClientSession(url) as session:
        for _ in range(VIEWS):
            if variant == "bypass":
                async with session.get(path) as answer:
                    lines += (await answer.read()).count(b"\n")
                continue
            async with session.ws_connect(path, protocols=[PROTOCOL] if variant == "hardened" else ()) as ws:
                async for message in ws:
                    if message.type is aiohttp.WSMsgType.BINARY:
                        lines += message.data.count(b"\n")
                    elif variant != "hardened":
                        lines += 1
    return lines


@pytest.mark.parametrize("variant", SOUND)
def test_views_of_a_finished_pod(benchmark: BenchmarkFixture, kubeconfig: str, variant: str) -> None:
    """Look at a finished log of 20 lines, fifty times."""
    with process("serve", "--kubeconfig", kubeconfig) as (pid, url):
        asyncio.run(look_often(url, variant))  # what happens but once in a process
        before, spent = counts(url), cpu(pid)
        lines = benchmark.pedantic(lambda: asyncio.run(look_often(url, variant)), rounds=1)  # type: ignore[no-untyped-call] # it has no types
        spent, done = cpu(pid) - spent, counts(url) - before
    benchmark.extra_info |= {
        "cpu_seconds": round(spent, 4),
        "turns": int(done.turns),
        "tasks_created": int(done.tasks_created),
        "empty_turns_per_view": round(done.empty_turns / VIEWS, 1),
        "lines": lines,
    }
