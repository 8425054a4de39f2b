"""Stacks out of what py-spy leaves, written by hand."""

from collections.abc import Sequence

import msgspec
import pytest

from diag.collectors import stacks
from diag.collectors.pyspy import Output
from diag.recording import Frame, Stacks

BEGAN = 1_800_000_000.0
"""When py-spy's clock starts, in seconds since the epoch: 2027-01-15T08:00:00Z."""

Stack = Sequence[tuple[str, int]]


def trace(*changes: tuple[int, int, Stack], end: int = 1000) -> bytes:
    """Write a Chrome trace as py-spy does, from (millisecond, thread, stack) with the outermost frame first."""
    events = []
    open_frames: dict[int, list[tuple[str, int]]] = {}

    def event(phase: str, at: int, thread: int, frame: tuple[str, int]) -> None:
        name, line = frame
        events.append(
            {
                "args": {"filename": "/a.py" if line else "", "line": line},
                "cat": "py-spy",
                "name": name,
                "ph": phase,
                "pid": 7,
                "tid": 100 + thread,
                "ts": at * 1000,
            }
        )

    for at, thread, stack in changes:
        wanted = [(f"thread ({thread}): Thread-{thread}", 0), *stack]
        current = open_frames.setdefault(thread, [])
        same = 0
        while same < min(len(current), len(wanted)) and current[same] == wanted[same]:
            same += 1
        for frame in reversed(current[same:]):
            event("E", at, thread, frame)
        for frame in wanted[same:]:
            event("B", at, thread, frame)
        open_frames[thread] = wanted
    for thread, current in open_frames.items():
        for frame in reversed(current):
            event("E", end, thread, frame)
    return msgspec.json.encode(events)


def log(*looks: int, held: int = 1) -> str:
    """Write py-spy's log of looks, in milliseconds, with the trial before and the one it drops after them."""
    lines = [f"{stamp(0)} INFO  py_spy::config] config Config {{", "    blocking: Lock,"]
    for at in (1, *looks, 999):
        lines += [f"{stamp(at - held)} DEBUG remoteprocess::linux] attached to thread {t}" for t in (7, 8)]
        lines += [f"{stamp(at)} DEBUG remoteprocess::linux] detached from thread {t}" for t in (7, 8)]
    lines.append(f"{stamp(500)} WARN  py_spy] Failed to get stack trace from 7: gone")
    return "\n".join(lines)


def stamp(milliseconds: int) -> str:
    """Write a time as the log has it."""
    return f"[2027-01-15T08:00:{milliseconds // 1000:02}.{milliseconds % 1000:03}000000Z"


def built(
    content: bytes, looks: str, samples: int, busy: stacks.Busy | None = None, *, pausing: bool = True
) -> Stacks:
    """Build stacks of a recording that began when py-spy did."""
    output = Output(trace=content, log=looks, ended=BEGAN + 1, samples=samples, errors=1, late=0.0)
    return stacks.build(output, pid=7, rate=100, pausing=pausing, origin=BEGAN, start=0.0, end=1.0, busy=busy)


def seen(found: Stacks) -> list[tuple[float, str, str]]:
    """Give time, thread and innermost function of each sample."""
    return [(s.at, s.thread, found.frames[s.frames[-1]].function if s.frames else "") for s in found.samples]


MAIN = ("main", 1)
READ = ("read", 2)
SEND = ("send", 3)


def test_changes_become_samples_with_whole_stacks() -> None:
    """Each change of a stack is a sample with its time, its thread and all its frames, outermost first."""
    found = built(trace((10, 7, [MAIN, READ]), (20, 7, [MAIN, SEND]), (30, 7, [MAIN])), log(10, 20, 30), 3)
    assert seen(found) == [
        (0.01, "Thread-7 (7)", "read"),
        (0.02, "Thread-7 (7)", "send"),
        (0.03, "Thread-7 (7)", "main"),
    ]
    assert found.samples[0].frames == (0, 1)
    assert found.frames[1] == Frame(function="read", file="/a.py", line=2)
    assert (found.ticks, found.errors, found.moments) == (3, 1, (0.01, 0.02, 0.03))
    assert found.paused == pytest.approx(0.003)


def test_a_spin_on_one_line_has_a_sample_a_look() -> None:
    """Looks that found the stack as it was are filled in, for the total says that each found the thread at work."""
    looks = list(range(10, 510, 10))
    found = built(trace((10, 7, [MAIN, READ])), log(*looks), len(looks))
    assert [round(at * 1000) for at, _, _ in seen(found)] == looks


def test_idle_time_stays_empty() -> None:
    """Where the total leaves no room, looks between two changes found an idle thread."""
    found = built(trace((10, 7, [MAIN, READ]), (400, 7, [MAIN, SEND])), log(*range(10, 500, 10)), 2)
    assert [at for at, _, _ in seen(found)] == [0.01, 0.4]
    assert found.ticks == 49


