"""The first line holds verdict, place and number, in whatever width."""

import made_diagnoses
import pytest

from diag.findings import TaskFindings
from diag.reports.headline import headline, place


@pytest.mark.parametrize("width", [80, 100, 110])
@pytest.mark.parametrize("kind", [name for name in made_diagnoses.ALL if name != "hostile"])
def test_it_fits_the_terminal(kind: str, width: int) -> None:
    """Verdict, file and the most telling number are there, and nothing is too long."""
    diagnosis = made_diagnoses.ALL[kind]()
    line = headline(diagnosis).line(width)
    assert len(line) <= width
    assert line.startswith(diagnosis.verdicts[0].upper())
    if diagnosis.culprit:
        assert diagnosis.culprit.file.rpartition("/")[2] in line


def test_a_spin_says_cores_share_and_whether_the_loop_turns() -> None:
    """The incident in one line of 80 columns."""
    assert headline(made_diagnoses.spin()).line(80) == (
        "SPIN  read_log (…/buggy.py:33-42)  0.98 core, 93 % of the samples, live loop"
    )


def test_a_frozen_loop_is_called_so() -> None:
    """Whether the event loop turns is told."""
    assert "frozen loop" in headline(made_diagnoses.spin(frozen=True)).line(110)


def test_a_leak_says_how_fast_it_grows() -> None:
    """Growth stands before cores; both verdicts are named."""
    assert headline(made_diagnoses.leak()).line(110).startswith("LEAK, SPIN  read_log")
    assert headline(made_diagnoses.leak()).figures[0] == "+39 k tasks/s"


def test_a_block_says_for_how_long() -> None:
    """The time that the loop was held comes from the evidence of the verdict."""
    assert headline(made_diagnoses.blocked()).figures[0] == "held for 2.9 s"


def test_a_block_is_placed_at_its_call() -> None:
    """Not at the loop around it."""
    found = place(made_diagnoses.diagnosis(verdicts=("blocked",), culprit=made_diagnoses.culprit()))
    assert found is not None
    assert found.lines == "34"


def test_a_starved_process_says_what_it_asked_for() -> None:
    """Where the machine is full the demand tells what was wanted."""
    assert headline(made_diagnoses.spin(cores=0.31, demand=0.99)).figures[0] == "0.31 core (asked for 0.99)"


def test_healthy_and_unknown_have_no_place() -> None:
    """A hot but healthy place is no culprit."""
    assert place(made_diagnoses.diagnosis(culprit=made_diagnoses.culprit())) is None
    assert headline(made_diagnoses.unknown()).line() == "UNKNOWN"


def test_without_a_culprit_the_maker_is_the_place() -> None:
    """A leak whose tasks nobody runs is placed where they are made."""
    leak = made_diagnoses.leak()
    found = place(made_diagnoses.diagnosis(verdicts=("leak",), culprit=None, tasks=leak.tasks))
    assert found is not None
    assert found.path == f"{made_diagnoses.BUGGY}:34"


def test_a_leak_of_something_else_than_tasks_gives_its_number() -> None:
    """Threads or connections grow: the number is the evidence's."""
    storm = made_diagnoses.storm()
    still = TaskFindings(live=1, by_coroutine={}, growth_per_second=0.0, created_per_second=0.0)
    found = headline(
        made_diagnoses.diagnosis(
            verdicts=("leak",), evidence=storm.evidence, details=storm.details, tasks=still
        )
    )
    assert found.figures[0] == "94/s"


def test_a_hostile_name_cannot_steer_the_terminal() -> None:
    """Control characters of names are escaped, and an endless name is cut."""
    line = headline(made_diagnoses.hostile()).line(80)
    assert line.isprintable()
    assert len(line) <= 100
