"""Live tests: threads, variables and event loops read from real processes, on every interpreter that is found."""

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from live.interpreters import found
from live.started import TARGETS, Started, started

from diag.collectors.snapshots import SnapshotReader
from diag.errors import HotloopError
from diag.recording import LoopSnapshot, Ready, Snapshot, SnapshotFrame, Snapshots, ThreadSnapshot, Value

TARGET = "snapshots.py"
SOURCE = (TARGETS / TARGET).read_text().splitlines()

EVERY = pytest.mark.parametrize("python", found().values(), ids=found())


def look(target: Started, looks: int = 1) -> Snapshots:
    """Take snapshots of a target."""
    reader = SnapshotReader(target.pid)
    for number in range(looks):
        reader.take(float(number))
    return reader.finish()


def look_until(target: Started, holds: Callable[[Snapshots, Snapshot], bool]) -> tuple[Snapshots, Snapshot]:
    """Take snapshots until one is as it is wanted: a busy machine may not give the target a core meanwhile."""
    reader = SnapshotReader(target.pid)
    shots = reader.snapshots()
    for number in range(2000):
        reader.take(float(number))
        shots = reader.snapshots()
        if holds(shots, shots.taken[-1]):
            break
    else:
        pytest.fail("no snapshot showed it")
    reader.finish()
    return shots, shots.taken[-1]


def line_of(mark: str) -> int:
    """Give the line of the target that has a mark."""
    return next(number for number, line in enumerate(SOURCE, 1) if line.endswith(f"# here: {mark}"))


def place(shots: Snapshots, frame: SnapshotFrame) -> tuple[str, int]:
    """Give the plain name of a frame's function, and its line."""
    there = shots.frames[frame.frame]
    return there.function.rpartition(".")[2], there.line


def places(shots: Snapshots, frames: tuple[SnapshotFrame, ...]) -> list[tuple[str, int]]:
    """Give names and lines of those frames that are the target's own."""
    return [place(shots, frame) for frame in frames if shots.frames[frame.frame].file.endswith(TARGET)]


def values(shots: Snapshots, frame: SnapshotFrame) -> dict[str, Value]:
    """Give the variables of a frame by name."""
    return {name: shots.values[number] for name, number in frame.variables}


def attributes(shots: Snapshots, value: Value) -> dict[str, Value]:
    """Give the attributes of a value by name."""
    return {name: shots.values[number] for name, number in value.attributes}


def thread(shots: Snapshots, function: str) -> ThreadSnapshot:
    """Give the thread in whose stack a function of the target is."""
    (only,) = (one for one in shots.taken[-1].threads if function in dict(places(shots, one.frames)))
    return only


def variables_in(target: Started, function: str) -> tuple[Snapshots, dict[str, Value]]:
    """Read the variables of a function that runs."""

    def read(shots: Snapshots, shot: Snapshot) -> bool:
        frames = [frame for one in shot.threads for frame in one.frames]
        return any(place(shots, frame)[0] == function and frame.variables for frame in frames)

    shots, shot = look_until(target, read)
    frame = next(frame for one in shot.threads for frame in one.frames if place(shots, frame)[0] == function)
    return shots, values(shots, frame)


