"""Ten faults in a test each: which of diag.testing, pyleak and blockbuster sees it, as a table.

    .venv/bin/python -m benchmarks.testing_peers

A fault is seen if the tool fails the test; `passes` is a test that passes, `hangs` one that would never end (or not within half
a minute). Each test has a process of its own, which is bounded.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree as ET  # the file is pytest's own

from rich.console import Console
from rich.table import Table

from repro.bounds import bounded

ROOT = Path(__file__).parents[1]
DEADLINE = 30.0

TEXT = """
import asyncio, subprocess, threading, time
import pytest
from logapi import Answer, LogApi, finished, pod
from logserver import log_server

LOG = [b"line %d\\n" % number for number in range(1, 21)]
kept = []

async def see(variant):
    api = LogApi({"pod": finished()}, [Answer(LOG)])
    async with log_server(api) as server, server.session.ws_connect(server.path(variant)) as ws:
        assert [await ws.receive_str() for _ in LOG][-1] == "line 20"

@MARK
async def test_buggy():
    await see("buggy")

@MARK
async def test_frozen():
    await see("frozen")

@MARK
async def test_half_fixed():
    await see("half_fixed")

@MARK
async def test_fan_out():
    await see("fan_out")

@MARK
async def test_rewatch():
    await see("rewatch")

@MARK
async def test_published():
    later = asyncio.Queue()
    api = LogApi({"pod": pod()}, [Answer([LOG[0]], end="hold", later=later)])
    async with log_server(api) as server:
        async with server.view("published") as ws:
            await ws.receive()
        for line in LOG[:3]:
            await asyncio.sleep(0.02)
            later.put_nowait(line)

@MARK
async def test_thread():
    threading.Thread(target=time.sleep, args=(15,), daemon=True).start()

@MARK
async def test_subprocess():
    kept.append(subprocess.Popen(["sleep", "15"]))

@MARK
async def test_blocking():
    await asyncio.sleep(0)
    time.sleep(0.5)
    await asyncio.sleep(0)

@MARK
async def test_server():
    kept.append(await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0))
"""

FAULTS = {
    "test_buggy": "spin, the loop turns (`buggy`)",
    "test_frozen": "spin, the loop stands (`frozen`)",
    "test_half_fixed": "tasks made turn by turn (`half_fixed`)",
    "test_fan_out": "tasks made without end (`fan_out`)",
    "test_rewatch": "the same request without pause (`rewatch`)",
    "test_published": "reader left behind (`published`)",
    "test_thread": "thread left running",
    "test_subprocess": "subprocess left running",
    "test_blocking": "`time.sleep(0.5)` on the loop",
    "test_server": "server never closed",
}

CONFTEST = """
import pytest
from blockbuster import blockbuster_ctx

@pytest.fixture(autouse=True)
def blockbuster():
    with blockbuster_ctx() as found:
        yield found
"""

TOOLS = {
    "diag.testing": (
        ("-pdiag.testing.plugin", "--diag-check=error", "-odiag_max_block=200ms"),
        "",
        "",
        "diag:",
    ),
    "pyleak": (("-ppyleak.pytest_plugin",), "pytest.mark.no_leaks", "", "pyleak"),
    "blockbuster": ((), "", CONFTEST, "blockbuster"),
}


SAYS = {
    "diag: spin": "spin",
    "diag: storm": "storm",
    "diag: leaked task": "leaked task",
    "diag: leaked": "leak",
    "diag: blocked": "blocked",
    "leaked asyncio tasks": "leaked task",
    "leaked threads": "leaked thread",
    "event loop block": "blocked",
    "blocking call": "blocking call",
}
"""What a tool's message says, in one or two words."""


def outcome(tool: str, test: str) -> str:
    """Run one test under one tool."""
    options, marker, conftest, sign = TOOLS[tool]
    with tempfile.TemporaryDirectory(prefix="hotloop-peers-") as name:
        folder = Path(name)
        text = TEXT.replace("@MARK", f"@{marker}" if marker else "")
        (folder / "test_faults.py").write_text(text)
        (folder / "conftest.py").write_text(conftest)
        (folder / "pytest.ini").write_text(
            "[pytest]\nasyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\nmarkers = no_leaks\n"
        )
        command = [
            *(
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-Wignore",
                "-ppytest_asyncio.plugin",
                "-pno:cacheprovider",
            ),
            *(f"--junitxml={folder / 'junit.xml'}", *options, f"test_faults.py::{test}"),
        ]
        environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT / "tests")}
        done = subprocess.run(
            bounded(command, memory=1 << 30, deadline=DEADLINE),
            cwd=folder,
            env=environment,
            capture_output=True,
            check=False,
        )
        if done.returncode == 0:
            return "passes"
        if done.returncode != 1 or not (folder / "junit.xml").exists():
            return "hangs"
        case = next(ET.parse(folder / "junit.xml").iter("testcase"))  # noqa: S314 - see above
        words = " ".join(f"{part.get('message')} {part.text}" for part in case).lower()
        if sign not in words:
            return "fails for another reason"
        return next((said for text, said in SAYS.items() if text in words), "sees it")


def main() -> int:
    """Print the table; 1 where the check misses one."""
    table = Table(title="who sees which fault", title_justify="left")
    table.add_column("fault")
    missed = False
    for tool in TOOLS:
        table.add_column(tool)
    for test, fault in FAULTS.items():
        found = [outcome(tool, test) for tool in TOOLS]
        missed = missed or found[0] != "sees it"
        table.add_row(fault, *found)
    Console().print(table)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
