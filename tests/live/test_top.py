"""Live tests: `diag top` in a terminal of its own, and without one."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
from live.started import started
from live.terminals import ENTER_SCREEN, Terminal, terminal

TOP = (sys.executable, "-m", "diag", "top")
CTRL_C, CTRL_Z, ARROW_UP = "\x03", "\x1a", "\x1b[A"


def top(pid: int, *words: str) -> tuple[str, ...]:
    """Give the command."""
    return (*TOP, str(pid), "--interval", "1", *words)


def test_the_screen_and_its_keys() -> None:
    """It fills the screen, follows keys and size, and q gives the terminal back."""
    with started(sys.executable, "tasks.py", "idle") as target, terminal(top(target.pid)) as shown:
        shown.wait_for("HEALTHY for ")
        assert ENTER_SCREEN in shown.drawn
        shown.wait_for("Holder.method")
        shown.press("?")
        shown.wait_for("any key leaves it")
        shown.press("q")  # leaves the help, not the command
        shown.wait_for("COROUTINE")
        shown.press(CTRL_Z + "t")
        shown.wait_for("_asyncio.Task")
        shown.press("s")
        shown.wait_for("PER SECOND ▼")
        shown.press("p")
        shown.wait_for("PAUSED")
        shown.press("p" + ARROW_UP)
        shown.wait_for(" s ago")
        shown.resize(140, 40)
        shown.wait_for("targets/tasks.py idle")
        shown.press("q")
        assert shown.end() == 0
        assert shown.is_restored


def _ctrl_c(shown: Terminal) -> None:
    shown.press(CTRL_C)


def _terminate(shown: Terminal) -> None:
    shown.process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("end", [_ctrl_c, _terminate])
@pytest.mark.parametrize("when", ["Measuring", "HEALTHY"])
def test_interrupted(end: Callable[[Terminal], None], when: str) -> None:
    """Ctrl-C, or the end by a supervisor, at any time ends it quietly and gives the terminal back."""
    with started(sys.executable, "tasks.py", "idle") as target, terminal(top(target.pid)) as shown:
        shown.wait_for(when)
        end(shown)
        assert shown.end() == 0
        assert shown.is_restored
        assert "Traceback" not in shown.drawn


def test_the_process_ends() -> None:
    """The terminal is given back, and a sentence says so."""
    with started(sys.executable, "tasks.py", "idle") as target, terminal(top(target.pid)) as shown:
        shown.wait_for("HEALTHY")
        target.process.kill()
        target.process.wait()
        assert shown.end() == 2
        assert shown.is_restored
        assert f"rocess {target.pid}" in shown.drawn.rpartition("\x1b[?1049l")[2]
        assert "Traceback" not in shown.drawn


def test_a_number_of_looks_in_a_terminal() -> None:
    """--count ends it."""
    with (
        started(sys.executable, "tasks.py", "idle") as target,
        terminal(top(target.pid, "--count", "1")) as shown,
    ):
        assert shown.end(25) == 0
        assert shown.is_restored


def test_without_a_terminal() -> None:
    """A line a look, of text or JSON; the spin's verdict holds, and its task and function are named."""
    with started(sys.executable, "tasks.py", "spin") as target:
        answer = subprocess.run(
            top(target.pid, "--count", "1", "--format", "json"), capture_output=True, timeout=40, check=False
        )
        text = subprocess.run(
            top(target.pid, "--seconds", "0.5"), capture_output=True, timeout=40, check=False, text=True
        )
    looks = [json.loads(line) for line in answer.stdout.splitlines()]
    assert len(looks) == 1
    assert looks[0]["schema"] == 1
    assert looks[0]["diagnosis"]["verdicts"][0] == looks[0]["verdict"]
    assert looks[0]["held_seconds"] > 0
    assert {"coroutine": "waiter", "count": 1000} in [
        {"coroutine": row["coroutine"], "count": row["count"]} for row in looks[0]["coroutines"]
    ]
    assert looks[0]["hot"][0]["share"] > 0
    assert text.returncode == answer.returncode == 0
    assert len(text.stdout.splitlines()) == 1


def test_screen_without_a_terminal() -> None:
    """It is refused in a sentence."""
    with started(sys.executable, "plain.py") as target:
        answer = subprocess.run(
            top(target.pid, "--format", "screen"), capture_output=True, timeout=40, check=False, text=True
        )
    assert answer.returncode == 2
    assert "needs a terminal" in answer.stderr
