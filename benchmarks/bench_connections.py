"""What it costs to read 5,000 connections and the descriptors behind them."""

import itertools
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from diag.collectors.descriptors import DescriptorReader
from diag.collectors.proc import Proc
from diag.collectors.tcp import ConnectionReader
from repro.bounds import bounded

TARGET = Path(__file__).parent / "targets" / "many_connections.py"
CONNECTIONS = 5000
MOST_CONNECTIONS, MOST_DESCRIPTORS = 0.06, 0.04
"""Seconds of CPU that a reading may take, the median of several."""


@pytest.fixture(scope="module")
def pid() -> Iterator[int]:
    """Run a process with so many ends of connections."""
    command = bounded([sys.executable, str(TARGET), str(CONNECTIONS // 2)], memory=1 << 30, deadline=120)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


def cpu_of(benchmark: BenchmarkFixture, read: Callable[[], object]) -> float:
    """Read several times; gives the median of the CPU seconds that it took."""
    used = []

    def once() -> None:
        begin = time.process_time()
        read()
        used.append(time.process_time() - begin)

    benchmark.pedantic(once, rounds=9, warmup_rounds=1)  # type: ignore[no-untyped-call] # pytest-benchmark's
    benchmark.extra_info["CPU ms"] = statistics.median(used) * 1e3
    return statistics.median(used)


def test_descriptors(benchmark: BenchmarkFixture, pid: int) -> None:
    """Where each descriptor leads."""
    reader = DescriptorReader(Proc())
    moments = itertools.count()
    assert len(reader.read(-1, pid).sockets) == CONNECTIONS + 1
    assert cpu_of(benchmark, lambda: reader.read(next(moments), pid)) <= MOST_DESCRIPTORS


def test_connections(benchmark: BenchmarkFixture, pid: int) -> None:
    """State, bytes and segments of each, the descriptors being known."""
    descriptors = DescriptorReader(Proc())
    reader = ConnectionReader(Proc(), descriptors=descriptors, clock=lambda: 0.0)
    assert len(reader.read(0.0, [pid])) == CONNECTIONS + 1
    assert cpu_of(benchmark, lambda: reader.read(0.0, [pid])) <= MOST_CONNECTIONS
