"""`diag gate` as its user meets it."""

import importlib.util
import json
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from made_gate import comparison, phases, run

from diag import cli

BUDGET = "[succeeded.hardened]\nlines_lost = 0\ncpu_seconds_max = 1\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder, outside a workflow."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def both(factor: float, **changes: object) -> None:
    """Make six runs of each side by turns, in base/ and this/; CPU seconds differ by a factor."""
    for number in range(6):
        cpu = 0.2 + 0.002 * number
        comparison(Path("base") / f"{number}", run(cpu_seconds=phases(0, cpu, 0)), started=2.0 * number)
        mine = run(cpu_seconds=phases(0, factor * cpu, 0)) | changes
        comparison(Path("this") / f"{number}", mine, started=2.0 * number + 1)


def gate(*words: str) -> int:
    """Run the command."""
    return cli.run("diag", ["gate", *words])


def test_a_budget_alone_answers_by_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    """0 within it, 1 over it, 2 where a figure was not measured; gate.toml is found."""
    Path("gate.toml").write_text(BUDGET)
    assert gate(str(comparison(Path("good")))) == 0
    assert gate(str(comparison(Path("bad"), run(cpu_seconds=phases(0, 3, 0))))) == 1
    assert gate(str(comparison(Path("old"), run(cpu_seconds=phases(0, None, 0))))) == 2
    assert "cpu_seconds_max = 1" in capsys.readouterr().out


def test_a_budget_alone_needs_no_scipy(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A comparison does, and says what to install."""
    real = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name == "scipy" else real(name, package)

    monkeypatch.setattr("diag.gate.statistics.find_spec", without)
    Path("gate.toml").write_text(BUDGET)
    both(2.0)
    assert gate("this") == 0
    assert gate("this", "--baseline", "base") == 2
    assert "pip install 'hotloop[gate]'" in capsys.readouterr().err


def test_a_regression_fails_and_identical_code_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """Beside a baseline that was measured by turns."""
    pytest.importorskip("scipy")
    both(2.0)
    assert gate("this", "--baseline", "base") == 1
    assert "2.0 times the CPU seconds while viewing" in " ".join(capsys.readouterr().out.split())
    both(1.0)
    assert gate("this", "--baseline", "base") == 0


def test_a_regression_fails_also_where_something_is_unknown() -> None:
    """One that is sure is not hidden by one that is not."""
    both(1.0, lines={"expected": 400, "received": 399, "lost": 1, "repeated": 0}, turns=phases(1, None, 1))
    assert gate("this", "--baseline", "base") == 1


def test_another_machine_is_unknown() -> None:
    """Nothing can be compared, and that is no pass."""
    both(1.0)
    for number in range(6):
        comparison(Path("base") / f"{number}", started=2.0 * number, machine={"cores": 64})
    assert gate("this", "--baseline", "base") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "what is to be judged"),
        (("good",), "nothing to judge by"),
        (("none", "--budget", "b.toml"), "none is not there"),
        (("good", "--budget", "none.toml"), "none.toml cannot be read"),
        (("good", "--baseline", "good"), "a run is no baseline of itself"),
        (("good", "--baseline", "none"), "none is not there"),
        (("good", "--runs", "3"), "--runs and --keep are for --run-both"),
        (("--run-both", "main", "--baseline", "good", "--", "x"), "leave --baseline out"),
        (("good", "--format", "yaml"), "is not one of"),
    ],
)
def test_what_is_wrong_is_told(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A sentence and exit code 2."""
    Path("b.toml").write_text(BUDGET)
    comparison(Path("good"))
    assert gate(*words) == 2
    assert said in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("form", ["text", "json", "markdown", "html", "junit", "github"])
def test_every_format_can_go_to_a_file(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The result and the file's name are on standard output."""
    Path("gate.toml").write_text(BUDGET)
    comparison(Path("good"))
    assert gate("good", "--format", form, "-o", "out/") == 0
    line, file = capsys.readouterr().out.splitlines()
    assert line == "No regression: all 2 checks passed."
    assert Path(file).stat().st_size


def test_the_steps_summary_is_written_wherever_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """In any format, appended to what other tools wrote."""
    Path("summary.md").write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    Path("gate.toml").write_text(BUDGET)
    comparison(Path("good"))
    assert gate("good", "--format", "json") == 0
    assert Path("summary.md").read_text().startswith("before\n### No regression")


def test_json_has_the_answer(capsys: pytest.CaptureFixture[str]) -> None:
    """And the runs of each check."""
    Path("gate.toml").write_text(BUDGET)
    assert gate(str(comparison(Path("bad"), run(cpu_seconds=phases(0, 3, 0)))), "--format", "json") == 1
    read = json.loads(capsys.readouterr().out)
    assert (read["answer"], read["checks"][0]["values"]) == ("fail", [3.0])
