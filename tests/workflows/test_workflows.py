"""The workflows and the action are what GitHub takes, and the action's script does what its inputs say."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from made_gate import comparison, phases, run

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / ".github" / "gate.sh"
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def valid(schema: str, *files: Path) -> subprocess.CompletedProcess[str]:
    """Check files against a schema that check-jsonschema brings."""
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        f"vendor.{schema}",
        *map(str, files),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_workflows_and_action_are_valid() -> None:
    """By SchemaStore's schemas."""
    done = valid("github-workflows", *WORKFLOWS)
    assert done.returncode == 0, done.stdout
    done = valid("github-actions", ROOT / "action.yml")
    assert done.returncode == 0, done.stdout


def test_every_input_of_the_action_is_used_and_told() -> None:
    """In its steps, and those for users in the document."""
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    steps = str(action["runs"])
    assert [name for name in action["inputs"] if f"inputs.{name}" not in steps] == []
    page = (ROOT / "docs" / "gate.md").read_text()
    assert [name for name in action["inputs"] if f"`{name}`" not in page] == []


def test_our_own_workflow_gives_inputs_that_there_are() -> None:
    """A misspelt one would be dropped without a word."""
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    jobs = yaml.safe_load((ROOT / ".github" / "workflows" / "gate.yml").read_text())["jobs"]
    steps = [step for job in jobs.values() for step in job["steps"] if step.get("uses") == "./"]
    assert steps
    assert all(set(step["with"]) <= set(inputs) for step in steps)


def script(folder: Path, **inputs: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the action's script; gives how it ended, and what it told the workflow."""
    told = folder / "output"
    told.touch()
    names = ("RUN", "BUDGET", "BASELINE", "RUN_BOTH", "RUNS", "COMMAND", "PAGE")
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GITHUB_OUTPUT": str(told),
        "HOME": str(folder),
        **dict.fromkeys(names, ""),
        **inputs,
    }
    done = subprocess.run(
        ["bash", str(SCRIPT)],  # noqa: S607 - as the action does
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done, told.read_text()


@pytest.mark.parametrize(
    ("cpu", "code", "answer"), [(0.2, 0, "pass"), (3.0, 1, "fail"), (None, 2, "unknown")]
)
def test_the_script_gives_the_gates_answer(tmp_path: Path, cpu: float | None, code: int, answer: str) -> None:
    """As exit code, as output, and as annotations."""
    (tmp_path / "b.toml").write_text("[succeeded.hardened]\ncpu_seconds_max = 1\n")
    comparison(tmp_path / "a b", run(cpu_seconds=phases(0, cpu, 0)))
    done, told = script(tmp_path, RUN="a b\n", BUDGET="b.toml", PAGE="page.html")
    assert (done.returncode, told) == (code, f"answer={answer}\n"), done.stderr
    assert ("::error file=b.toml,line=2" in done.stdout) == (answer == "fail")
    assert (tmp_path / "page.html").exists()
