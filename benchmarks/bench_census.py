"""The census of tasks and that of types: exact on every interpreter here, and what they cost, beside asyncio's own lists.

`asyncio.all_tasks()` must run inside the process, so it needs code there, and an event loop that still turns. `python
-m asyncio ps PID` needs the same minor version, 3.14 or later, and start-up is part of what it takes.
"""

import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from live.interpreters import found
from live.started import started
from pytest_benchmark.fixture import BenchmarkFixture
from rich.console import Console
from rich.table import Table

from diag.collectors.census import take
from diag.collectors.types import count
from repro.bounds import bounded

MANY_TASKS = Path(__file__).parent / "targets" / "many_tasks.py"
MEMORY = 3 << 30
DEADLINE = 300.0
TRIES = 10
MOST_SECONDS, MOST_MEGABYTES = 5.0, 200.0
"""What a census of a million tasks may take: of CPU time, so that other work on the machine does not count."""

_ALONE = """
import json, re, sys
from diag.collectors.census import take
from diag.collectors.types import count
def status(name):
    return int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024
before = status("VmRSS")
if sys.argv[2] == "tasks":
    found = take(int(sys.argv[1])).live
else:
    found = sum(row.count for row in count(int(sys.argv[1])))
print(json.dumps({"peak": status("VmHWM"), "extra": status("VmHWM") - before, "found": found}))
"""
"""A census by a fresh process, whose peak of memory is that of the census."""


class Listed(msgspec.Struct, frozen=True):
    """What the target says of itself."""

    tasks: int
    seconds: float
    """That `asyncio.all_tasks()` took."""


class Alone(msgspec.Struct, frozen=True):
    """What a census by a fresh process took."""

    peak: float
    """Megabytes of the whole observer."""
    extra: float
    """Megabytes that the census added."""
    found: int
    """Tasks that live, or objects."""


def pedantic(benchmark: BenchmarkFixture, function: Callable[[], Any], **rounds: int) -> Any:  # noqa: ANN401 - the result
    """Run a benchmark for a number of rounds; the fixture's method has no annotations."""
    return benchmark.pedantic(function, **rounds)  # type: ignore[no-untyped-call] # pytest-benchmark's


def cpu_of(pid: int, look: Callable[[int], object] = take) -> float:
    """Take a census; gives the CPU seconds that it took."""
    begin = time.process_time()
    look(pid)
    return time.process_time() - begin


def alone(pid: int, what: str) -> Alone:
    """Take a census of "tasks" or "types" in a fresh process."""
    command = [sys.executable, "-c", _ALONE, str(pid), what]
    answer = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return msgspec.json.decode(answer.stdout, type=Alone)


@contextmanager
def many_tasks(python: str, number: int, mode: str = "idle") -> Iterator[tuple[int, Listed]]:
    """Run a process with so many tasks; gives its pid and what it said."""
    command = bounded([python, str(MANY_TASKS), str(number), mode], memory=MEMORY, deadline=DEADLINE)
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield process.pid, msgspec.json.decode(process.stdout.readline(), type=Listed)
        process.kill()


def exact(pid: int, said: dict[str, Counter[str]]) -> bool:
    """Take a census and compare it with what the target knows: each long-lived coroutine in each state."""
    counts = {"live": Counter[str](), "done": Counter[str]()}
    for group in take(pid).groups:
        name = "long" if group.coroutine.startswith("long_long_") else group.coroutine
        counts["done" if group.state == "done" else "live"][name] += group.count
    strangers = set(counts["live"]) - set(said["live"]) - {"short", "<gone>"}
    return not strangers and all(
        counts[state][name] == number for state in counts for name, number in said[state].items()
    )


