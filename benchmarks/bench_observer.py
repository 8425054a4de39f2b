"""What being observed costs: throughput of a saturated web server, alone and under `diag record` at its defaults.

Alone and observed take turns, so that what else the machine does falls on both: each turn under observation is
compared with the mean of the turns before and after it. The server has one core for itself and the observer the
others. Medians of those ratios (alone / observed - 1):

- `cost_wall`: requests a second;
- `cost_available`: requests a second in which no other process held the server's core. This is the cost of being
  observed; it leaves out what else runs on the machine, the observer on the server's core included;
- `cost_cpu`: requests a CPU second.

- `cost_of_contact`: `cost_available` against turns in which `diag record` watches a bystander, an idle process. That
  is what is left when the observer's own use of the machine is taken out: what touching the server costs it.

`cost_while_sampled` is `cost_available` in the stretch with stack sampling alone. `noise` is how much two turns
alone differ in the median: a cost below it is not to be told from none.
"""

import itertools
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from diag import storage
from diag.rates import Window, phase_window
from diag.recording import Recording
from repro.bounds import bounded

PAIRS = 6
SECONDS = 4.0
"""Of each turn; `diag record` samples stacks in the last 60 % of it."""

DEADLINE = (PAIRS + 1) * (SECONDS + 5) * 3 + 30
MEMORY = 512 << 20
SERVER = Path(__file__).parent / "targets" / "served.py"
LIMIT = 0.03


class Count(msgspec.Struct, frozen=True):
    """What the server says of itself."""

    at: float
    served: int
    cpu: float
    waited: float


class Throughput(NamedTuple):
    """Requests a second of three kinds."""

    wall: float
    available: float
    cpu: float


class Server:
    """The server, and what it has said so far."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self.process = process
        self.counts: list[Count] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.counts.append(msgspec.json.decode(line, type=Count))

    def throughput(self, start: float, end: float) -> Throughput:
        """Give the throughput between two times, in seconds since the epoch."""
        inside = [count for count in self.counts if start <= count.at <= end]
        first, last = inside[0], inside[-1]
        served = last.served - first.served
        passed = last.at - first.at
        return Throughput(
            wall=served / passed,
            available=served / (passed - (last.waited - first.waited)),
            cpu=served / (last.cpu - first.cpu),
        )


@pytest.fixture
def cores() -> Iterator[tuple[str, int]]:
    """Reserve a core for the server, and keep this process and its children off it; "any" where there is one."""
    all_cores = os.sched_getaffinity(0)
    if len(all_cores) == 1:
        yield "any", 1
        return
    own = min(all_cores)
    os.sched_setaffinity(0, all_cores - {own})
    yield str(own), len(all_cores)
    os.sched_setaffinity(0, all_cores)


@pytest.fixture
def server(cores: tuple[str, int]) -> Iterator[Server]:
    """Run the server until the benchmark ends."""
    command = bounded(
        [sys.executable, str(SERVER), cores[0], str(DEADLINE)], memory=MEMORY, deadline=DEADLINE
    )
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        running = Server(process)
        end = time.monotonic() + 20
        while not running.counts and time.monotonic() < end:
            time.sleep(0.05)
        yield running
        process.kill()


@pytest.fixture
def bystander() -> Iterator[int]:
    """Run an idle process until the benchmark ends."""
    code = f"import time; print(flush=True); time.sleep({DEADLINE})"
    command = bounded([sys.executable, "-c", code], memory=MEMORY, deadline=DEADLINE)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid
        process.kill()


def recorded(pid: int, folder: Path) -> Recording:
    """Run `diag record` at its defaults, but for its length."""
    words = ["record", str(pid), "-o", str(folder), "--seconds", str(SECONDS)]
    subprocess.run([sys.executable, "-m", "diag", *words], check=True, capture_output=True)
    return storage.load(folder)


def test_observer_overhead(
    benchmark: BenchmarkFixture, server: Server, bystander: int, cores: tuple[str, int], tmp_path: Path
) -> None:
    """`diag record` at its defaults takes no more than 3 % of the server's throughput."""
    alone: list[Throughput] = []
    observed: list[Throughput] = []
    sampled: list[Throughput] = []
    beside: list[Throughput] = []

    def rest() -> None:
        start = time.time()
        time.sleep(SECONDS)
        alone.append(server.throughput(start, time.time()))
        recording = recorded(bystander, tmp_path / "bystander")
        beside.append(server.throughput(recording.started, recording.started + recording.seconds))

    def observe() -> None:
        recording = recorded(server.process.pid, tmp_path / "server")
        observed.append(server.throughput(recording.started, recording.started + recording.seconds))
        window = phase_window(recording, "sampled")
        stacks = recording.stacks[0]
        inner = Window(max(window.start, stacks.start), stacks.end)
        sampled.append(server.throughput(recording.started + inner.start, recording.started + inner.end))

    benchmark.pedantic(observe, setup=rest, rounds=PAIRS)  # type: ignore[no-untyped-call] # it has no types
    rest()

    def cost(kind: str, under: list[Throughput]) -> float:
        figures = [float(getattr(each, kind)) for each in alone]
        around = [(before + after) / 2 for before, after in itertools.pairwise(figures)]
        ratios = [bare / getattr(each, kind) - 1 for bare, each in zip(around, under, strict=True)]
        return float(round(statistics.median(ratios), 4))

    contact = [other.available / each.available - 1 for other, each in zip(beside, observed, strict=False)]
    noise = [abs(before.available / after.available - 1) for before, after in itertools.pairwise(alone)]
    benchmark.extra_info.update(
        {
            "cores": cores[1],
            "pairs": PAIRS,
            "requests_per_second_alone": round(statistics.median(each.wall for each in alone)),
            "requests_per_second_observed": round(statistics.median(each.wall for each in observed)),
            "cost_wall": cost("wall", observed),
            "cost_available": cost("available", observed),
            "cost_cpu": cost("cpu", observed),
            "cost_of_contact": round(statistics.median(contact), 4),
            "cost_while_sampled": cost("available", sampled),
            "noise": round(statistics.median(noise), 4),
            "limit": LIMIT,
        }
    )
