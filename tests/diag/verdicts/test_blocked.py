"""When a call that holds an event loop up is a fault: it is long, and somebody waits for its end."""

from typing import Any

import pytest
from made_program import PACKAGES, At, Program, Strand, Waiting, resting, standard, turn
from made_snapshots import filmed

from diag.diagnosis import diagnose
from diag.findings import Diagnosis

REPORT = Program("""
    async def main(table):
        report(table)  # call
    def report(table):
        total = add_up(table)  # add
        return total
""")
MAIN = REPORT.at("main", "call", 11)
LATE = (Waiting("timer"),)


def held(
    *,
    each: int = 39,
    waiting: bool = True,
    asleep: bool = False,
    below: tuple[At, ...] = (),
    **conditions: Any,  # noqa: ANN401 - of Conditions
) -> Diagnosis:
    """Diagnose a loop that turns once in `each` looks, in a call that takes a new table each time.

    A look is a fifteenth of a second.
    """

    def moment(n: int) -> Strand:
        return turn(
            MAIN,
            REPORT.at("report", "add", table=f"table {n // each}"),
            *below,
            operations=2 * (n // each),
            ready=LATE if waiting else (),
            overdue=(n % each) / 15 if waiting else 0.0,
            state="S" if asleep else "R",
        )

    return diagnose(filmed(REPORT, moment, **conditions))


def test_one_long_call_with_others_waiting_is_a_block() -> None:
    """The culprit is the innermost function of the user's, with the time that it took and how late timers were."""
    found = held()
    assert found.verdicts == ("blocked",)
    assert found.culprit is not None
    assert (found.culprit.function, found.culprit.line) == ("report", REPORT.line("add"))
    facts = {fact.kind: fact.value for fact in found.evidence}
    assert facts["held"] == pytest.approx(2.5, abs=0.1)
    assert facts["overdue"] == pytest.approx(2.53, abs=0.1)


def test_a_loop_that_does_not_turn_is_frozen() -> None:
    """One call through the whole window; a loop that turns now and then is held up, but not frozen."""
    assert held(each=1000).frozen
    assert not held(each=13).frozen
    assert held(each=13).verdicts == ("blocked",)


def test_computing_that_nobody_waits_for_is_fine() -> None:
    """A program that only computes holds its loop from nothing."""
    assert held(waiting=False).verdicts == ("healthy",)


def test_a_hold_while_waiting_for_a_core_is_no_block() -> None:
    """What counts is the CPU that was used meanwhile: on a full machine every turn takes long."""
    assert held(each=8, cores=0.1, waited=0.9).verdicts == ("healthy",)
    assert held(each=8).verdicts == ("blocked",)


def test_short_holds_are_no_block() -> None:
    """Calls of a fifteenth of a second let the loop turn often enough."""
    assert held(each=2).verdicts == ("healthy",)


def test_an_idle_hold_is_a_block() -> None:
    """A call that sleeps on the event loop should have been awaited, whether or not anything is due already."""
    sleep = standard("sleep_for_a_while", "pause.py")
    found = held(each=13, asleep=True, waiting=False, below=(sleep,), cores=0.01)
    assert found.verdicts == ("blocked",)
    assert found.culprit is not None
    assert found.culprit.function == "report"


def test_the_loops_own_wait_is_no_hold() -> None:
    """A loop in its select waits for I/O, however long."""
    resting_long = filmed(REPORT, lambda _: resting(operations=5, overdue=0.0), cores=0.0)
    assert diagnose(resting_long).verdicts == ("healthy",)


def test_a_select_called_by_a_task_is_a_hold() -> None:
    """The same system call, made by a task and not by the loop."""
    select = standard("EpollSelector.select", "selectors.py", 468)
    assert held(each=1000, asleep=True, below=(select,), cores=0.0).verdicts == ("blocked",)


def test_a_call_in_a_package_is_laid_to_the_users_frame() -> None:
    """Who holds the loop up is the user's function that calls it, not the library's innermost one."""
    found = held(below=(At("Client.fetch", 30, f"{PACKAGES}/wires/client.py"),))
    assert found.culprit is not None
    assert found.culprit.function == "report"


def test_holds_one_after_the_other_are_a_block() -> None:
    """None of them reaches a quarter of a second, but together they are all the time, and timers are late."""
    found = held(each=4, cores=0.9)
    assert found.verdicts == ("healthy",)

    def moment(n: int) -> Strand:
        call = REPORT.at("report", "add", table=f"table {n // 4}")
        return turn(MAIN, call, operations=2 * (n // 4), ready=LATE, overdue=1.5)

    assert diagnose(filmed(REPORT, moment, cores=0.9)).verdicts == ("blocked",)


def test_a_blocking_call_is_a_cause() -> None:
    """A call that is known to block, in a coroutine, is named with its remedy."""
    program = Program("""
        import time
        async def tick():
            while True:
                time.sleep(2)  # sleep
    """)

    def moment(n: int) -> Strand:
        return turn(program.at("tick", "sleep", 11), operations=2 * (n // 20), state="S")

    found = diagnose(filmed(program, moment, cores=0.0))
    assert found.verdicts == ("blocked",)
    assert [cause.code for cause in found.causes] == ["HL011"]