def test_exactness(benchmark: BenchmarkFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """Idle and spinning, ten censuses of ten are exact on every interpreter."""
    rows: list[tuple[str, int, int]] = pedantic(benchmark, _matrix, rounds=1)
    benchmark.extra_info.update({version: f"{idle} idle, {spin} spinning" for version, idle, spin in rows})
    table = Table("CPython", "idle", "spinning", title=f"exact, of {TRIES} censuses", title_justify="left")
    for version, idle, spin in rows:
        table.add_row(version, str(idle), str(spin))
    with capsys.disabled():
        Console().print("", table)
    assert all(idle == spin == TRIES for _, idle, spin in rows)


def _matrix() -> list[tuple[str, int, int]]:
    rows = []
    for version, python in found().items():
        right = []
        for mode in ("idle", "spin"):
            with started(python, "tasks.py", mode) as target:
                right.append(sum(exact(target.pid, target.said) for _ in range(TRIES)))
        rows.append((version, right[0], right[1]))
    return rows


@pytest.mark.parametrize("number", [1_000, 10_000, 100_000, 1_000_000])
def test_tasks(benchmark: BenchmarkFixture, number: int) -> None:
    """A million tasks are counted within the limits."""
    with many_tasks(sys.executable, number) as (pid, listed):
        used: list[float] = []
        pedantic(benchmark, lambda: used.append(cpu_of(pid)), rounds=3, warmup_rounds=1)
        other = alone(pid, "tasks")
        waiting = {group.waiting: group.count for group in take(pid).groups if group.coroutine == "waiter"}
        benchmark.extra_info["CPU ms"] = min(used) * 1e3
        benchmark.extra_info["observer's MB at the peak"] = other.peak
        benchmark.extra_info["of these, the census"] = other.extra
        benchmark.extra_info["all_tasks() inside, ms"] = listed.seconds * 1e3
        benchmark.extra_info["target's MB"] = _resident_megabytes(pid)
        assert other.found == listed.tasks == number + 1
        assert list(waiting.values()) == [number]
        assert next(iter(waiting)).endswith("many_tasks.py:16)")
        assert other.peak <= MOST_MEGABYTES
        assert min(used) <= MOST_SECONDS


@pytest.mark.parametrize("number", [1_000, 100_000])
def test_types(benchmark: BenchmarkFixture, number: int) -> None:
    """The objects of a process are counted within the limits; those that make up its tasks are all there."""
    with many_tasks(sys.executable, number) as (pid, _):
        used: list[float] = []
        pedantic(benchmark, lambda: used.append(cpu_of(pid, count)), rounds=3, warmup_rounds=1)
        other = alone(pid, "types")
        counts = {row.type: row.count for row in count(pid)}
        benchmark.extra_info["CPU ms"] = min(used) * 1e3
        benchmark.extra_info["objects"] = other.found
        benchmark.extra_info["observer's MB at the peak"] = other.peak
        benchmark.extra_info["target's MB"] = _resident_megabytes(pid)
        assert counts["_asyncio.Task"] == number + 1
        assert counts["coroutine"] >= 2 * number  # each task's own, and that of Event.wait()
        assert other.peak <= MOST_MEGABYTES
        assert min(used) <= MOST_SECONDS


def _resident_megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 / 1e6


@pytest.mark.parametrize("version", [version for version in ("3.14", "3.15") if version in found()])
@pytest.mark.parametrize("mode", ["idle", "spin"])
def test_beside_asyncio_ps(benchmark: BenchmarkFixture, version: str, mode: str) -> None:
    """A thousand tasks, by `python -m asyncio ps` and by the census, turn and turn about; which of them answer."""
    python = found()[version]
    seconds: dict[str, list[float]] = {"census": [], "ps": []}
    answers = Counter[str]()

    def both(pid: int) -> None:
        begin = time.perf_counter()
        answers["census"] += take(pid).live >= 1_001
        middle = time.perf_counter()
        ps = subprocess.run(
            [python, "-m", "asyncio", "ps", str(pid)], capture_output=True, timeout=60, check=False
        )
        answers["ps"] += ps.returncode == 0 and ps.stdout.count(b"waiter") >= 1_000
        seconds["census"].append(middle - begin)
        seconds["ps"].append(time.perf_counter() - middle)

    with many_tasks(python, 1_000, mode) as (pid, _):
        pedantic(benchmark, lambda: both(pid), rounds=TRIES)
    benchmark.extra_info["answers of 10"] = f"census {answers['census']}, ps {answers['ps']}"
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    benchmark.extra_info["census, ms"] = medians["census"] * 1e3
    benchmark.extra_info["asyncio ps, ms"] = medians["ps"] * 1e3
    benchmark.extra_info["ps / census"] = medians["ps"] / medians["census"]
    assert answers["census"] == TRIES
