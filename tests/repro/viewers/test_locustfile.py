"""The Locust file, run by Locust."""

import asyncio
import csv
import importlib.util
import sys
from pathlib import Path

import pytest
from viewserver import serving

import repro.viewers

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("locust") is None, reason="Locust is not installed (pip install hotloop[locust])"
)
FILE = Path(repro.viewers.__file__).with_name("locustfile.py")


def run(folder: Path, *words: str) -> tuple[int, list[dict[str, str]], list[dict[str, str]]]:
    """Run Locust for two seconds against a small log server; gives exit code, statistics and failures."""

    async def go() -> int:
        async with serving() as server:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "locust", "-f", str(FILE), "--headless", "--host", server.base),
                *("-u", "3", "-r", "3", "-t", "2s", "--csv", "out", "--only-summary", *words),
                cwd=folder,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                await asyncio.wait_for(process.communicate(), 30)
            except TimeoutError:
                process.kill()
                raise
            return process.returncode or 0

    code = asyncio.run(go())
    return code, rows(folder / "out_stats.csv"), rows(folder / "out_failures.csv")


def rows(file: Path) -> list[dict[str, str]]:
    """Read a table."""
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_views_are_reported(tmp_path: Path) -> None:
    """Views are reported with their time to the first line and to the end, and none fails that came whole."""
    code, statistics, failures = run(
        tmp_path, "--variant", "framed", "--pod", "p", "--expect", "20", "--pause", "0.1"
    )
    counts = {row["Name"]: (int(row["Request Count"]), int(row["Failure Count"])) for row in statistics}
    assert code == 0
    assert failures == []
    assert counts["view"][0] >= 3
    assert counts["first line"][0] >= 3


def test_a_faulty_view_fails(tmp_path: Path) -> None:
    """A view with repeated lines is a failure that says so."""
    code, _, failures = run(tmp_path, "--variant", "repeating", "--pod", "p")
    assert code == 1
    assert [row["Error"] for row in failures] == ["ViewError('40 lines repeated')"]
