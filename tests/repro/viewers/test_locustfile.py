"""The Locust file, run by Locust."""

import asyncio
import importlib.util
import json
import signal
import sys
from pathlib import Path

import pytest
from viewserver import serving

import repro.viewers

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("locust") is None, reason="Locust is not installed (pip install hotloop[locust])"
)
SOME = 10
"""Views, by three viewers."""
FILE = Path(repro.viewers.__file__).with_name("locustfile.py")


def run(folder: Path, *words: str) -> tuple[int, dict[str, tuple[int, int]]]:
    """Run Locust until some views are over; gives its exit code, and requests and failures by name.

    A viewer reports a view before it opens the next, so some are reported by then.
    """

    async def go() -> int:
        async with serving() as server:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "locust", "-f", str(FILE), "--headless", "--host", server.base),
                *("-u", "3", "-r", "3", "-t", "50s", "--json-file", "out", *words),
                cwd=folder,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
            )
            try:
                async with asyncio.timeout(50):
                    while len(server.close_codes) < SOME:
                        await asyncio.sleep(0.05)
                    process.send_signal(signal.SIGTERM)
                    await process.communicate()
            except TimeoutError:
                process.kill()
                raise
            return process.returncode or 0

    code = asyncio.run(go())
    statistics = json.loads((folder / "out.json").read_bytes())
    return code, {entry["name"]: (entry["num_requests"], entry["num_failures"]) for entry in statistics}


def test_views_are_reported(tmp_path: Path) -> None:
    """Views are reported with their first line and their end, and none fails that came whole."""
    code, counts = run(tmp_path, "--variant", "framed", "--pod", "p", "--expect", "20", "--pause", "0.1")
    assert code == 0
    assert counts["view"][0] > 0
    assert counts["view"] == counts["first line"]
    assert counts["view"][1] == 0


def test_a_faulty_view_fails(tmp_path: Path) -> None:
    """A view with repeated lines is a failure, of the view and not of its first line."""
    code, counts = run(tmp_path, "--variant", "repeating", "--pod", "p", "--pause", "0.1")
    assert code == 1
    views, failures = counts["view"]
    assert views == failures > 0
    assert counts["first line"] == (views, 0)
