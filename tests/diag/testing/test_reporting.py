"""Tests of how the check reports: beside a test's own outcome, under other plugins, and what it says to wrong options."""

from pathlib import Path

import pytest
from checkrun import check

OUTCOMES = """
async def test_own_exception():
    leak()
    assert len(kept) == 5, "my own reason"

@pytest.mark.xfail
async def test_expected():
    leak()

async def test_skipped():
    leak()
    pytest.skip("no reason")

async def test_expects_an_exception():
    leak()
    with pytest.raises(ValueError):
        int("x")

@pytest.mark.parametrize("number", [1, 2])
async def test_with(number):
    if number == 2:
        leak()

class TestUnit(unittest.TestCase):
    def test_subtests(self):
        for number in range(3):
            with self.subTest(number=number):
                assert number < 3

async def test_fine():
    pass
"""


def test_outcomes_of_the_tests_themselves_stay(tmp_path: Path) -> None:
    """Its own exception is what a test fails with, an expected failure stays expected, a skipped one skipped."""
    run = check(
        tmp_path,
        OUTCOMES,
        "--diag-check=error",
        "-Wignore",
        "-n2",
        plugins=("pytest_asyncio.plugin", "xdist.plugin"),
    )
    kinds = {name: outcome.kind for name, outcome in run.outcomes.items()}
    assert kinds == {
        "test_own_exception": "failed",
        "test_expected": "skipped",
        "test_skipped": "skipped",
        "test_expects_an_exception": "failed",
        "test_with[1]": "passed",
        "test_with[2]": "failed",
        "test_subtests": "passed",
        "test_fine": "passed",
    }
    own = run.outcomes["test_own_exception"]
    assert "my own reason" in own.message
    assert "task forever, created by leak" in own.text
    assert run.outcomes["test_with[2]"].message.startswith("diag: leaked task forever")


LEAKS = """
async def test_first():
    leak()

async def test_second():
    pass

@pytest.mark.diag(mode="off")
async def test_third():
    leak()
"""


def test_warnings_leave_the_tests_passed(tmp_path: Path) -> None:
    """A warning of its own category, and a line at the end."""
    run = check(tmp_path, LEAKS, "--diag-check=warn")
    assert run.code == 0
    assert "DiagWarning: test_first: diag: leaked task forever" in run.output
    assert "diag: 1 test leaks" in run.output


def test_a_warning_that_is_an_error_fails_the_test(tmp_path: Path) -> None:
    """As any other warning under `-W error`."""
    run = check(tmp_path, LEAKS, "--diag-check=warn", "-Werror::diag.testing.DiagWarning")
    assert run.outcomes["test_first"].kind == "failed"


def test_nothing_is_checked_unless_asked_for(tmp_path: Path) -> None:
    """Neither by default nor where the run's check is off; a marker alone checks its test as an error."""
    assert check(tmp_path, LEAKS).code == 0
    marked = LEAKS.replace("async def test_second", "@pytest.mark.diag\nasync def test_second").replace(
        "    pass", "    leak()"
    )
    run = check(tmp_path, marked)
    assert [run.outcomes[name].kind for name in ("test_first", "test_second")] == ["passed", "failed"]


def test_the_first_failure_ends_the_run(tmp_path: Path) -> None:
    """`-x` counts what the check finds."""
    run = check(tmp_path, LEAKS, "--diag-check=error", "-x")
    assert list(run.outcomes) == ["test_first"]
    assert run.counts["failures"] == 1


def test_reruns_see_the_failure(tmp_path: Path) -> None:
    """Where pytest-rerunfailures holds the reports, it reruns what leaks, and a second run that does not passes."""
    text = """
    async def test_flaky():
        if not kept:
            leak()
    """
    plugins = ("pytest_asyncio.plugin", "pytest_rerunfailures")
    run = check(tmp_path, text, "--diag-check=error", "--reruns=1", plugins=plugins)
    assert run.code == 0
    assert "1 rerun" in run.output


@pytest.mark.parametrize(
    ("marker", "words"),
    [
        ("max_blok='1s'", "there is no option 'max_blok': did you mean max_block?"),
        ("max_block='soon'", 'max_block is a duration, such as "100ms"'),
        ("mode='eror'", "mode is no 'eror': did you mean 'error'?"),
        ("max_empty_turns=-1", "max_empty_turns is a count"),
        ("leaks=1", "leaks is True or False, not 1"),
        ("'error'", "its options have names"),
    ],
)
def test_a_wrong_option_of_the_marker_is_an_error_before_any_test(
    tmp_path: Path, marker: str, words: str
) -> None:
    """One sentence that names the test, and what was meant."""
    run = check(tmp_path, f"@pytest.mark.diag({marker})\ndef test_one():\n    pass", plugins=())
    assert run.code == 4
    assert "test_checked.py::test_one: @pytest.mark.diag: " in run.output
    assert words in run.output
    assert not run.outcomes


def test_a_wrong_option_of_the_command_line_is_an_error(tmp_path: Path) -> None:
    """And one of the configuration."""
    run = check(tmp_path, "def test_one():\n    pass", "--diag-check=errors", plugins=())
    assert (run.code, "--diag-check: mode is no 'errors': did you mean 'error'?" in run.output) == (4, True)
    run = check(
        tmp_path, "def test_one():\n    pass", "--diag-check=error", ini="diag_max_block = x", plugins=()
    )
    assert (run.code, "configuration: diag_*: max_block is a duration" in run.output) == (4, True)


def test_a_timeout_says_where_it_was(tmp_path: Path) -> None:
    """What is no spin is left to pytest-timeout, as without the check."""
    text = "async def test_slow():\n    await asyncio.sleep(30)"
    plugins = ("pytest_asyncio.plugin", "pytest_timeout")
    run = check(tmp_path, text, "--diag-check=error", "--timeout=1", plugins=plugins)
    assert run.outcomes["test_slow"].kind == "failed"
    assert "Timeout" in run.outcomes["test_slow"].message
