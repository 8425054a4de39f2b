"""`observe` on real processes: what one window brings, and what becomes of a process that ends in it."""

import sys

import pytest
from live.started import started

from diag.diagnosis import diagnose
from diag.errors import HotloopError
from diag.observation import observe
from diag.recording import Recording, Snapshot, SnapshotFrame


@pytest.fixture(scope="module")
def spin() -> Recording:
    """Observe a spinning event loop."""
    with started(sys.executable, "working.py", "spin", "20") as target:
        return observe(target.pid, 1.2)


def frames_of(shot: Snapshot) -> list[SnapshotFrame]:
    """Give all frames of a look: those of threads, and those that stood in an event loop's queue or waited."""
    of_threads = [frame for one in shot.threads for frame in one.frames]
    suspended = [ready for loop in shot.loops for ready in (*loop.next, *loop.waiting)]
    return [*of_threads, *(frame for ready in suspended for frame in ready.frames)]


def test_one_window_brings_everything(spin: Recording) -> None:
    """Both phases, snapshots with variables, stacks, counts of tasks at either end, traffic, the source; no note."""
    assert [phase.name for phase in spin.phases] == ["undisturbed", "sampled"]
    (shots,) = spin.snapshots
    assert len(shots.taken) >= 8
    assert [shot.at for shot in shots.taken] == sorted(shot.at for shot in shots.taken)
    names = {name for shot in shots.taken for call in frames_of(shot) for name, _ in call.variables}
    assert {"seconds", "end"} <= names
    assert sum(len(stacks.samples) for stacks in spin.stacks) > 10
    assert len(spin.censuses) >= 3
    assert all(census.live == 1 for census in spin.censuses)
    assert len(spin.traffic) >= 8
    own = next(source for source in spin.sources if source.path.endswith("working.py"))
    assert "async def spin" in own.text
    assert spin.notes == ()


def test_it_is_judged_by_what_is_in_it(spin: Recording) -> None:
    """The spin is found, in its function, with its cause."""
    found = diagnose(spin)
    assert found.verdicts == ("spin",)
    assert not found.frozen
    assert found.culprit is not None
    assert found.culprit.function == "spin"
    assert [cause.code for cause in found.causes] == ["HL003"]


def test_a_process_that_sleeps_is_healthy() -> None:
    """It hardly needs a core, and its one thread is seen asleep."""
    with started(sys.executable, "working.py", "sleep", "20") as target:
        recorded = observe(target.pid, 0.6)
    assert diagnose(recorded).verdicts == ("healthy",)
    assert {one.state for shot in recorded.snapshots[0].taken for one in shot.threads} == {"S"}


def test_a_process_that_ends_meanwhile_leaves_what_was_seen() -> None:
    """It is no error: the recording says that it ended, and the window does not go on without it."""
    with started(sys.executable, "working.py", "spin", "1.0") as target:
        recorded = observe(target.pid, 60.0)
    assert any(f"Process {target.pid} ended" in note for note in recorded.notes)
    assert recorded.seconds < 30
    assert recorded.snapshots[0].taken


def test_a_process_that_is_not_there_is_a_sentence() -> None:
    """Before anything is measured."""
    with pytest.raises(HotloopError, match="4194305"):
        observe(4194305, 1.0)