@EVERY
def test_values(python: str) -> None:
    """Every kind of variable has its type, size and text."""
    with started(python, TARGET, "values") as target:
        shots, own = variables_in(target, "values")
    texts = {name: (value.type, value.size, value.text) for name, value in own.items()}
    expected: dict[str, tuple[str, int | None, str]] = {
        "nothing": ("NoneType", None, "None"),
        "yes": ("bool", None, "True"),
        "zero": ("int", None, "0"),
        "small": ("int", None, "12"),
        "negative": ("int", None, "-5"),
        "big": ("int", None, str(2**70)),
        "real": ("float", None, "0.25"),
        "large_real": ("float", None, "-1e+300"),
        "text": ("str", 5, "héllo"),
        "wide": ("str", 2, "待機"),
        "no_text": ("str", 0, ""),
        "long_text": ("str", 500, "x" * 40),
        "no_bytes": ("bytes", 0, ""),
        "some_bytes": ("bytes", 3, r"a\xff\n"),
        "array": ("bytearray", 3, "xyz"),
        "view": ("memoryview", 4, ""),
        "items": ("list", 2, ""),
        "no_items": ("list", 0, ""),
        "pair": ("tuple", 2, ""),
        "mapping": ("dict", 1, ""),
        "chosen": ("set", 2, ""),
        "frozen": ("frozenset", 1, ""),
        "queue": ("collections.deque", 3, ""),
        "steps": ("range", 5, ""),
        "color": ("Color", None, "RED"),
        "level": ("Level", None, "HIGH"),
        "message": ("Message", 2, ""),
        "plain": ("Plain", None, ""),
        "slotted": ("Slotted", None, ""),
        "error": ("ValueError", None, "boom"),
        "kind": ("type", None, "Plain"),
        "function": ("function", None, "values"),
        "outer": ("str", 11, "closed over"),
        "global stop": ("bool", None, "False"),
    }
    assert {name: texts.get(name) for name in expected} == expected
    assert "unset" not in texts
    assert own["plain"].digest == own["same"].digest != own["other"].digest
    assert own["plain"].identity != own["same"].identity
    inner = {name: (value.size, value.text) for name, value in attributes(shots, own["plain"]).items()}
    assert inner == {"empty": (0, ""), "count": (None, "3"), "inner": (2, "")}
    assert {name: value.text for name, value in attributes(shots, own["slotted"]).items()} == {
        "closed": "True"
    }
    fields = attributes(shots, own["message"])
    assert {name: (value.size, value.text) for name, value in fields.items()} == {
        "kind": (4, "text"),
        "data": (0, ""),
    }


@EVERY
def test_threads(python: str) -> None:
    """Each thread has its number, name, state and whole stack; generators say that they are such."""
    with started(python, TARGET, "threads") as target:
        shots, shot = look_until(target, lambda _, shot: any(one.state == "R" for one in shot.threads))
    main = next(one for one in shot.threads if one.thread == target.said["thread"])
    assert main.name == "MainThread"
    assert [name for name, _ in places(shots, main.frames)] == ["<module>", "main", "threads"]
    assert places(shots, main.frames)[-1][1] - line_of("spin") in (0, 1)
    worker = thread(shots, "counting")
    assert (worker.name, worker.state) == ("worker", "S")
    assert places(shots, worker.frames)[-1] == ("counting", line_of("generator"))
    assert [frame.coroutine for frame in worker.frames][-2:] == [False, True]
    body = values(shots, main.frames[0])
    assert body["unrelated"].size == 3
    assert "threading" not in body


def ready_with(shots: Snapshots, loop: LoopSnapshot, function: str) -> Ready | None:
    """Give the ready callback that goes on with, or begins with, a function."""
    for ready in loop.next:
        if ready.frames and place(shots, ready.frames[0])[0] == function:
            return ready
    return None


def check_loop(target: Started, kind: str) -> None:
    """Find the loop, its counters, the suspended coroutines and the callback of a target in mode "tasks"."""

    def both(shots: Snapshots, shot: Snapshot) -> bool:
        return any(
            all(
                ready is not None
                and len(ready.frames) >= depth
                and name in values(shots, ready.frames[depth - 1])
                for ready, depth, name in (
                    (ready_with(shots, loop, "consume"), 2, "data"),
                    (ready_with(shots, loop, "turn"), 1, "self"),
                )
            )
            for loop in shot.loops
        )

    shots, shot = look_until(target, both)
    (loop,) = shot.loops
    assert (loop.kind, loop.thread) == (kind, target.said["thread"])
    assert (loop.ready or 0) >= 2
    first = next(one.loops[0].operations for one in shots.taken if one.loops)
    assert loop.operations is not None
    assert first is not None
    assert loop.operations > first or len(shots.taken) == 1
    suspended, plain = ready_with(shots, loop, "consume"), ready_with(shots, loop, "turn")
    assert suspended is not None
    assert plain is not None
    own = places(shots, suspended.frames)
    assert [name for name, _ in own] == ["consume", "ticks"]
    assert own[0][1] == line_of("consume")
    assert suspended.task
    assert all(frame.coroutine for frame in suspended.frames)
    assert values(shots, suspended.frames[1])["data"].size == 0
    assert plain.callback == "Service.turn"
    assert place(shots, plain.frames[0]) == ("turn", line_of("turn"))
    assert attributes(shots, values(shots, plain.frames[0])["self"])["turns"].type == "int"


