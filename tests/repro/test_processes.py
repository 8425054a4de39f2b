"""The parts of a run: heard, watched and ended, whatever they do."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from diag.errors import HotloopError
from repro.processes import Limits, Part, over_limit

MIB = 1 << 20
LIMITS = Limits(memory=256 * MIB, deadline=30)
ECHO = "import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)"
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)\nwhile True: pass"
GREEDY = """
import os, time
print("small", flush=True)
input()
if os.fork():
    time.sleep(30)
held = bytearray(100 << 20)
time.sleep(30)
"""


@asynccontextmanager
async def part(code: str, folder: Path) -> AsyncIterator[Part]:
    """Have Python code as a part named "part"."""
    started = await Part.start("part", [sys.executable, "-c", code], limits=LIMITS, folder=folder)
    try:
        yield started
    finally:
        await started.stop(grace=0.1)


def test_it_is_told_and_heard(tmp_path: Path) -> None:
    """Lines go both ways; hanging up ends the input."""

    async def talk() -> tuple[str, int | None]:
        async with part(ECHO, tmp_path) as echo:
            await echo.tell("loop")
            said = await echo.line(20)
            echo.hang_up()
            await asyncio.wait_for(echo.process.wait(), 20)
            return said, echo.process.returncode

    assert asyncio.run(talk()) == ("pool", 0)


def test_its_temporary_files_are_the_runs(tmp_path: Path) -> None:
    """What a part leaves in the temporary folder goes with the run, also where the part is killed."""

    async def ask() -> str:
        async with part("import tempfile; print(tempfile.gettempdir())", tmp_path) as asked:
            return await asked.line(20)

    assert asyncio.run(ask()) == str(tmp_path)


def test_one_that_ends_too_early_is_quoted(tmp_path: Path) -> None:
    """A part that does not come up says why, in its own last words."""

    async def fail() -> None:
        async with part("import sys; sys.exit('no such port')", tmp_path) as failing:
            await failing.line(20)

    with pytest.raises(HotloopError, match="the part ended too early: no such port"):
        asyncio.run(fail())


def test_one_that_says_nothing_is_not_waited_for(tmp_path: Path) -> None:
    """A part without a word within its time is an error, not a hang."""

    async def fail() -> None:
        async with part("import time; time.sleep(30)", tmp_path) as mute:
            await mute.line(0.1)

    with pytest.raises(HotloopError, match="did not answer"):
        asyncio.run(fail())


def test_one_that_does_not_listen_is_killed(tmp_path: Path) -> None:
    """A spin that ignores the polite signal ends all the same."""

    async def stop() -> int | None:
        async with part(DEAF, tmp_path) as deaf:
            await deaf.line(20)
            await deaf.stop(grace=0.1)
            return deaf.process.returncode

    assert asyncio.run(stop()) == -signal.SIGKILL


def test_a_child_over_the_limit_is_found(tmp_path: Path) -> None:
    """The limit is each process's own, and counts for the children of a part too."""

    async def watch() -> tuple[str, bool]:
        async with part(GREEDY, tmp_path) as greedy:
            await greedy.line(20)
            await greedy.tell("grow")
            found, pid = await asyncio.wait_for(over_limit([greedy], 64 * MIB), 20)
            child = pid != greedy.pid
            for process in psutil.Process(greedy.pid).children():
                process.kill()
            return found.name, child

    name, child = asyncio.run(watch())
    assert name == "part"
    assert child
