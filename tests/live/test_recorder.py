"""The Recorder on real processes."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from live import interpreters
from live.started import started

from diag import rates, recorder, storage
from diag.errors import HotloopError
from diag.recorder import Recorder
from diag.recording import Recording

WORKING = "working.py"


def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait for a condition."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def spin() -> Recording:
    """Record a spinning event loop."""
    with started(sys.executable, WORKING, "spin", "20") as target:
        return recorder.record(target.pid, 2.0)


def test_a_spin_shows_as_one(spin: Recording) -> None:
    """It demands a core, hardly ever sleeps, and has one task."""
    found = rates.rates(spin, "undisturbed")
    assert found is not None
    assert found.demand > 0.8
    assert found.voluntary < 20
    assert rates.tasks_live(spin) == 1
    assert spin.notes == ()


def test_stacks_of_a_spin_fill_its_time(spin: Recording) -> None:
    """Nearly every look found the thread at work, each with a whole stack in files that can be opened."""
    (stacks,) = spin.stacks
    assert len(stacks.samples) + stacks.errors > 0.9 * stacks.ticks > 10
    for sample in stacks.samples:
        assert spin.stacks[0].frames[sample.frames[0]].function == "<module>"
        assert stacks.start <= sample.at <= stacks.end
    assert [s.at for s in stacks.samples] == sorted(s.at for s in stacks.samples)
    own = next(source for source in spin.sources if source.path.endswith(WORKING))
    assert own.size == Path(own.path).stat().st_size
    assert stacks.paused == 0


def test_it_survives_the_disk(spin: Recording, tmp_path: Path) -> None:
    """A measured recording is as equal after loading as a made one."""
    storage.save(spin, tmp_path / "r")
    assert storage.load(tmp_path / "r") == spin
    assert sum(file.stat().st_size for file in (tmp_path / "r").iterdir()) < 300_000


def test_readings_say_when_stacks_were_sampled(spin: Recording) -> None:
    """The phase before sampling is undisturbed, and the other one is marked."""
    sampled = rates.phase_window(spin, "sampled")
    assert any(reading.sampled for reading in spin.activity)
    assert all(reading.at > sampled.start for reading in spin.activity if reading.sampled)


def test_pausing_tells_when_it_looked_and_how_long_it_held() -> None:
    """With the process held, no look at a spin fails, and each has its moment."""
    with (
        started(sys.executable, WORKING, "spin", "20") as target,
        Recorder(target.pid, pausing=True) as watching,
    ):
        stacks = watching.sample_stacks(1.0)
    assert stacks is not None
    assert len(stacks.moments) == stacks.ticks > 10
    assert len(stacks.samples) > 0.9 * stacks.ticks
    assert stacks.paused is not None
    assert 0 < stacks.paused < 1


def test_idle_gaps_of_a_pulse_are_seen() -> None:
    """Samples come in bursts, with the pauses between them at their place in time."""
    with started(sys.executable, WORKING, "pulse", "20") as target, Recorder(target.pid) as watching:
        stacks = watching.sample_stacks(1.5)
    assert stacks is not None
    gaps = [b.at - a.at for a, b in zip(stacks.samples, stacks.samples[1:], strict=False)]
    assert max(gaps) > 0.2
    assert 0.2 < len(stacks.samples) / stacks.ticks < 0.8


def test_only_threads_at_work_are_sampled() -> None:
    """A sleeping thread and a waiting one leave no samples, or the odd one."""
    with started(sys.executable, WORKING, "threads", "20") as target, Recorder(target.pid) as watching:
        stacks = watching.sample_stacks(1.0)
    assert stacks is not None
    burning = [sample for sample in stacks.samples if sample.thread.startswith("burner")]
    assert len(burning) + stacks.errors > 0.8 * stacks.ticks > 10
    assert len(stacks.samples) - len(burning) < 0.2 * stacks.ticks


def test_children_that_come_and_go_are_recorded() -> None:
    """Their CPU is in the tree's, whoever of them lives; the parent, where it is sampled between two, mostly waits."""
    with started(sys.executable, WORKING, "children", "20") as target, Recorder(target.pid) as watching:
        until(lambda: len({reading.pid for reading in watching.finish().activity}) >= 3)
        stacks = watching.sample_stacks(0.5)
        recording = watching.finish()
    assert stacks is None or stacks.pid != target.pid or len(stacks.samples) < stacks.ticks / 2
    found = rates.rates(recording)
    own = rates.rates(recording, pid=target.pid)
    assert found is not None
    assert own is not None
    assert found.demand > 0.4 > own.demand


def test_a_target_that_dies_leaves_what_was_measured() -> None:
    """The recording goes until its end, with a note, and asking for more is no error."""
    with started(sys.executable, WORKING, "spin", "20") as target, Recorder(target.pid) as watching:
        watching.phase("before")
        killer = threading.Timer(0.7, target.process.kill)
        killer.start()
        watching.sample_stacks(5.0)
        killer.join()
        target.process.wait()
        until(lambda: not watching.alive)
        watching.phase("after")
        watching.take_census()
        assert watching.sample_stacks(1.0) is None
        recording = watching.finish()
    assert any("ended" in note for note in recording.notes)
    assert [phase.name for phase in recording.phases] == ["before", "after"]
    assert rates.rates(recording, "before") is not None


def test_sampling_ends_when_it_is_told_to() -> None:
    """Another thread can end it early, and what was sampled is kept."""
    with started(sys.executable, WORKING, "spin", "20") as target, Recorder(target.pid) as watching:
        timer = threading.Timer(0.6, watching.stop_sampling)
        timer.start()
        stacks = watching.sample_stacks(15.0)
        timer.join()
        assert stacks is not None
        assert stacks.samples
        assert watching.finish().stacks == (stacks,)
        assert watching.elapsed < 10


def test_sampling_leaves_the_process_running() -> None:
    """Started and stopped again and again, the sampler never leaves the process standing."""
    with started(sys.executable, WORKING, "spin", "20") as target, Recorder(target.pid) as watching:
        for _ in range(3):
            watching.sample_stacks(0.2)
        before = watching.latest()[0].cpu_user
        until(lambda: watching.latest()[0].cpu_user > before)


@pytest.mark.parametrize("name", interpreters.found())
def test_every_interpreter_is_described_and_sampled(name: str) -> None:
    """Its version is known to the last digit, and its stacks have the function that never returns."""
    python = interpreters.found()[name]
    with started(python, WORKING, "burn", "20") as target, Recorder(target.pid) as watching:
        stacks = watching.sample_stacks(0.4)
        recording = watching.finish()
    assert recording.target.version.startswith(f"{name}.")
    assert stacks is not None, recording.notes
    assert any(frame.function == "burn" and frame.file.endswith(WORKING) for frame in stacks.frames)


def test_what_is_no_python_is_refused() -> None:
    """The check comes before anything is recorded."""
    with pytest.raises(HotloopError, match="no process"):
        Recorder(2**22 + 1)
