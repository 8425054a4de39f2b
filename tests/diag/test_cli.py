"""The command shell: help without imports, failures in a sentence, exit codes."""

import os
import subprocess
import sys

import click
import pytest

from diag import cli
from diag.errors import HotloopError


def call(*words: str, module: str = "diag", **options: object) -> subprocess.CompletedProcess[str]:
    """Run a command as its user does."""
    command = [sys.executable, "-m", module, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)  # type: ignore[call-overload,no-any-return] # options are passed on


@pytest.mark.parametrize("module", ["diag", "repro"])
def test_help_imports_nothing_heavy(module: str) -> None:
    """`--help` imports none of the libraries that only commands need."""
    code = f"""
import sys, {module}.__main__
sys.argv = ["{module}", "--help"]
assert {module}.__main__.main() == 0
heavy = {{"numpy", "matplotlib", "aiohttp", "kubernetes", "rich", "psutil", "asyncio", "jinja2"}}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("module", ["diag", "repro"])
def test_every_listed_command_exists(module: str) -> None:
    """Each name of the group's help leads to a command with a help of its own."""
    commands = __import__(f"{module}.commands", fromlist=["SUMMARIES"])
    for name in commands.SUMMARIES:
        done = call(name, "--help", module=module)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"Usage: {module} {name} ")


def test_unknown_command_is_a_usage_error() -> None:
    """A word that is no command: exit 2 and a sentence, no traceback."""
    done = call("nonsense")
    assert done.returncode == cli.COULD_NOT
    assert "No such command 'nonsense'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_misspelt_command_is_answered_with_the_right_one() -> None:
    """A name close to a command's is told."""
    assert "Did you mean 'record'?" in call("recrod").stderr


@pytest.mark.parametrize(
    ("failure", "code", "said"),
    [
        (HotloopError("process 7 is gone"), 2, "diag: process 7 is gone\n"),
        (OSError(28, "No space left on device", "out.json"), 2, "diag: out.json: No space left on device\n"),
        (
            OSError(28, "No space left on device"),
            2,
            "diag: the output could not be written: No space left on device\n",
        ),
        (KeyboardInterrupt(), 130, "diag: interrupted\n"),
        (click.UsageError("two of them"), 2, "Error: two of them\n"),
        (BrokenPipeError(), 0, ""),
    ],
)
def test_failures_become_sentences(
    failure: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What a command raises ends as its exit code and one line on standard error."""

    @click.command()
    def command() -> None:
        raise failure

    monkeypatch.setattr(cli.CommandGroup, "get_command", lambda *_: command)
    assert cli.run("diag", ["record"]) == code
    assert capfd.readouterr().err.endswith(said)


def test_a_reader_that_went_away_is_no_failure() -> None:
    """`diag --help | head -1` ends without a word on standard error."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "diag", "--help"],
        stdout=writing,
        stderr=subprocess.PIPE,
        timeout=60,
        check=False,
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, b"")


def test_output_that_is_closed_is_no_failure() -> None:
    """A command does its work where nobody hears of it (`>&-`)."""
    command = f"exec '{sys.executable}' -m diag --version <&- >&- 2>&-"
    assert subprocess.run(["/bin/sh", "-c", command], timeout=60, check=False).returncode == 0


def test_an_encoding_that_lacks_a_character_is_no_failure() -> None:
    """What the terminal's encoding cannot say becomes a question mark."""
    code = "from diag import cli; import sys; cli._mend_streams(); print('1 \\u00d7 2')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("1 ? 2\n", "")
