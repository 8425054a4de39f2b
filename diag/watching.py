"""Watching a process: one window after the other, each measured and judged, with what changed since the one before."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from diag import rates
from diag.diagnosis import diagnose
from diag.errors import HotloopError
from diag.evidence.hot import is_plumbing, is_standard
from diag.findings import Diagnosis
from diag.observation import Progress, conduct
from diag.recorder import Recorder
from diag.recording import Census, Frame, Recording, StackSample

EVENT_LOOP = "(event loop)"
"""Stands for the samples in which an event loop was at work for itself."""

_OVERHEAD = 0.25
"""Seconds of an interval that are left for starting and judging."""

_SHORTEST = 0.5
"""Seconds of a window below which too little is seen."""

_GAP = 5.0
"""Seconds between two looks, as by a pause, after which it is not known whether a verdict held."""

_RUNS_THE_LOOP = frozenset({"_run_once", "run_forever", "run_until_complete", "run"})
"""Functions of asyncio under which everything else runs."""


_TYPED_IN = frozenset({"<string>", "<stdin>"})
"""In place of a file: code from the command line, which is the user's own."""


class _StoppedError(Exception):
    """The watch is to end."""


class Coroutine(msgspec.Struct, frozen=True, kw_only=True):
    """The live tasks of one coroutine."""

    coroutine: str
    count: int
    per_second: float | None
    """Growth since the look before; None if there is none."""
    waiting: str = ""
    """Where most of them wait, as in `TaskGroup`."""


