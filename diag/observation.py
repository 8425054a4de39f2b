"""The window in which a process is looked at for a diagnosis: what is read when, and by whom."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Self

from diag.errors import HotloopError
from diag.recorder import Recorder
from diag.recording import Recording

UNDISTURBED = 0.3
"""Share of the window in which no stacks are sampled, so that switches and CPU are the process's own."""

SNAPSHOT_RATE = 20.0
"""Snapshots a second. Fifty in three seconds tell a value that never changes from one that does, and see a task that is
running or ready at a tenth of them five times; each costs one to three milliseconds of a core."""

MOST_SNAPSHOTS = 1000
"""Snapshots of one window: a minute of them. A longer one has them farther apart, or it would fill the memory."""

PROBES = 5
"""Times that tasks and connections are counted: numbers that go up and down by chance rise four times in a row in one of
120 cases."""

ENOUGH = 12
"""Snapshots for which the window is extended, up to twice its length, or by `PATIENCE`."""

PATIENCE = 3.0
"""Seconds for which a short window may be extended: the first look at a process reads its symbols, which takes two seconds
on a machine with four busy processes a core."""

CENSUS_SHARE = 0.06
"""Share of a core that censuses may take; where one is dear there are fewer of them, at least three."""

PICK_SECONDS = 0.2
"""Seconds of activity after which the busiest process of a tree is known."""

Progress = Callable[[str, float], None]
"""Told what is being done, and how many seconds are left."""


def observe(
    pid: int,
    seconds: float = 3.0,
    *,
    rate: int = 75,
    progress: Progress = lambda _doing, _left: None,
) -> Recording:
    """Look at a process and its children for a diagnosis.

    Args:
        pid: the process. It is neither stopped nor written to.
        seconds: the window.
        rate: looks of the stack sampler a second.
        progress: told what goes on, a few times a second.

    Raises:
        HotloopError: it cannot be observed; the text says what to do. What fails later becomes a note.
    """
    # Imported before the window opens: a fifth of a second of a core, which is not to fall into it.
    from diag.collectors import census, snapshots  # noqa: F401

    with Recorder(pid, activity_interval=0.15, stack_rate=rate) as recorder:
        conduct(recorder, seconds, progress=progress)
        return recorder.finish()


def conduct(
    recorder: Recorder,
    seconds: float,
    *,
    progress: Progress = lambda _doing, _left: None,
    pause: Callable[[float], object] = time.sleep,
) -> None:
    """Take a running recorder through the phases "undisturbed" and "sampled", with snapshots all along."""
    begin = recorder.elapsed
    end = begin + seconds

    def wait(until: float, doing: str) -> None:
        while recorder.alive and (left := until - recorder.elapsed) > 0:
            progress(doing, end - recorder.elapsed)
            pause(min(left, 0.1))

    recorder.phase("undisturbed")
    wait(begin + min(PICK_SECONDS, seconds / 10), "watching CPU and demand")
    with Prober(recorder, end - recorder.elapsed) as prober:
        wait(begin + seconds * UNDISTURBED, "reading variables and tasks")
        recorder.phase("sampled")
        if recorder.alive:
            with _ticking(lambda: progress("sampling stacks", end - recorder.elapsed)):
                recorder.sample_stacks(max(0.1, end - recorder.elapsed))
        # Where cores are scarce we get few looks: better late than too little.
        last = end + max(seconds, PATIENCE)
        while recorder.alive and prober.looks < ENOUGH and recorder.elapsed < last:
            progress("waiting for a core to look", last - recorder.elapsed)
            pause(0.1)


class Prober:
    """Takes snapshots, censuses, connections and traffic of a recorder's process, in a thread of its own."""

    def __init__(
        self, recorder: Recorder, seconds: float, *, rate: float = SNAPSHOT_RATE, pid: int | None = None
    ) -> None:
        """Plan.

        Args:
            recorder: a running one; what is read becomes part of its recording.
            seconds: until the last census.
            rate: snapshots a second, where that makes no more than `MOST_SNAPSHOTS`.
            pid: the process that is judged, whose tasks alone are counted before the end; if it is not said, the busiest
                one of the tree, and the tasks of all are counted each time.
        """
        self._recorder = recorder
        self._pid = pid
        self._seconds = seconds
        self._interval = max(1 / rate, seconds / MOST_SNAPSHOTS)
        self._ending = threading.Event()
        self.looks = 0
        """Snapshots taken so far."""
        # Counting the tasks of a large process takes a second: snapshots do not wait for it.
        self._threads = [
            threading.Thread(target=self._look, name="hotloop-snapshots", daemon=True),
            threading.Thread(target=self._count, name="hotloop-counts", daemon=True),
        ]

    def __enter__(self) -> Self:
        """Start."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End, after a last count of everything."""
        self._ending.set()
        for thread in self._threads:
            thread.join()

    def _look(self) -> None:
        """Take snapshots."""
        recorder = self._recorder
        with recorder.snapshots() if self._pid is None else recorder.snapshots(self._pid) as look:
            while not self._ending.is_set() and recorder.alive:
                started = recorder.elapsed
                look()
                self.looks += 1
                recorder.read_traffic()
                self._ending.wait(max(0.005, self._interval - (recorder.elapsed - started)))

    def _count(self) -> None:
        """Count tasks and connections at even times, the last one when the window ends."""
        recorder = self._recorder
        begin = recorder.elapsed
        spent = 0.0
        for number in range(PROBES - 1):
            due = begin + self._seconds * number / (PROBES - 1)
            if self._ending.wait(max(0.0, due - recorder.elapsed)) or not recorder.alive:
                break
            recorder.read_connections()
            if spent <= CENSUS_SHARE * self._seconds or number == PROBES // 2:
                spent += self._take_census(brief=number > 0)
        self._ending.wait(max(0.0, begin + self._seconds - recorder.elapsed))
        if recorder.alive:
            recorder.read_connections()
            self._take_census(brief=False, whole=True)

    def _take_census(self, *, brief: bool, whole: bool = False) -> float:
        """Count the tasks; give the seconds of a core that it took."""
        before = time.thread_time()
        with contextlib.suppress(HotloopError):
            if whole or self._pid is None:
                self._recorder.take_census(brief=brief)
            else:
                self._recorder.take_census(brief=brief, pid=self._pid)
        return time.thread_time() - before


@contextlib.contextmanager
def _ticking(tell: Callable[[], None]) -> Iterator[None]:
    """Call a function every so often while something else waits."""
    ending = threading.Event()

    def run() -> None:
        while not ending.wait(0.1):
            tell()

    thread = threading.Thread(target=run, name="hotloop-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
