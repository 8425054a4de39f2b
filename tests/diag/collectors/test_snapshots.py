"""Tests for snapshots, of the test's own process and its threads."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import pytest

from diag.collectors import threads as threads_module
from diag.collectors.snapshots import SnapshotReader
from diag.collectors.values import MOST_VARIABLES
from diag.recording import Snapshots, ThreadSnapshot

flag = False


@contextmanager
def running(
    function: Callable[[threading.Event, threading.Event], object], name: str
) -> Iterator[threading.Thread]:
    """Run a function in a thread of its own until the block ends; it says when it is ready."""
    ready, ending = threading.Event(), threading.Event()
    thread = threading.Thread(target=function, args=(ready, ending), name=name)
    # Observer and observed share an interpreter here: a spinner would keep it for this long after every system call.
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-4)
    thread.start()
    ready.wait()
    try:
        yield thread
    finally:
        ending.set()
        thread.join()
        sys.setswitchinterval(interval)


def waiting(ready: threading.Event, ending: threading.Event) -> None:
    """Wait."""
    ready.set()
    ending.wait()


def spinning(ready: threading.Event, ending: threading.Event) -> None:
    """Spin, with more variables than are read."""
    exec("; ".join(f"v{number} = {number}" for number in range(60)))  # noqa: S102 - they need not be told one by one
    data, seen = b"", []
    ready.set()
    while not ending.is_set():
        if flag:
            seen.append(lambda: data)


def serving(ready: threading.Event, ending: threading.Event) -> None:
    """Run an event loop."""

    async def serve() -> None:
        ready.set()
        while (
            not ending.is_set()
        ):  # diag: ignore[HL003] a loop that turns without waiting is what is looked at
            await asyncio.sleep(0)

    asyncio.run(serve())


def thread_of(shots: Snapshots, thread: threading.Thread, look: int = -1) -> ThreadSnapshot:
    """Give what a look found of a thread."""
    (found,) = (one for one in shots.taken[look].threads if one.thread == thread.native_id)
    return found


def test_a_thread_that_waits() -> None:
    """It is read once, and is the same in the next look; its variables are not read."""
    with running(waiting, "own name") as thread:
        reader = SnapshotReader(os.getpid())
        reader.take(0.0)
        reader.take(1.0)
        shots = reader.finish()
    found = thread_of(shots, thread)
    assert (found.name, found.state) == ("own name", "S")
    assert "waiting" in [shots.frames[frame.frame].function for frame in found.frames]
    assert not any(frame.variables for frame in found.frames)
    assert thread_of(shots, thread, 0) == found
    assert [shot.at for shot in shots.taken] == [0.0, 1.0]


def test_a_thread_that_spins() -> None:
    """Its variables are read, with those closed over and the global ones that it looks at."""
    with running(spinning, "spinner") as thread:
        # The spinner shares the interpreter with its observer here: the time of a look is up before it is read.
        reader = SnapshotReader(os.getpid(), clock=lambda: 0.0)
        for number in range(200):
            reader.take(float(number))
            shots = reader.snapshots()
            found = thread_of(shots, thread)
            frame = next((f for f in found.frames if shots.frames[f.frame].function == "spinning"), None)
            if frame is not None and frame.variables:
                break
        else:
            pytest.fail("it was never seen to run")
        reader.finish()
    values = {name: shots.values[value] for name, value in frame.variables}
    assert values["data"].size == 0
    assert values["global flag"].text == "False"
    assert len(values) <= MOST_VARIABLES


def test_an_event_loop() -> None:
    """The loop that a thread runs is found, and its turns are counted."""
    with running(serving, "server") as thread:
        reader = SnapshotReader(os.getpid())
        counts: list[int] = []
        while len(set(counts)) < 2:
            reader.take(0.0)
            loops = [loop for loop in reader.snapshots().taken[-1].loops if loop.thread == thread.native_id]
            counts += [loop.operations for loop in loops if loop.operations is not None]
        shots = reader.finish()
    assert counts == sorted(counts)
    assert shots.taken[-1].loops[0].kind == "_UnixSelectorEventLoop"
    assert msgspec.json.decode(msgspec.json.encode(shots), type=Snapshots) == shots


def test_more_threads_than_are_visited(monkeypatch: pytest.MonkeyPatch) -> None:
    """All are visited in turn."""
    monkeypatch.setattr(threads_module, "MOST_THREADS", 2)
    with running(waiting, "one"), running(waiting, "two"), running(waiting, "three"):
        reader = SnapshotReader(os.getpid())
        for number in range(6):
            reader.take(float(number))
        shots = reader.finish()
    assert {len(shot.threads) for shot in shots.taken} <= {1, 2}
    names = {one.name for shot in shots.taken for one in shot.threads}
    assert {"MainThread", "one", "two", "three"} <= names
