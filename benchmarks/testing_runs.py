"""How steady the check is: the hardened log view must pass, and the faulty ones fail, time after time.

    .venv/bin/python -m benchmarks.testing_runs [--runs 100] [--faulty 10]

The hardened tests run as many times alone, under `-n 2`, and beside processes that take the cores; the faulty ones beside
these too. All is bounded.
"""

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET  # the file is pytest's own

from repro.bounds import bounded

ROOT = Path(__file__).parents[1]
NEIGHBOURS = 3
DEADLINE = 540.0

TEXT = """
import asyncio, sys
import aiohttp, pytest
from logapi import Answer, LogApi, finished, pod
from logserver import log_server

LOG = [b"line %d\\n" % number for number in range(1, 21)]
STAMPED = [b"2026-11-24T07:18:00.%03d000000Z " % number + line for number, line in enumerate(LOG)]

@pytest.mark.parametrize("run", range({hardened}))
async def test_hardened(run):
    api = LogApi({{"pod": finished()}}, [Answer(STAMPED), Answer()])
    async with log_server(api) as server, server.session.ws_connect(server.path("hardened")) as ws:
        data = b"".join([message.data async for message in ws if message.type is aiohttp.WSMsgType.BINARY])
        assert data == b"".join(LOG)

@pytest.mark.parametrize("run", range({faulty}))
@pytest.mark.parametrize("variant", ["buggy", "frozen", "half_fixed", "fan_out", "rewatch"])
async def test_faulty(variant, run):
    api = LogApi({{"pod": finished()}}, [Answer(LOG)])
    async with log_server(api) as server, server.session.ws_connect(server.path(variant)) as ws:
        assert [await ws.receive_str() for _ in LOG][-1] == "line 20"
"""


@contextlib.contextmanager
def neighbours(count: int) -> Iterator[None]:
    """Take the cores."""
    command = bounded([sys.executable, "-c", "while True: pass"], memory=1 << 28, deadline=DEADLINE)
    started = [subprocess.Popen(command) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def run(hardened: int, faulty: int, *options: str) -> tuple[int, int, set[str]]:
    """Run them; gives how many passed and failed, and the beginnings of the failures' lines."""
    with tempfile.TemporaryDirectory(prefix="hotloop-runs-") as name:
        folder = Path(name)
        (folder / "test_runs.py").write_text(TEXT.format(hardened=hardened, faulty=faulty))
        (folder / "pytest.ini").write_text(
            "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
        )
        plugins = ("-pdiag.testing.plugin", "-ppytest_asyncio.plugin", "-pxdist.plugin", "-pno:cacheprovider")
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-Wignore", *plugins, "--diag-check=error"),
            *(f"--junitxml={folder / 'junit.xml'}", *options),
        ]
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT / "tests")}
        subprocess.run(
            bounded(command, memory=1 << 30, deadline=DEADLINE),
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            check=False,
        )
        if not (folder / "junit.xml").exists():
            return 0, 0, {"the run did not come to its end"}
        cases = list(ET.parse(folder / "junit.xml").iter("testcase"))  # noqa: S314 - see above
    cases = [case for case in cases if case.find("skipped") is None]
    failed = [case for case in cases if len(case)]
    lines = {
        f"{case.get('name', '').partition('[')[0]}: {str(case[0].get('message'))[:60]}" for case in failed
    }
    return len(cases) - len(failed), len(failed), lines


def main() -> int:
    """Run everything and print a table; 1 where one of them was wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=100, help="of the hardened view, for each setting")
    parser.add_argument("--faulty", type=int, default=4, help="of each faulty view")
    arguments = parser.parse_args()
    right = True
    for name, options, busy in (
        ("alone", (), 0),
        ("-n 2", ("-n2",), 0),
        ("beside a busy neighbour", (), NEIGHBOURS),
    ):
        with neighbours(busy):
            passed, failed, lines = run(arguments.runs, 0, *options)
        print(f"hardened, {name:24} {passed} of {passed + failed} passed", *sorted(lines), sep="\n  ")  # noqa: T201 - a command
        right = right and (passed, failed) == (arguments.runs, 0)
    for name, busy in (("alone", 0), ("beside a busy neighbour", NEIGHBOURS)):
        with neighbours(busy):
            passed, failed, lines = run(0, arguments.faulty)
        print(f"faulty, {name:26} {failed} of {passed + failed} failed", *sorted(lines), sep="\n  ")  # noqa: T201 - a command
        right = right and passed == 0
    return 0 if right else 1


if __name__ == "__main__":
    sys.exit(main())
