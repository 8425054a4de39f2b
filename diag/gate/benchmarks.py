"""Samples out of pytest-benchmark's JSON: what each test put into `extra_info`. Its own statistics are wall time."""

import datetime as dt
from pathlib import Path

import msgspec

from diag.errors import HotloopError
from diag.gate.figures import of_benchmark
from diag.gate.samples import Sample, Subject, Value


class _Benchmark(msgspec.Struct, frozen=True):
    name: str
    fullname: str
    extra_info: dict[str, object]


class _File(msgspec.Struct, frozen=True):
    benchmarks: list[_Benchmark]
    datetime: str
    machine_info: dict[str, object] = {}
    version: str = ""


def read(file: Path) -> list[Sample]:
    """Read the samples of a file, one a test.

    Raises:
        HotloopError: it is damaged, or pytest-benchmark did not write it.
    """
    try:
        found = msgspec.json.decode(file.read_bytes(), type=_File)
        started = dt.datetime.fromisoformat(found.datetime).timestamp()
    except (msgspec.DecodeError, ValueError) as error:
        raise HotloopError(f"{file} is no JSON of pytest-benchmark: {error}.") from error
    if not found.benchmarks:
        raise HotloopError(f"{file} holds no benchmark: no test of the suite was run to its end.")
    names = [benchmark.name for benchmark in found.benchmarks]
    return [
        _sample(
            file, found, started, benchmark,
            name=benchmark.name if names.count(benchmark.name) == 1 else benchmark.fullname,
        )
        for benchmark in found.benchmarks
    ]  # fmt: skip


def _sample(file: Path, found: _File, started: float, benchmark: _Benchmark, *, name: str) -> Sample:
    figures: dict[str, Value] = {
        key: value
        for key, value in benchmark.extra_info.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    return Sample(
        subject=Subject(source="benchmark", path=("benchmark", name)),
        place=file,
        started=started,
        figures=figures,
        conditions=_conditions(found),
        known=tuple(of_benchmark(key, [value]) for key, value in figures.items() if value is not None),
    )


def _conditions(found: _File) -> dict[str, str]:
    machine = found.machine_info
    cpu = machine.get("cpu")
    cpu = cpu if isinstance(cpu, dict) else {}
    parts = (cpu.get("count"), cpu.get("brand_raw"), machine.get("node"), machine.get("release"))
    return {
        "machine": ", ".join(str(part) for part in parts if part),
        "Python": f"{machine.get('python_implementation', '')} {machine.get('python_version', '')}".strip(),
        "pytest-benchmark": found.version,
    }