@EVERY
def test_an_event_loop(python: str) -> None:
    """A loop that turns has its ready queue read, tasks and plain callbacks alike, with their variables."""
    with started(python, TARGET, "tasks", "20") as target:
        check_loop(target, "_UnixSelectorEventLoop")


@pytest.mark.skipif(importlib.util.find_spec("uvloop") is None, reason="uvloop is not installed")
def test_uvloop() -> None:
    """A loop written in C is read alike."""
    with started(sys.executable, TARGET, "uvloop", "20") as target:
        check_loop(target, "Loop")


@EVERY
def test_a_frozen_loop(python: str) -> None:
    """What waits behind a coroutine that does not suspend is counted, and the timer's delay measured."""
    with started(python, TARGET, "frozen") as target:
        shots, shot = look_until(
            target, lambda _, shot: bool(shot.loops) and (shot.loops[0].overdue or 0.0) > 0.0
        )
        (loop,) = shot.loops
        assert (loop.ready, loop.scheduled) == (0, 1)
        stack = places(shots, shot.threads[0].frames)
        assert stack[-1][0] == "block"
        assert stack[-1][1] - line_of("blocked") in (0, 1)
        again = look(target).taken[0].loops[0]
        assert again.operations == loop.operations
        assert (again.overdue or 0.0) > (loop.overdue or 0.0)


def test_many_threads() -> None:
    """A part of many threads is read in each look, and all of them in turn."""
    with started(sys.executable, TARGET, "many", "150", memory=2 << 30) as target:
        shots = look(target, looks=5)
        assert all(len(shot.threads) <= 64 for shot in shots.taken)
        assert len({one.thread for shot in shots.taken for one in shot.threads}) == 151


def test_a_process_without_python() -> None:
    """A shell tool is refused in a sentence."""
    with subprocess.Popen(["/bin/cat"], stdin=subprocess.PIPE) as process:
        try:
            with pytest.raises(HotloopError, match="not a CPython process"):
                SnapshotReader(process.pid)
        finally:
            process.kill()


def test_a_process_that_ended() -> None:
    """It is refused in a sentence, before the first look and later; what was read is kept."""
    with started(sys.executable, TARGET, "threads") as target:
        reader = SnapshotReader(target.pid)
        reader.take(0.0)
        target.process.kill()
        target.process.wait()
        with pytest.raises(HotloopError, match="ended while"):
            reader.take(1.0)
        assert len(reader.finish().taken) == 1
        with pytest.raises(HotloopError, match=f"no process {target.pid}"):
            SnapshotReader(target.pid)


def test_another_root(tmp_path: Path) -> None:
    """Files are not needed: the target may have been started from one that is gone."""
    script = tmp_path / "gone.py"
    script.write_text((TARGETS / TARGET).read_text())
    with subprocess.Popen([sys.executable, str(script), "threads"], stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()
            script.unlink()
            reader = SnapshotReader(process.pid)
            reader.take(0.0)
            shots = reader.finish()
            assert any(
                shots.frames[frame.frame].function == "threads"
                for frame in shots.taken[0].threads[0].frames + shots.taken[0].threads[-1].frames
            )
        finally:
            process.kill()
