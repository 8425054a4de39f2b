"""`diag lint` as its user calls it."""

import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from lint_made import FAULT

from diag.cli import run

ROOT = Path(__file__).parents[3]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project with one fault and go there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(FAULT)
    (tmp_path / "fine.py").write_text("x = 1\n")
    return tmp_path


def lint(*words: str | Path) -> int:
    """Run the command."""
    return run("diag", ["lint", *map(str, words)])


@pytest.mark.usefixtures("here")
def test_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """1 with a fault, 0 without."""
    assert lint(".") == 1
    assert "Found 1 fault in 2 files." in capsys.readouterr().out
    assert lint("fine.py") == 0
    assert capsys.readouterr().out == "No faults in 1 file.\n"


def test_what_could_not_be_checked_is_no_pass(here: Path) -> None:
    """Exit code 2, unless there are faults, which say more."""
    (here / "broken.py").write_bytes(b"\xff\xfe")
    assert lint("fine.py", "broken.py") == 2
    assert lint(".") == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("gone",), "gone does not exist"),
        ((), "No path is given"),
        (("--select", "HL01", "."), "No rule 'HL01' is known. Did you mean 'HL001"),
        (("--select", "HL002", "."), "HL002 cannot be told from source alone"),
        (("--exclude", "*.py", "."), "There is no Python file in ."),
        (("-o", "no/where.json", "."), "no directory no"),
        (("-o", ".", "."), "is a directory"),
        (("--explain", "HL099"), "No cause 'HL099' is known"),
        (("-", "app.py"), "Standard input is checked by itself"),
        (("--stdin-filename", "a.py", "."), "give - as the only path"),
    ],
)
@pytest.mark.usefixtures("here")
def test_what_is_wrong_is_told(words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and a sentence that says what to do."""
    assert lint(*words) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_settings_and_the_command_line(here: Path) -> None:
    """What the project excludes stays so, for a file that a hook names as well; the command line adds to it."""
    assert lint(".", "--exclude", "app.py") == 0
    (here / "pyproject.toml").write_text('[tool.hotloop]\nexclude = ["app.py"]\n')
    assert lint(".") == 0
    assert lint("app.py") == 1
    assert lint("--force-exclude", "app.py") == 0
    (here / "pyproject.toml").write_text('[tool.hotloop]\nignore = ["HL001"]\n')
    assert lint(".", "--select", "HL001") == 1


@pytest.mark.parametrize(
    ("name", "starts"), [("a.sarif", '{\n  "$schema"'), ("a.json", "{\n"), ("a.xml", "<testsuites")]
)
def test_the_suffix_tells_the_format(
    name: str, starts: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sum and the file's name go to standard output."""
    assert lint(".", "-o", name) == 1
    assert (here / name).read_text().startswith(starts)
    assert capsys.readouterr().out == f"Found 1 fault in 2 files.\n{name}\n"


@pytest.mark.usefixtures("here")
def test_sarif_tells_of_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """Those about comments as well, so that each result finds its own."""
    lint(".", "--format", "sarif")
    rules = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]["rules"]
    assert {"HL001", "HL901", "HL902", "HL903"} <= {rule["id"] for rule in rules}


def test_the_summary_of_a_step(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In GitHub Actions the findings are there as a table."""
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(here / "summary.md"))
    assert lint(".", "--format", "github") == 1
    assert "| `app.py:6` | HL001 |" in (here / "summary.md").read_text()


def test_standard_input(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is called as it is said to be, and excluded under that name."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(FAULT.encode())))
    assert lint("-", "--stdin-filename", "app.py", "--format", "concise") == 1
    assert capsys.readouterr().out.startswith("app.py:6:17: HL001")
    (here / "pyproject.toml").write_text('[tool.hotloop]\nexclude = ["app.py"]\n')
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(FAULT.encode())))
    assert lint("-", "--stdin-filename", "app.py", "--force-exclude") == 0


def test_notebooks_are_skipped_in_words(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are no pass that nobody knows of."""
    (here / "book.ipynb").write_text("{}")
    assert lint("book.ipynb") == 0
    assert "1 notebook was skipped" in capsys.readouterr().out


def test_every_page_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    """Also of causes that take a measurement."""
    assert lint("--explain", "hl001") == 0
    assert capsys.readouterr().out.startswith("# HL001 ineffective-break")
    assert lint("--explain", "HL016") == 0


def test_the_project_passes_its_own_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the faults that it reproduces excluded in pyproject.toml."""
    monkeypatch.chdir(ROOT)
    assert lint(".") == 0


def test_the_hook_is_valid() -> None:
    """By pre-commit's own rules."""
    manifest = ROOT / ".pre-commit-hooks.yaml"
    words = [sys.executable, "-m", "pre_commit", "validate-manifest", str(manifest)]
    assert subprocess.run(words, capture_output=True, text=True, check=False).stderr == ""
