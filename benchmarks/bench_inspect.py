"""What `diag inspect` costs: time beyond its window, our CPU, the target's throughput, memory, and how it grows.

Limits: the window plus 1.5 s; 15 % of a core while it looks; 3 % of the target's throughput; 200 MB on a target with
100,000 tasks; on 10,000 tasks or 500 threads no longer than twice what a small target takes. Where the machine is shared, the
best of several runs is what the command costs; the median is shown beside it.
"""

import contextlib
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.bench_census import pedantic
from benchmarks.bench_observer import (
    Server,
    Throughput,
    bystander,  # noqa: F401 - a fixture
    cores,  # noqa: F401 - a fixture
    server,  # noqa: F401 - a fixture
)
from diag import storage
from diag.recording import Recording
from repro.bounds import bounded

TARGETS = Path(__file__).parent / "targets"
WINDOW = 3.0
ROUNDS = 5
PAIRS = 6
MEMORY = 3 << 30
DEADLINE = 300.0

MOST_BEYOND = 1.5
MOST_SHARE = 0.15
MOST_LOSS = 0.03
MOST_MEGABYTES = 200.0
MOST_TIMES = 2.0

_LOOK = """
import json, resource, sys, time
from diag.observation import observe
from diag.collectors import census, snapshots
import diag.diagnosis
def used():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in both)
cpu, begin = used(), time.monotonic()
observe(int(sys.argv[1]), float(sys.argv[2]))
print(json.dumps({"cpu": used() - cpu, "seconds": time.monotonic() - begin}))
"""
"""Looks at a process without what comes before and after: the start of the command with its imports, and the judgement."""


class Cost(NamedTuple):
    """What a run of the command took."""

    seconds: float
    cpu: float
    """CPU seconds, those of the sampler included."""
    megabytes: float
    """Peak of resident memory of the larger of the two."""


