"""Tests for `diag census` by coroutine, on results made by hand and on wrong calls."""

import io

import pytest
from rich.console import Console

from diag.cli import run
from diag.commands._census_tasks import as_json, render
from diag.recording import Census, TaskGroup


def census(at: float, *groups: TaskGroup, created: int | None = None) -> Census:
    """Make a look."""
    return Census(at=at, pid=7, groups=groups, created=created, seconds=0.05)


def group(count: int, coroutine: str = "read_log", file: str = "/srv/app.py", **fields: str) -> TaskGroup:
    """Make a group, of pending tasks if nothing else is said."""
    fields = {"state": "pending", **fields}
    return TaskGroup(coroutine=coroutine, file=file, line=41, count=count, **fields)


def drawn(now: Census, before: Census | None = None, rows: int = 0) -> str:
    """Draw a look at an 80-column terminal."""
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(render(now, before, rows))
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


def test_a_table_fits_80_columns() -> None:
    """Long names and places are folded or shortened; state, count and growth stay readable."""
    path = "/opt/" + "deeply/" * 20 + "app.py"
    long = group(1_234_567, "Very.<locals>." * 9 + "name", file=path)
    waiting = group(7_654_321, waiting=f"{'Client.' * 9}read ({path}:99)", waits_for="_asyncio.Future")
    text = drawn(census(2, long, waiting, created=9_999_999), census(1, long, waiting, created=1))
    assert max(map(len, text.splitlines())) <= 80
    assert all(part in text for part in ("1,234,567", "pending", "app.py:41", "+0", "app.py:99", "Future"))


@pytest.mark.parametrize(
    ("waiting", "waits_for", "shown"),
    [
        ("read (/srv/logs/app/follow.py:17)", "_asyncio.Future", "read (…/app/follow.py:17) for Future"),
        ("poll (/srv/app.py:9)", "", "poll (…/srv/app.py:9)"),
        ("poll (app.py:9)", "", "poll (app.py:9)"),
        ("not started", "", "not started"),
        ("", "", "defined at …/srv/app.py:41"),
    ],
)
def test_where_tasks_wait(waiting: str, waits_for: str, shown: str) -> None:
    """The function, its file and line, and what is waited for; or else where the coroutine is defined."""
    row = drawn(census(0, group(3, waiting=waiting, waits_for=waits_for))).splitlines()[2]
    assert row.split(None, 3)[3] == shown


def test_places_are_rows_of_their_own() -> None:
    """Tasks of a coroutine that wait in two places are two groups, each with its growth."""
    now = census(2, group(7, waiting="a (x.py:1)"), group(3, waiting="b (x.py:2)"))
    text = drawn(now, census(1, group(2, waiting="a (x.py:1)"), group(3, waiting="b (x.py:2)")))
    assert [line.split()[2:4] for line in text.splitlines()[3:]] == [["7", "+5"], ["3", "+0"]]


def test_rows_left_out() -> None:
    """What is not shown is counted in a last line."""
    groups = [group(9 - number, f"work{number}") for number in range(4)]
    assert drawn(census(0, *groups), rows=2).splitlines()[-1] == (
        "… and 2 more: 13 tasks (--rows 0 shows all)"
    )
    assert "more" not in drawn(census(0, *groups), rows=4)


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


@pytest.mark.parametrize(
    "words",
    [[], ["no such process"], ["0"], ["1", "--watch", "0"], ["1", "--format", "xml"], ["1", "--by", "size"]],
)
def test_wrong_calls(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong words exit with 2 and say why."""
    assert run("diag", ["census", *words]) == 2
    assert capsys.readouterr().err


def test_a_pid_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    """One sentence, exit code 2."""
    assert run("diag", ["census", str((1 << 22) + 1)]) == 2
    assert capsys.readouterr().err.startswith(f"diag: There is no process {(1 << 22) + 1}: it has ended")