def test_short_runs_are_work_before_long_ones() -> None:
    """Work and sleep in turn: what lies between close changes is taken for work, the long gap for sleep."""
    busy = [(10, 7, [READ]), (30, 7, [SEND]), (50, 7, [READ])]
    found = built(trace(*busy, (300, 7, [SEND]), (320, 7, [READ])), log(*range(10, 330, 10)), 8)
    assert [round(at * 1000) for at, _, _ in seen(found)] == [10, 20, 30, 40, 50, 300, 310, 320]


def test_the_busier_thread_is_taken() -> None:
    """Two threads that never changed: the one that used a core is the one that worked."""
    content = trace((10, 7, [READ]), (10, 8, [SEND]))
    found = built(content, log(*range(10, 110, 10)), 11, busy=lambda thread, _at: float(thread == 8))
    assert [name for _, _, name in seen(found)].count("send") == 10


def test_without_a_log_looks_are_supposed_at_even_distances() -> None:
    """Another version of py-spy may log otherwise: the rate is taken, and the times are said to be unknown."""
    found = built(trace((10, 7, [READ])), "", 50)
    assert (found.ticks, len(found.samples), found.moments, found.paused) == (100, 50, (), None)
    assert found.samples[0].at == pytest.approx(0.01)


def test_without_holding_nothing_is_paused_and_shares_stay_right() -> None:
    """The log has no looks then: there are as many as the rate gives, or as many as were seen if those are more."""
    found = built(trace((10, 7, [READ])), log(), 100, pausing=False)
    assert (found.ticks, len(found.samples), found.paused) == (101, 100, 0.0), "a look that failed is one too"
    fast = trace(*[(at, 7, [READ] if at % 2 else [SEND]) for at in range(10, 160)])
    found = built(fast, log(), 150, pausing=False)
    assert (found.ticks, len(found.samples)) == (151, 150)


@pytest.mark.parametrize(("busy", "idle"), [(1.0, 0), (0.75, 25), (0.0, 100)])
def test_idle_looks_are_those_of_the_idle_time(busy: float, idle: int) -> None:
    """py-spy looks at random times: the looks that found a thread at work are known, the rate gives the others."""
    found = built(trace((10, 7, [READ])), log(), 80, busy=lambda _thread, _at: busy, pausing=False)
    assert (len(found.samples), found.ticks) == (80, 80 + 1 + idle), "one look failed"


def test_the_window_covers_its_samples() -> None:
    """py-spy looks a little before it is seen to have started, and a little after it was told to end."""
    content = trace((10, 7, [READ]), (1020, 7, [SEND]), end=1100)
    output = Output(trace=content, log=log(), ended=BEGAN + 1.1, samples=2, errors=0, late=0.0)
    found = stacks.build(output, pid=7, rate=100, pausing=False, origin=BEGAN, start=0.015, end=1.0)
    assert (found.start, found.end) == (0.01, 1.02)


def test_torn_stacks_are_errors() -> None:
    """A stack without its outer part, which changed while it was read, is no sample."""
    content = trace((10, 7, [MAIN, READ, SEND]), (20, 7, [READ, SEND]), (30, 7, [MAIN, READ]))
    found = built(content, log(), 3, pausing=False)
    assert [at for at, _, _ in seen(found)] == [0.01, 0.03]
    assert found.errors == 2


def test_a_script_begins_with_its_body() -> None:
    """Of a thread that nearly always begins as threads do, what begins otherwise is torn, whatever it is."""
    body = ("<module>", 9)
    whole = [(at, 7, [body, READ] if at % 20 else [body]) for at in range(10, 60, 10)]
    found = built(trace(*whole, (60, 7, [SEND]), (70, 7, [])), log(), 7, pausing=False)
    assert (len(found.samples), found.errors) == (5, 3)
    greenlets: list[tuple[int, int, Stack]] = [(at, 7, [(f"greenlet{at}", 1)]) for at in range(60, 110, 10)]
    assert len(built(trace(*whole, *greenlets), log(), 10, pausing=False).samples) == 10


def test_a_thread_called_from_c_begins_with_more_than_one_function() -> None:
    """Other beginnings are no torn stacks unless they stand inside of others."""
    found = built(trace((10, 7, [MAIN, READ]), (20, 7, [MAIN]), (30, 7, [SEND])), log(), 3, pausing=False)
    assert len(found.samples) == 3


def test_a_thread_without_frames_or_a_known_id_is_kept() -> None:
    """A thread that runs no Python code has an empty stack; its id may be no number."""
    content = trace((10, 7, [])).replace(b"thread (7): Thread-7", b"thread (7F00AA)")
    assert seen(built(content, log(10), 1)) == [(0.01, "thread (7F00AA)", "")]


def test_nothing_sampled_is_no_error() -> None:
    """A process that slept all the time leaves an empty trace."""
    found = built(b"[]", log(10, 20), 0)
    assert (found.samples, found.frames, found.ticks) == ((), (), 2)
