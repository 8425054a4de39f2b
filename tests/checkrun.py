"""A pytest of its own for tests of the plugin: a file of tests, run once, and what became of each of them."""

import os
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET  # the file is pytest's own

from repro.bounds import bounded

MEMORY = 1 << 30
DEADLINE = 100.0
TESTS = Path(__file__).parent

HEAD = """
import asyncio, contextlib, itertools, os, socket, subprocess, sys, threading, time, unittest
import pytest

kept = []

async def forever():
    await asyncio.Event().wait()

def leak():
    kept.append(asyncio.create_task(forever()))
"""
"""What every file of tests begins with."""


@dataclass(frozen=True)
class Outcome:
    """What became of one test."""

    kind: str
    """"passed", "failed", "error", "skipped"."""
    message: str
    """JUnit's one line."""
    text: str


@dataclass(frozen=True)
class Run:
    """A finished pytest."""

    code: int
    output: str
    outcomes: dict[str, Outcome]
    counts: dict[str, int]
    """JUnit's tests, failures, errors, skipped."""


def check(
    folder: Path,
    text: str,
    *options: str,
    ini: str = "",
    plugins: tuple[str, ...] = ("pytest_asyncio.plugin",),
) -> Run:
    """Run a file of tests.

    Args:
        folder: for the file.
        text: of the file, after `HEAD`.
        *options: pytest's.
        ini: lines of its configuration.
        plugins: modules, beside hotloop's.
    """
    (folder / "test_checked.py").write_text(HEAD + textwrap.dedent(text))
    asyncio_ini = "asyncio_mode = auto\nasyncio_default_fixture_loop_scope = function\n"
    (folder / "pytest.ini").write_text(f"[pytest]\n{asyncio_ini if plugins else ''}{ini}\n")
    report = folder / "junit.xml"
    loaded = [word for name in ("diag.testing.plugin", *plugins) for word in ("-p", name)]
    command = [
        sys.executable,
        "-m",
        "pytest",
        *loaded,
        "-p",
        "no:cacheprovider",
        f"--junitxml={report}",
        *options,
    ]
    done = subprocess.run(
        bounded(command, memory=MEMORY, deadline=DEADLINE),
        cwd=folder,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(TESTS), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
    return _read(done, report)


def _read(done: "subprocess.CompletedProcess[str]", report: Path) -> Run:
    outcomes: dict[str, Outcome] = {}
    counts: dict[str, int] = {}
    if report.exists():
        suite = next(ET.parse(report).iter("testsuite"))  # noqa: S314 - see above
        counts = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        for case in suite.iter("testcase"):
            result = next((part for part in case if part.tag in {"failure", "error", "skipped"}), None)
            kind = "passed" if result is None else {"failure": "failed"}.get(result.tag, result.tag)
            found = ("", "") if result is None else (result.get("message", ""), result.text or "")
            outcomes[case.get("name", "")] = Outcome(kind, *found)
    return Run(done.returncode, done.stdout + done.stderr, outcomes, counts)
