"""Tests for `diag census`, on results made by hand and on wrong calls."""

import io

import pytest
from rich.console import Console

from diag.cli import run
from diag.commands.census import as_json, growth, render
from diag.recording import Census, TaskGroup


def census(at: float, *groups: TaskGroup, created: int | None = None) -> Census:
    """Make a look."""
    return Census(at=at, pid=7, groups=groups, created=created, seconds=0.05)


def group(
    count: int, coroutine: str = "read_log", state: str = "pending", file: str = "/srv/app.py"
) -> TaskGroup:
    """Make a group."""
    return TaskGroup(coroutine=coroutine, file=file, line=41, state=state, count=count)


def drawn(now: Census, before: Census | None = None) -> str:
    """Draw a look at an 80-column terminal."""
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(render(now, before))
    return console.export_text()


def test_json_of_one_look() -> None:
    """Live counts the tasks that are not done; rates need two looks."""
    document = as_json(census(0, group(3), group(2, file="/b.py"), group(9, state="done"), created=40), None)
    assert document["schema"] == 1
    assert document["tasks"] == {
        "live": 5,
        "done": 9,
        "created": 40,
        "growth_per_second": None,
        "created_per_second": None,
        "by_coroutine": {"read_log": 5},
    }
    assert document["groups"][0] == {
        "coroutine": "read_log",
        "file": "/srv/app.py",
        "line": 41,
        "state": "pending",
        "count": 3,
        "waiting": "",
        "waits_for": "",
    }


def test_json_of_a_second_look() -> None:
    """Growth is per second between the two."""
    tasks = as_json(census(4, group(7), created=50), census(2, group(3), created=10))["tasks"]
    assert (tasks["growth_per_second"], tasks["created_per_second"]) == (2.0, 20.0)


@pytest.mark.parametrize(("now", "before", "seconds"), [(None, 1, 1), (1, None, 1), (2, 1, 0)])
def test_no_growth(now: int | None, before: int | None, seconds: float) -> None:
    """What is not known, or no time apart, has no rate."""
    assert growth(now, before, seconds) is None


def test_a_table_fits_80_columns() -> None:
    """Long names and places are folded or shortened; state, count and growth stay readable."""
    long = group(1_234_567, "Very.<locals>." * 9 + "name", file="/opt/" + "deeply/" * 20 + "app.py")
    text = drawn(census(2, long, created=9_999_999), census(1, long, created=1))
    assert max(map(len, text.splitlines())) <= 80
    assert all(part in text for part in ("1,234,567", "pending", "app.py:41", "+0"))


def test_the_totals_line() -> None:
    """The first line has the totals."""
    text = drawn(census(0, group(3), group(9, state="done"), created=12))
    assert text.startswith("process 7: 3 live tasks, 9 done, 12 created so far\n")


def test_the_rates_line() -> None:
    """With a look before it, a second line has the rates."""
    text = drawn(census(4, group(3), created=50_000), census(2, group(1)))
    assert text.splitlines()[1] == "per second: +1 live, ? created"
    text = drawn(census(4, group(3), created=50_000), census(2, group(3), created=10))
    assert text.splitlines()[1] == "per second: +0 live, +24,995 created"


def test_a_process_without_asyncio() -> None:
    """It has no tasks, and no table."""
    assert drawn(census(0)) == "process 7: no asyncio tasks\n"


def test_names_cannot_steer_the_terminal() -> None:
    """Control characters in a name are shown as escapes, and brackets are no markup."""
    text = drawn(census(0, group(1, "[red]\x1b[2J")))
    assert "[red]\\x1b[2J" in text


@pytest.mark.parametrize("words", [[], ["abc"], ["0"], ["1", "--watch", "0"], ["1", "--format", "xml"]])
def test_wrong_calls(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong words exit with 2 and say why."""
    assert run("diag", ["census", *words]) == 2
    assert capsys.readouterr().err


def test_a_pid_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, exit code 2."""
    assert run("diag", ["census", str((1 << 22) + 1)]) == 2
    assert capsys.readouterr().err.startswith(f"diag: There is no process {(1 << 22) + 1}: it has ended")