class HotFunction(msgspec.Struct, frozen=True, kw_only=True):
    """A function at work."""

    function: str
    file: str
    line: int
    """The line seen most."""
    share: float
    """Of the samples of stacks at work."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """A window, measured and judged."""

    at: float
    """Seconds from the beginning of the watch to the end of the window."""
    seconds: float
    diagnosis: Diagnosis
    threads: int | None
    memory_bytes: int | None
    connections: int | None
    descriptors: int | None
    """Of the process and its children at the end of the window; None if they were not read."""
    coroutines: tuple[Coroutine, ...]
    """The most first."""
    hot: tuple[HotFunction, ...]
    """The hottest first."""
    types: Mapping[str, int] | None = None
    """Objects by type, where that was asked for."""

    @property
    def verdict(self) -> str:
        """The leading verdict."""
        return self.diagnosis.verdicts[0]


class Watcher:
    """Measures and judges a process, window by window."""

    def __init__(
        self, pid: int, interval: float = 2.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Prepare.

        Args:
            pid: the process.
            interval: seconds from one look to the next.
            clock: seconds.
        """
        self.pid = pid
        self._window = max(_SHORTEST, interval - _OVERHEAD)
        self._clock = clock
        self._began = clock()
        self._stopping = threading.Event()
        self._before: Look | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning of the watch."""
        return self._clock() - self._began

    def look(self, *, types: bool = False) -> Look | None:
        """Measure a window and judge it; None where `stop` cut it short.

        Raises:
            HotloopError: the process cannot be observed, or has ended.
        """
        counts = self._types() if types else None
        with Recorder(self.pid, activity_interval=0.1) as recorder:
            with contextlib.suppress(_StoppedError):
                conduct(recorder, self._window, pause=self._pause, progress=self._check(recorder))
            recording = recorder.finish()
        if self._stopping.is_set():
            return None
        if not recorder.alive:
            raise HotloopError(f"Process {self.pid} ended after it was watched for {self.elapsed:.0f} s.")
        self._before = look_of(recording, diagnose(recording), self._before, at=self.elapsed, types=counts)
        return self._before

    def stop(self) -> None:
        """End a look that another thread waits for; there is none after it."""
        self._stopping.set()

    def _pause(self, seconds: float) -> None:
        if self._stopping.wait(seconds):
            raise _StoppedError

    def _check(self, recorder: Recorder) -> Progress:
        """Give what ends the sampling of stacks, for it is told a few times a second how far that is."""

        def check(_doing: str, _left: float) -> None:
            if self._stopping.is_set():
                recorder.stop_sampling()

        return check

    def _types(self) -> dict[str, int]:
        from diag.collectors.types import count

        return {row.type: row.count for row in count(self.pid)}


def look_of(
    recording: Recording,
    diagnosis: Diagnosis,
    before: Look | None = None,
    *,
    at: float,
    types: Mapping[str, int] | None = None,
) -> Look:
    """Put a look together from a recorded window and its diagnosis."""
    last = max((reading.at for reading in recording.activity), default=0.0)
    readings = [reading for reading in recording.activity if reading.at == last]
    return Look(
        at=at,
        seconds=recording.seconds,
        diagnosis=diagnosis,
        threads=sum(reading.threads for reading in readings) if readings else None,
        memory_bytes=sum(reading.rss_bytes for reading in readings) if readings else None,
        connections=rates.connections_at_end(recording),
        descriptors=sum(reading.descriptors for reading in readings) if readings else None,
        coroutines=_coroutines(recording, before, at),
        hot=hot_functions(recording),
        types=types,
    )


def continues(before: Look, look: Look) -> bool:
    """Tell whether a look goes on with the leading verdict of the one before, without a time of which nothing is known."""
    return look.verdict == before.verdict and look.at - look.seconds - before.at <= _GAP


def _coroutines(recording: Recording, before: Look | None, at: float) -> tuple[Coroutine, ...]:
    """Add up the live tasks over the processes, with their growth since the look before or the first census."""
    last = {census.pid: census for census in recording.censuses}
    counts, places = _by_coroutine(last.values())
    if before:
        old, seconds = Counter({row.coroutine: row.count for row in before.coroutines}), at - before.at
    else:
        first = {census.pid: census for census in reversed(recording.censuses)}
        old, _ = _by_coroutine(first.values())
        seconds = max((last[pid].at - first[pid].at for pid in last), default=0.0)
    return tuple(
        Coroutine(
            coroutine=name,
            count=count,
            per_second=(count - old[name]) / seconds if seconds > 0 else None,
            waiting=places[name].most_common(1)[0][0],
        )
        for name, count in counts.most_common()
    )


def _by_coroutine(censuses: Iterable[Census]) -> tuple[Counter[str], dict[str, Counter[str]]]:
    """Count live tasks by coroutine, and those of each by place."""
    counts: Counter[str] = Counter()
    places: dict[str, Counter[str]] = {}
    for census in censuses:
        for group in census.groups:
            if group.state != "done":
                counts[group.coroutine] += group.count
                places.setdefault(group.coroutine, Counter())[group.waiting] += group.count
    return counts, places


def hot_functions(recording: Recording) -> tuple[HotFunction, ...]:
    """Give the functions at work by their share of the samples.

    A sample counts for its innermost frame that is not of the standard library or of an event loop, or else, where
    the event loop runs nothing, for that.
    """
    lines: dict[tuple[str, str], Counter[int]] = {}
    for stacks in recording.stacks:
        for sample in stacks.samples:
            function, file, line = _working(stacks.frames, sample)
            lines.setdefault((function, file), Counter())[line] += 1
    total = sum(counter.total() for counter in lines.values())
    found = [
        HotFunction(
            function=function,
            file=file,
            line=counter.most_common(1)[0][0],
            share=counter.total() / total,
        )
        for (function, file), counter in lines.items()
    ]
    return tuple(sorted(found, key=lambda hot: (-hot.share, hot.function, hot.file)))


def _working(frames: Sequence[Frame], sample: StackSample) -> tuple[str, str, int]:
    """Name the function that a sample counts for."""
    stack = [frames[number] for number in reversed(sample.frames)]
    for frame in stack:
        if _runs_the_loop(frame):
            return EVENT_LOOP, "", 0
        if frame.file in _TYPED_IN or not is_standard(frame.file):
            return frame.function, frame.file, frame.line
    return (stack[0].function, stack[0].file, stack[0].line) if stack else ("?", "", 0)


def _runs_the_loop(frame: Frame) -> bool:
    name = frame.function.rpartition(".")[2]
    return is_plumbing(frame.file) or (name in _RUNS_THE_LOOP and "/asyncio/" in frame.file)
