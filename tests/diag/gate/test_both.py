"""Two revisions by turns: what is run, where, and that nothing is left."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from diag.errors import HotloopError
from diag.gate import both
from diag.gate.both import Plan

APP = '''"""Writes down where it is, as pytest-benchmark would."""
import json, sys, os, datetime
import app.value
info = {"value": app.value.VALUE}
benchmark = {"name": "test_x", "fullname": "x::test_x", "extra_info": info}
result = {"benchmarks": [benchmark], "datetime": datetime.datetime.now(datetime.timezone.utc).isoformat()}
open(sys.argv[1], "w").write(json.dumps(result))
'''

COMMAND = (sys.executable, "-m", "app", "{output}.json")


def git(folder: Path, *words: str) -> str:
    """Run git without the user's settings."""
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    command = ["git", "-C", str(folder), "-c", "user.name=me", "-c", "user.email=me@example.org", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository whose last commit says 1, and whose working tree says 2, and stand there."""
    root = tmp_path / "project"
    package = root / "app"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(APP)
    (package / "value.py").write_text("VALUE = 1\n")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one")
    (package / "value.py").write_text("VALUE = 2\n")
    monkeypatch.chdir(root)
    return root


def plan(
    *command: str, reference: str = "main", runs: int = 1, limit: float = 60.0, keep: Path | None = None
) -> Plan:
    """Make a plan."""
    return Plan(reference=reference, command=command or COMMAND, runs=runs, limit=limit, keep=keep)


def untold(_over: int, _doing: str) -> None:
    """Tell nobody."""


def test_the_order_is_balanced() -> None:
    """Base and this, this and base: a drift of the machine touches both alike."""
    assert both.order(3) == ["base", "this", "this", "base", "base", "this"]


def test_each_side_runs_its_own_code(repository: Path, tmp_path: Path) -> None:
    """The commit there, the uncommitted change here; the tree and git's worktrees are as before."""
    status = git(repository, "status", "--porcelain")
    told: list[tuple[int, str]] = []
    measured = both.measure(plan(runs=2, keep=tmp_path / "kept"), lambda *words: told.append(words))
    assert [sample.figures["value"] for sample in measured.base] == [1, 1]
    assert [sample.figures["value"] for sample in measured.this] == [2, 2]
    assert [over for over, _ in told] == [0, 1, 2, 3, 4]
    assert git(repository, "worktree", "list").count("\n") == 1
    assert git(repository, "status", "--porcelain").replace("?? app/__pycache__/\n", "") == status
    assert sorted(file.name for file in (tmp_path / "kept" / "base").glob("*.json")) == [
        "001.json",
        "002.json",
    ]


def test_an_environment_that_fixes_the_code_is_refused(repository: Path, tmp_path: Path) -> None:
    """As an editable install with an import hook does: the other side imports this one's code."""
    script = tmp_path / "fixed.py"
    script.write_text(
        f"import sys\nsys.path.insert(0, {str(repository)!r})\nimport runpy\nrunpy.run_module('app', run_name='__main__')\n"
    )
    with pytest.raises(HotloopError, match="both would run the same code"):
        both.measure(plan(sys.executable, str(script), "{output}.json"), untold)


@pytest.mark.usefixtures("repository")
def test_a_command_that_imports_nothing_of_the_tree_is_refused(tmp_path: Path) -> None:
    """It would compare a thing with itself."""
    script = tmp_path / "other.py"
    script.write_text("import sys\nopen(sys.argv[1], 'w').write('{}')\n")
    with pytest.raises(HotloopError, match="imported nothing from"):
        both.measure(plan(sys.executable, str(script), "{output}.json"), untold)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (plan(reference="nowhere"), "There is no revision 'nowhere' here"),
        (plan(reference="--help"), "There is no revision '--help' here"),
        (plan(sys.executable, "-m", "app"), "does not say where it writes"),
        (plan(sys.executable, "-m", "app", "{output}/none/x"), "failed in main .exit code 1.: "),
        (plan(sys.executable, "-c", "import app.value # {output}"), "left nothing at"),
        (plan("no-such-program", "{output}"), "no-such-program could not be run in main: No such file"),
        (
            plan(sys.executable, "-c", "import time; time.sleep(60) # {output}", limit=0.5),
            "took longer than 0.5 s in main",
        ),
    ],
)
def test_what_goes_wrong_is_told(repository: Path, wanted: Plan, said: str) -> None:
    """A sentence, and no worktree is left."""
    with pytest.raises(HotloopError, match=said):
        both.measure(wanted, untold)
    assert git(repository, "worktree", "list").count("\n") == 1


def test_without_a_command_or_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both are needed."""
    with pytest.raises(HotloopError, match="no command to run"):
        both.measure(Plan(reference="main", command=(), runs=1, limit=9.0), untold)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(HotloopError, match="lies in no git repository"):
        both.measure(plan(), untold, tmp_path)


@pytest.mark.usefixtures("repository")
def test_a_folder_to_keep_in_has_to_be_new(tmp_path: Path) -> None:
    """Runs of another time are not mixed in."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "old").touch()
    with pytest.raises(HotloopError, match="is there already"):
        both.measure(plan(keep=tmp_path / "kept"), untold)


def test_a_program_of_the_working_directory_serves_both_sides(tmp_path: Path) -> None:
    """A virtual environment lies beside the code, and only here."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").touch()
    assert both.program("bin/python", tmp_path) == str(tmp_path / "bin" / "python")
    assert both.program("python", tmp_path) == "python"
    assert both.program("bin/none", tmp_path) == "bin/none"


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for a condition, for half a minute at the most."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "the condition never held"
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_nothing(repository: Path, tmp_path: Path, number: signal.Signals) -> None:
    """The run is ended, the checkout is gone, the exit code says so."""
    mark = tmp_path / "running"
    code = f"import app.value, time; open({str(mark)!r}, 'w').write(__import__('os').getpid().__str__()); time.sleep(60) # {{output}}"
    command = [
        sys.executable,
        "-m",
        "diag",
        "gate",
        "--run-both",
        "main",
        "--runs",
        "1",
        "--",
        sys.executable,
        "-c",
        code,
    ]
    environment = {**os.environ, "PYTHONPATH": str(Path(both.__file__).parents[2])}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_for(lambda: mark.exists() and bool(mark.read_text()))
            process.send_signal(number)
            _, said = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (process.returncode, "interrupted" in said) == (130, True)
    wait_for(lambda: not Path(f"/proc/{mark.read_text()}").exists())
    assert git(repository, "worktree", "list").count("\n") == 1