def inspect(pid: int) -> Cost:
    """Run `diag inspect PID` at its defaults."""
    command = [sys.executable, "-m", "diag", "inspect", str(pid), "--format", "json"]
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in {0, 1}, command
    return Cost(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


@contextlib.contextmanager
def target(*words: str) -> Iterator[int]:
    """Run a target until the block ends; gives its pid once it is ready."""
    script, *arguments = words
    command = bounded([sys.executable, str(TARGETS / script), *arguments], memory=MEMORY, deadline=DEADLINE)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline(), words
        yield process.pid
        process.kill()


def test_time_and_cpu(benchmark: BenchmarkFixture) -> None:
    """A spin with a few tasks: at most 1.5 s beyond the window, and 15 % of a core while it looks."""
    costs: list[Cost] = []
    shares: list[float] = []

    def once(pid: int) -> None:
        costs.append(inspect(pid))
        answer = subprocess.run(
            [sys.executable, "-c", _LOOK, str(pid), str(WINDOW)], capture_output=True, check=True, timeout=60
        )
        looked = json.loads(answer.stdout)
        shares.append(looked["cpu"] / looked["seconds"])

    with target("many_tasks.py", "10", "spin") as pid:
        pedantic(benchmark, lambda: once(pid), rounds=ROUNDS)
    beyond = [cost.seconds - WINDOW for cost in costs]
    benchmark.extra_info["seconds beyond the window"] = min(beyond)
    benchmark.extra_info["its median"] = statistics.median(beyond)
    benchmark.extra_info["limit"] = MOST_BEYOND
    benchmark.extra_info["share of a core while it looks"] = min(shares)
    benchmark.extra_info["its median "] = statistics.median(shares)
    benchmark.extra_info["limit "] = MOST_SHARE
    benchmark.extra_info["CPU seconds of the whole command"] = min(cost.cpu for cost in costs)
    assert min(beyond) <= MOST_BEYOND
    assert min(shares) <= MOST_SHARE


def test_throughput(
    benchmark: BenchmarkFixture,
    server: Server,  # noqa: F811 - the fixture
    bystander: int,  # noqa: F811 - the fixture
    tmp_path: Path,
) -> None:
    """A saturated server loses no more than 3 % of its throughput; turns alone and observed alternate.

    `loss` leaves out what else holds the server's core, the observer included where there is but one; `loss of contact` is
    against turns in which a bystander is inspected: what touching the server costs it.
    """
    alone: list[Throughput] = []
    beside: list[Throughput] = []
    observed: list[Throughput] = []

    def during(pid: int, name: str) -> Throughput:
        recording = _inspected(pid, tmp_path / name)
        return server.throughput(recording.started, recording.started + recording.seconds)

    def rest() -> None:
        start = time.time()
        time.sleep(WINDOW)
        alone.append(server.throughput(start, time.time()))
        beside.append(during(bystander, f"bystander-{len(beside)}"))

    def observe() -> None:
        observed.append(during(server.process.pid, f"server-{len(observed)}"))

    benchmark.pedantic(observe, setup=rest, rounds=PAIRS)  # type: ignore[no-untyped-call] # it has no types
    rest()
    around = [(one.available + other.available) / 2 for one, other in itertools.pairwise(alone)]
    losses = [1 - each.available / bare for bare, each in zip(around, observed, strict=True)]
    contact = [1 - each.available / other.available for other, each in zip(beside, observed, strict=False)]
    noise = [abs(1 - one.available / other.available) for one, other in itertools.pairwise(alone)]
    benchmark.extra_info["pairs"] = PAIRS
    benchmark.extra_info["loss"] = statistics.median(losses)
    benchmark.extra_info["loss of contact"] = statistics.median(contact)
    benchmark.extra_info["noise"] = statistics.median(noise)
    benchmark.extra_info["limit"] = MOST_LOSS


def test_memory(benchmark: BenchmarkFixture) -> None:
    """A target with 100,000 tasks takes no more than 200 MB of ours."""
    costs: list[Cost] = []
    with target("many_tasks.py", "100000", "spin") as pid:
        pedantic(benchmark, lambda: costs.append(inspect(pid)), rounds=2)
    benchmark.extra_info["MB at the peak"] = max(cost.megabytes for cost in costs)
    benchmark.extra_info["limit"] = MOST_MEGABYTES
    benchmark.extra_info["seconds beyond the window"] = min(cost.seconds for cost in costs) - WINDOW
    assert max(cost.megabytes for cost in costs) <= MOST_MEGABYTES


@pytest.mark.parametrize(
    ("words", "name"),
    [(("many_tasks.py", "10000", "spin"), "tasks"), (("many_threads.py", "500"), "threads")],
)
def test_large_beside_small(benchmark: BenchmarkFixture, words: tuple[str, ...], name: str) -> None:
    """10,000 tasks, or 500 threads, take no longer than twice what a small target takes; they take turns."""
    small: list[float] = []
    large: list[float] = []
    few = words[0], "10", *words[2:]

    def both(one: int, other: int) -> None:
        small.append(inspect(one).seconds)
        large.append(inspect(other).seconds)

    with target(*few) as one, target(*words) as other:
        pedantic(benchmark, lambda: both(one, other), rounds=3)
    ratio = min(large) / min(small)
    benchmark.extra_info["what"] = name
    benchmark.extra_info["small, s"] = min(small)
    benchmark.extra_info["large, s"] = min(large)
    benchmark.extra_info["large / small"] = ratio
    benchmark.extra_info["beyond the window, large / small"] = (min(large) - WINDOW) / (min(small) - WINDOW)
    benchmark.extra_info["limit"] = MOST_TIMES
    assert ratio <= MOST_TIMES


def _inspected(pid: int, folder: Path) -> Recording:
    words = ["inspect", str(pid), "--format", "json", "--keep", str(folder)]
    answer = subprocess.run([sys.executable, "-m", "diag", *words], capture_output=True, check=False)
    assert answer.returncode in {0, 1}, answer.stderr.decode()
    return storage.load(folder)
