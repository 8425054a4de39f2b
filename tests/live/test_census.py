"""Live tests: the census of real processes, on every interpreter that is found."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from live.interpreters import found
from live.started import MEMORY, TARGETS, started

from diag.cli import run
from diag.collectors.census import take
from diag.errors import HotloopError
from diag.recording import Census

PASSING = {"short", "<gone>"}
"""What may be seen of a spin besides: its short-lived tasks."""


def counts(census: Census, state: str) -> Counter[str]:
    """Count by coroutine; the name that was cut is called "long"."""
    totals: Counter[str] = Counter()
    for group in census.groups:
        if group.state == state:
            totals["long" if group.coroutine.startswith("long_long_") else group.coroutine] += group.count
    return totals


@pytest.mark.parametrize("python", found().values(), ids=found())
def test_an_idle_process(python: str) -> None:
    """Every kind of task is counted exactly, with its state and the place where it is defined."""
    with started(python, "tasks.py", "idle") as target:
        census = take(target.pid)
        assert counts(census, "pending") == target.said["live"]
        assert counts(census, "done") == target.said["done"]
        assert census.created == target.said["created"]
        place = next(group for group in census.groups if group.coroutine == "Holder.method")
        assert Path(place.file).name == "tasks.py"
        lines = (TARGETS / "tasks.py").read_text().splitlines()
        assert "async def method" in lines[place.line - 1]


@pytest.mark.parametrize("python", found().values(), ids=found())
def test_a_spinning_process(python: str) -> None:
    """While tasks come and go without pause the others are counted exactly, and the count of all made grows."""
    with started(python, "tasks.py", "spin") as target:
        looks = [take(target.pid) for _ in range(3)]
        for census in looks:
            live, done = counts(census, "pending"), counts(census, "done")
            assert {name: live[name] for name in target.said["live"]} == target.said["live"]
            assert {name: done[name] for name in target.said["done"]} == target.said["done"]
            assert set(live) - set(target.said["live"]) <= PASSING
            assert live.total() - sum(target.said["live"].values()) <= 8
        made = [census.created or 0 for census in looks]
        assert target.said["created"] <= made[0] <= made[1] <= made[2]
        # On a busy machine it may not have had a core between two looks.
        while (take(target.pid).created or 0) <= made[0]:
            assert target.process.poll() is None


@pytest.mark.parametrize("python", found().values(), ids=found())
def test_where_tasks_wait(python: str) -> None:
    """Every task is at the line outside asyncio that awaits, with the type of what it waits for."""
    script = TARGETS / "waiting.py"
    places = {
        line.rpartition("# HERE ")[2]: number
        for number, line in enumerate(script.read_text().splitlines(), 1)
        if "  # HERE " in line
    }
    with started(python, "waiting.py") as target:
        waiting = {
            (group.coroutine, group.waiting.replace(str(script), script.name), group.waits_for, group.count)
            for group in take(target.pid).groups
        }
        functions = {"one": "takes_two_ways", "other": "takes_two_ways"}
        expected = {
            (coroutine, f"{functions.get(place, place)} (waiting.py:{places[place]})", awaited, count)
            if place in places
            else (coroutine, place, awaited, count)
            for coroutine, place, awaited, count in target.said["expected"]
        }
        assert {row for row in waiting if row[0] != "Event.wait"} == expected


def test_a_process_without_asyncio() -> None:
    """It has no groups, and is no error."""
    with started(sys.executable, "plain.py") as target:
        census = take(target.pid)
        assert census.groups == ()
        assert census.live == 0


def test_a_huge_empty_mapping() -> None:
    """Sixteen gigabytes that were never touched are not read."""
    with started(sys.executable, "plain.py", str(16 << 30), memory=MEMORY + (16 << 30)) as target:
        assert take(target.pid).seconds < 10


def test_a_process_that_ended() -> None:
    """Its pid is refused in a sentence."""
    with started(sys.executable, "plain.py") as target:
        target.process.kill()
        target.process.wait()
        with pytest.raises(HotloopError, match=f"no process {target.pid}"):
            take(target.pid)


def test_a_process_that_is_not_python() -> None:
    """A shell tool is refused in a sentence."""
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as process:
        try:
            with pytest.raises(HotloopError, match="not a CPython process"):
                take(process.pid)
        finally:
            process.kill()


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    """It prints the table, or a line of JSON."""
    with started(sys.executable, "tasks.py", "idle") as target:
        assert run("diag", ["census", str(target.pid)]) == 0
        table = capsys.readouterr().out
        assert run("diag", ["census", str(target.pid), "--format", "json"]) == 0
        document = json.loads(capsys.readouterr().out)
    assert "naïve_größe_待機" in table
    assert document["tasks"]["live"] == sum(target.said["live"].values())
    assert document["tasks"]["by_coroutine"]["waiter"] == target.said["live"]["waiter"]
