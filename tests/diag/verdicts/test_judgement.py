"""All verdicts together: their order, and what remains where there is none."""

import pytest
from made_program import Program, Strand, resting, turn
from made_recordings import recording
from made_snapshots import census, filmed

from diag.diagnosis import build, diagnose
from diag.findings import Diagnosis
from diag.recording import Recording
from diag.verdicts.judgement import judge

FOLLOW = Program("""
    async def follow(stream):
        while True:
            line = await stream.readline()  # wait
            keep(line)  # keep
""")
NOTE = "Python 2.7 is not known to this hotloop: variables were not read."


def spinning(looks: int = 40, cores: float = 1.0, **changes: object) -> Recording:
    """Make a spin."""

    def moment(n: int) -> Strand:
        return turn(FOLLOW.at("follow", ("wait", "keep")[n % 2], 11, line=b""), operations=3000 * n)

    return filmed(FOLLOW, moment, looks=looks, cores=cores, changes=changes)


def test_without_snapshots_a_busy_process_is_unknown() -> None:
    """The reason is the note that says why nothing could be read."""
    found = diagnose(spinning(looks=0, snapshots=(), notes=(NOTE,)))
    assert found.verdicts == ("unknown",)
    assert found.details[0].reason == NOTE
    assert found.culprit is None


def test_without_snapshots_an_idle_process_is_healthy() -> None:
    """What hardly needs a core needs no look at its variables."""
    assert diagnose(spinning(looks=0, cores=0.03, snapshots=(), notes=(NOTE,))).verdicts == ("healthy",)


@pytest.mark.parametrize(("looks", "verdict"), [(7, "unknown"), (8, "spin")])
def test_few_looks_at_a_busy_process_say_nothing(looks: int, verdict: str) -> None:
    """Neither "healthy" nor "spin"."""
    assert diagnose(spinning(looks)).verdicts == (verdict,)


def test_no_readings_say_nothing() -> None:
    """A process that ended before its CPU was read twice."""
    found = diagnose(recording())
    assert found.verdicts == ("unknown",)
    assert (found.cores, found.demand) == (None, None)
    assert found.summary.startswith("unknown")


def leaking(recorded: Recording) -> Diagnosis:
    """Diagnose a recording with growing tasks added."""
    counts = tuple(census(0.3 + 0.7 * n, watch=100 * (n + 1)) for n in range(4))
    changes = {name: getattr(recorded, name) for name in recorded.__struct_fields__}
    return diagnose(recording(**(changes | {"censuses": counts})))


def test_verdicts_come_together_the_worst_first() -> None:
    """A spin that makes tasks without end is both; details, culprit and summary follow the first."""
    found = leaking(spinning())
    assert found.verdicts == ("spin", "leak")
    assert [verdict.name for verdict in found.details] == ["spin", "leak"]
    assert found.culprit is not None
    assert found.culprit.function == "follow"
    assert found.summary.startswith("spin: follow")


def test_a_leak_is_seen_without_snapshots() -> None:
    """It is known from the censuses; a busy process of which nothing else is known has that verdict."""
    assert leaking(spinning(looks=0, snapshots=())).verdicts == ("leak",)


def test_a_spin_that_holds_its_loop_is_not_blocked_as_well() -> None:
    """One finding for one fault: a frozen spin."""

    def moment(n: int) -> Strand:
        call = FOLLOW.at("follow", ("wait", "keep")[n % 2], 11, line=b"")
        return turn(call, operations=8, overdue=n / 15)

    found = diagnose(filmed(FOLLOW, moment))
    assert found.verdicts == ("spin",)
    assert found.frozen


def test_healthy_says_why() -> None:
    """An idle process waits; a busy one gets something done, in a place or in none."""
    idle = build(filmed(FOLLOW, lambda _: resting(operations=3), cores=0.02))
    assert "0.02 cores" in judge(idle)[0].verdict.reason
    busy = build(
        filmed(
            FOLLOW,
            lambda n: turn(FOLLOW.at("follow", ("wait", "keep")[n % 2], 11, line=b"%d" % n), operations=n),
        )
    )
    assert "follow" in judge(busy)[0].verdict.reason
    nowhere = build(filmed(FOLLOW, lambda n: turn(FOLLOW.at("follow", "keep", 1000 + n), operations=n)))
    assert "no single loop" in judge(nowhere)[0].verdict.reason
