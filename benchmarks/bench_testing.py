"""What the check costs a suite of 1,000 fast asynchronous tests: CPU seconds against the same run without it, beside pyleak.

    .venv/bin/python -m benchmarks testing

Runs take turns, and their order changes from round to round; the figure is the median of the rounds' ratios. CPU time, not
wall time: the machine is shared.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from repro.bounds import bounded

TESTS = 1_000
ROUNDS = 9
MOST = 1.02
DEADLINE = 300.0

TEXT = f"""
import asyncio
import pytest

@pytest.mark.parametrize("number", range({TESTS}))
async def test_fast(number):
    await asyncio.sleep(0)
"""

INI = "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nmarkers = no_leaks\n"

KINDS = {
    "off": ("-pdiag.testing.plugin", "--diag-check=off", "test_plain.py"),
    "error": ("-pdiag.testing.plugin", "--diag-check=error", "test_plain.py"),
    "no plugin": ("test_plain.py",),
}
PYLEAK = ("-ppyleak.pytest_plugin", "test_pyleak.py")
"""Run once: it sleeps for a tenth of a second in each test."""


def run(folder: Path, *options: str) -> float:
    """Run the suite and give its CPU seconds."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-pno:cacheprovider",
        "-ppytest_asyncio.plugin",
        *options,
    ]
    process = subprocess.Popen(
        bounded(command, memory=1 << 30, deadline=DEADLINE),
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, options
    return usage.ru_utime + usage.ru_stime


def test_overhead(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    """At most 2 %."""
    (tmp_path / "pytest.ini").write_text(INI)
    (tmp_path / "test_plain.py").write_text(TEXT)
    (tmp_path / "test_pyleak.py").write_text(
        TEXT.replace(
            "@pytest.mark.parametrize", '@pytest.mark.no_leaks("tasks", "threads")\n@pytest.mark.parametrize'
        )
    )
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    rounds = iter(range(ROUNDS))

    def each() -> None:
        kinds = list(KINDS)
        first = next(rounds) % len(kinds)
        for kind in kinds[first:] + kinds[:first]:
            seconds[kind].append(run(tmp_path, *KINDS[kind]))

    benchmark.pedantic(each, rounds=ROUNDS)  # type: ignore[no-untyped-call] # it has no types
    for kind in KINDS:
        benchmark.extra_info[f"CPU seconds, {kind}"] = statistics.median(seconds[kind])
    for kind in ("error", "no plugin"):
        ratios = [one / base for one, base in zip(seconds[kind], seconds["off"], strict=True)]
        benchmark.extra_info[f"{kind} / off"] = statistics.median(ratios)
    benchmark.extra_info["limit, error / off"] = MOST
    benchmark.extra_info["CPU seconds, pyleak"] = run(tmp_path, *PYLEAK)


@pytest.mark.parametrize("loop", ["asyncio", "uvloop"])
def test_meter(benchmark: BenchmarkFixture, loop: str) -> None:
    """A turn with the meter on, beside one without, on a loop whose turns do nothing: the dearest case."""
    code = (
        "import asyncio, time, sys, uvloop\n"
        "from diag.testing import LoopMeter\n"
        "async def turns():\n"
        "    begun = time.process_time()\n"
        "    for _ in range(100_000): await asyncio.sleep(0)\n"
        "    return (time.process_time() - begun) * 10\n"
        "async def main():\n"
        "    bare = await turns()\n"
        "    with LoopMeter(): return bare, await turns()\n"
        "factory = uvloop.new_event_loop if sys.argv[1] == 'uvloop' else asyncio.new_event_loop\n"
        "with asyncio.Runner(loop_factory=factory) as runner: print(*runner.run(main()))\n"
    )
    found: list[tuple[float, float]] = []

    def once() -> None:
        done = subprocess.run([sys.executable, "-c", code, loop], capture_output=True, text=True, check=True)
        bare, metered = map(float, done.stdout.split())
        found.append((bare, metered))

    benchmark.pedantic(once, rounds=5)  # type: ignore[no-untyped-call] # it has no types
    benchmark.extra_info["us a turn, bare"] = statistics.median(bare for bare, _ in found)
    benchmark.extra_info["us a turn, metered"] = statistics.median(metered for _, metered in found)
    benchmark.extra_info["us for the meter"] = statistics.median(metered - bare for bare, metered in found)
