"""Tests for what `diag top` shows, on looks made by hand."""

from typing import Any

import made_diagnoses
import pytest
from rich.text import Text

from diag.commands._top_state import KEYS, Choice, History
from diag.commands._top_view import line, screen, span, spark
from diag.findings import Diagnosis
from diag.watching import Coroutine, HotFunction, Look

SUBJECT = "process 7: python -m server"
SIZES = [(80, 24), (120, 50), (40, 10), (20, 3), (1, 1), (300, 100)]


def look(at: float, diagnosis: Diagnosis | None = None, **changes: Any) -> Look:  # noqa: ANN401 - any field of a Look
    """Make a look of two seconds."""
    fields: dict[str, Any] = {
        "at": at,
        "seconds": 2.0,
        "diagnosis": diagnosis or made_diagnoses.diagnosis(),
        "threads": 3,
        "memory_bytes": 45_200_000,
        "connections": 12,
        "descriptors": 31,
        "coroutines": (
            Coroutine(
                coroutine="keepalive", count=2_000, per_second=12.3, waiting="keepalive (/srv/shop/app.py:17)"
            ),
            Coroutine(coroutine="main", count=1, per_second=25.0),
        ),
        "hot": (
            HotFunction(function="read_log", file="/srv/shop/logs.py", line=34, share=0.51),
            HotFunction(function="(event loop)", file="", line=0, share=0.49),
        ),
    }
    return Look(**(fields | changes))


def history(*looks: Look) -> History:
    """Make a history."""
    found = History(SUBJECT)
    for each in looks:
        found.add(each)
    return found


def drawn(found: History, choice: Choice | None = None, width: int = 80, height: int = 24) -> list[str]:
    """Draw a screen three seconds after the last look."""
    now = found.looks[-1].at + 3 if found.looks else 1.0
    return [text.plain for text in screen(found, choice or Choice(), width, height, now)]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("listing", ["tasks", "types", "help", "nothing yet"])
def test_a_screen_has_its_size(width: int, height: int, listing: str) -> None:
    """Whatever is shown, there are exactly as many lines as fit, and none is too wide, even of hostile names."""
    choice = (
        Choice(help=True) if listing == "help" else Choice(listing="types" if listing == "types" else "tasks")
    )
    looks = [look(2, made_diagnoses.spin()), look(4, made_diagnoses.hostile(), types={"x" * 200: 1 << 40})]
    lines = drawn(history(*([] if listing == "nothing yet" else looks)), choice, width, height)
    assert len(lines) == height
    assert all(Text(each).cell_len <= width for each in lines)
    assert all(each.isprintable() for each in lines)


def test_a_spin() -> None:
    """Verdict, place, how long it has held, the cause, the numbers, tasks and functions at work."""
    healthy = [look(2.0 * number) for number in range(1, 4)]
    sick = [look(2.0 * number, made_diagnoses.spin()) for number in range(4, 20)]
    lines = drawn(history(*healthy, *sick))
    assert lines[0].startswith("SPIN for 32 s  read_log (")
    assert any(each.startswith("HL001 `break` in line 40") for each in lines)
    text = "\n".join(lines)
    assert "threads 3  memory 45.2 MB  connections 12  files 31" in text
    assert "2,000         +12  keepalive  at keepalive (…/shop/app.py:17)" in text
    assert "51 %  read_log (…/shop/logs.py:34)" in text
    assert lines[-1] == "q quit  p pause  c tasks  t types  s sort  ? help  │ 3 s ago │ process 7: pytho…"


def test_the_hold_of_a_verdict_outlives_the_minute() -> None:
    """Looks older than a minute are let go; since when the verdict has held is not forgotten, unless there was a pause."""
    found = history(look(2), *(look(2.0 * number, made_diagnoses.spin()) for number in range(2, 200)))
    assert drawn(found)[0].startswith("SPIN for 6 min 36 s")
    assert len(found.looks) < 40
    found.add(look(500.0, made_diagnoses.spin()))
    assert found.held == 2.0


def test_sorting() -> None:
    """The most come first, or what grows the most."""
    found = history(look(2))
    rows = [each.split()[2] for each in drawn(found) if "keepalive" in each or each.endswith("main")]
    assert rows == ["keepalive", "main"]
    choice = Choice()
    choice.press("s")
    rows = [each.split()[2] for each in drawn(found, choice) if "keepalive" in each or each.endswith("main")]
    assert rows == ["main", "keepalive"]


def test_types() -> None:
    """Objects by type, with their growth since the look that counted them last."""
    found = history(look(2), look(4, types={"dict": 5, "app.Leak": 50_000}), look(6))
    choice = Choice()
    choice.press("t")
    assert "counted in the next look …" in drawn(found, choice)
    found.add(look(9, types={"dict": 5, "app.Leak": 60_000, "new": 5}))
    rows = [each.split() for each in drawn(found, choice)]
    assert ["60,000", "+2,000", "app.Leak"] in rows
    assert ["5", "+1", "new"] in rows
    choice.press("c")
    assert not any("app.Leak" in each for each in drawn(found, choice))


def test_a_process_without_tasks() -> None:
    """It says so, and where to look instead."""
    assert "no asyncio tasks: t shows objects of every type" in drawn(history(look(2, coroutines=())))


def test_keys() -> None:
    """Help covers the rest until any key; a key without a meaning changes nothing."""
    choice = Choice()
    choice.press("?")
    lines = drawn(history(look(2)), choice)
    assert all(any(meaning in each for each in lines) for _, meaning in KEYS)
    choice.press("p")
    assert choice == Choice()
    choice.press("x")
    assert choice == Choice()
    choice.press("p")
    assert "PAUSED" in drawn(history(look(2)), choice)[-1]
    choice.press("p")
    assert choice == Choice()


def test_a_curve() -> None:
    """A minute from left to right: nothing, idle, half a core, a whole one, and more scales it all."""
    assert spark([10.0, 20.0, 30.0], [0.0, 0.5, 1.0], 6) == "   ▁▄█"
    assert spark([50.0, 60.0], [4.0, 2.0], 2) == "█▄"
    assert spark([], [], 3) == "   "
    assert spark([60.0], [None], 2) == "  "
    assert spark([60.0], [1.0], 0) == ""


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (125, "2 min 5 s"), (3600 * 3 + 420, "3 h 7 min")]
)
def test_spans(seconds: float, text: str) -> None:
    """Lengths of time are written in units that suit them."""
    assert span(seconds) == text


def test_a_line_of_text() -> None:
    """A look as a line, where there is no terminal."""
    text = line(history(look(2, made_diagnoses.spin()), look(4, made_diagnoses.spin())))
    assert text.startswith("4.0 s  SPIN  read_log (")
    assert text.endswith("held 4 s  demand 1.01  7 tasks  3 threads  45.2 MB  12 connections")
    assert "—  —  —" in line(history(look(4, threads=None, memory_bytes=None, connections=None)))
