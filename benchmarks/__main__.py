"""Runs the suites and prints their figures as tables: `make bench`, or `python -m benchmarks [SUITE...]`.

Speeds on shared cores say little by themselves: what a suite claims is a ratio of medians measured side by
side in one run, which it puts into pytest-benchmark's `extra_info`.
"""

import sys
import tempfile
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from rich.table import Table
from rich.text import Text

FOLDER = Path(__file__).parent


class Benchmark(msgspec.Struct, frozen=True):
    """What one benchmark left, as far as it is shown."""

    name: str
    fullname: str
    stats: dict[str, float | str | list[float]]
    extra_info: dict[str, object]


class Results(msgspec.Struct, frozen=True):
    """pytest-benchmark's JSON, as far as it is shown."""

    benchmarks: list[Benchmark]


def main(suites: list[str]) -> int:
    """Run suites (all of them where none is named) and answer pytest's exit code."""
    files = [FOLDER / f"bench_{suite}.py" for suite in suites] or sorted(FOLDER.glob("bench_*.py"))
    if missing := [file.stem.removeprefix("bench_") for file in files if not file.exists()]:
        known = ", ".join(sorted(file.stem.removeprefix("bench_") for file in FOLDER.glob("bench_*.py")))
        print(f"benchmarks: no suite {', '.join(missing)}; there are {known}", file=sys.stderr)  # noqa: T201 - a command
        return 2
    with tempfile.TemporaryDirectory(prefix="hotloop-bench-") as folder:
        report = Path(folder) / "benchmarks.json"
        code = pytest.main(
            ["-q", "-p", "benchmark", "-p", "no:cacheprovider", "-o", "timeout=900",
             "--benchmark-quiet", f"--benchmark-json={report}", *map(str, files)]
        )  # fmt: skip
        if report.exists() and report.stat().st_size:
            show(msgspec.json.decode(report.read_bytes(), type=Results))
    return int(code)


def show(results: Results) -> None:
    """Print a table for each suite: a row for each benchmark, with the figures it claims."""
    suites: dict[str, list[Benchmark]] = defaultdict(list)
    for benchmark in results.benchmarks:
        suites[benchmark.fullname.partition("::")[0].rpartition("bench_")[2].removesuffix(".py")].append(
            benchmark
        )
    for suite, benchmarks in suites.items():
        table = Table(title=suite, title_justify="left", title_style="bold")
        table.add_column("benchmark")
        table.add_column("median", justify="right")
        table.add_column("figures", overflow="fold")
        for benchmark in benchmarks:
            figures = "\n".join(f"{key} {shown(value)}" for key, value in benchmark.extra_info.items())
            table.add_row(
                Text(benchmark.name.removeprefix("test_")), duration(benchmark.stats["median"]), figures
            )
        Console().print(table)


def duration(seconds: object) -> str:
    """Write seconds in the unit that suits them."""
    value = float(str(seconds))
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "us")):
        if value * factor >= 1:
            return f"{value * factor:.3g} {unit}"
    return f"{value * 1e9:.3g} ns"


def shown(value: object) -> str:
    """Write a figure to four significant digits, a count whole."""
    return (
        f"{value:.4g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
