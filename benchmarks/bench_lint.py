"""The linter's speed on a big tree, beside ruff, flake8 and pylint.

The tree is `$HOTLOOP_LINT_TREE`, such as the site-packages that `python -m benchmarks.lint_study --keep` makes; without it, the
standard library. Time is CPU time of all processes of a tool, for the cores are shared; tools run by turns. They do not do the
same: the others parse every file, and check far more. ruff is given the whole tree; flake8 and pylint, which would take
minutes and hours for it, one package.
"""

import os
import resource
import statistics
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

ROUNDS = 5
CORES = 2
LEAST = 500_000
"""Lines a second that two cores must do on a tree of packages."""

GIVEN = os.environ.get("HOTLOOP_LINT_TREE")
TREE = Path(GIVEN or sysconfig.get_path("stdlib"))
PACKAGE = Path(sysconfig.get_path("stdlib")) / "asyncio"
_LEFT_OUT = {"site-packages", "test", "lib2to3", "idlelib", "__pycache__"}
"""Of the standard library: what is not of it, tests and sources of other versions."""

LINT = [sys.executable, "-m", "diag", "lint", "--select", "HL001,HL003"]
RUFF = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--exit-zero", "--statistics"]
FLAKE8 = [sys.executable, "-m", "flake8", "--isolated", "--exit-zero", "--quiet", "--quiet"]
PYLINT = [sys.executable, "-m", "pylint", "--exit-zero", "--score=n", "--reports=n", "--jobs=2"]


def entries() -> list[str]:
    """Give what is directly in the tree and holds source."""
    inside = (path for path in sorted(TREE.iterdir()) if path.name not in _LEFT_OUT)
    return [
        str(path) for path in inside if path.suffix == ".py" or (path.is_dir() and any(path.rglob("*.py")))
    ]


def lines(paths: Sequence[str]) -> int:
    """Count lines of source."""
    found = (file for path in map(Path, paths) for file in ([path] if path.is_file() else path.rglob("*.py")))
    return sum(file.read_bytes().count(b"\n") for file in found if file.is_file())


def cpu(command: Sequence[str], paths: Sequence[str]) -> float:
    """Run a tool; gives the CPU seconds that it and its processes took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*command, *paths], capture_output=True, text=True, timeout=600, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode in {0, 1, 2}, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def pedantic(benchmark: BenchmarkFixture, function: object, **rounds: int) -> None:
    """Run a benchmark for a number of rounds; the fixture's method has no annotations."""
    benchmark.pedantic(function, **rounds)  # type: ignore[no-untyped-call] # pytest-benchmark's


def test_tree(benchmark: BenchmarkFixture) -> None:
    """Two cores do half a million lines a second of packages; ruff has the same tree."""
    paths, number = entries(), lines(entries())
    own: list[float] = []
    ruff: list[float] = []

    def turn() -> None:
        own.append(cpu(LINT, paths))
        ruff.append(cpu(RUFF, paths))

    pedantic(benchmark, turn, rounds=ROUNDS)
    rate, beside = (CORES * number / statistics.median(taken) for taken in (own, ruff))
    benchmark.extra_info["lines"] = number
    benchmark.extra_info["diag lint, lines/s of 2 cores"] = round(rate)
    benchmark.extra_info["ruff, lines/s of 2 cores"] = round(beside)
    benchmark.extra_info["ratio"] = rate / beside
    assert not GIVEN or rate >= LEAST


def test_package(benchmark: BenchmarkFixture) -> None:
    """Beside flake8 and pylint, on one package; what it takes to start is part of it."""
    number = lines([str(PACKAGE)])
    taken: dict[str, list[float]] = {"diag lint": [], "ruff": [], "flake8": [], "pylint": []}
    commands = dict(zip(taken, (LINT, RUFF, FLAKE8, PYLINT), strict=True))

    def turn() -> None:
        for name, command in commands.items():
            taken[name].append(cpu(command, [str(PACKAGE)]))

    pedantic(benchmark, turn, rounds=3)
    benchmark.extra_info["lines"] = number
    for name, seconds in taken.items():
        benchmark.extra_info[f"{name}, CPU s"] = statistics.median(seconds)
