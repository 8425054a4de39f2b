"""A run's log in memory: entries, times, waiters, bounds."""

import asyncio
import itertools

import pytest

from repro.kube.logbuffer import PIECE, STDERR, STDOUT, LogBuffer


def test_entries_are_lines_and_pieces_of_long_ones() -> None:
    """A line is an entry, a long one several of 16 KiB; only a finished line has its newline."""
    log = LogBuffer()
    log.write(b"a\n\nb\r\n" + b"x" * PIECE + b"\n" + b"y" * (PIECE + 1) + b"\nrest")
    assert list(map(len, log.texts(0, log.end))) == [2, 1, 3, PIECE + 1, PIECE, 2, 4]
    assert log.texts(0, 3) == [b"a\n", b"\n", b"b\r\n"]


def test_entries_know_their_time_and_stream() -> None:
    """Each write has its time; `since` finds the first entry at or after a moment."""
    ticks = itertools.count(100, 10)
    log = LogBuffer(clock=lambda: next(ticks))
    log.write(b"a\nb\n")
    log.write(b"c\n", STDERR)
    assert list(log.times(0, 3)) == [100, 100, 110]
    assert list(log.streams(0, 3)) == [STDOUT, STDOUT, STDERR]
    assert [log.since(moment) for moment in (0, 100, 101, 111)] == [0, 0, 2, 3]


def test_memory_is_bounded() -> None:
    """Over its limit the log forgets the older half; entries keep their numbers."""
    log = LogBuffer(limit=10_000)
    for number in range(1000):
        log.write(b"%d\n" % number)
    assert log.end == 1000
    assert log.first > 800
    assert log.texts(0, 1000)[0] == b"%d\n" % log.first
    assert log.texts(999, 1000) == [b"999\n"]


@pytest.mark.parametrize("end", ["write", "close"])
def test_waiters_wake(end: str) -> None:
    """All who wait for more are woken by a write, and by the end."""

    async def scene() -> None:
        log = LogBuffer()
        waiters = [asyncio.create_task(log.more(0)) for _ in range(3)]
        await asyncio.sleep(0)
        gone = asyncio.create_task(log.more(0))
        await asyncio.sleep(0)
        gone.cancel()
        log.write(b"a\n") if end == "write" else log.close()
        await asyncio.wait_for(asyncio.gather(*waiters), 5)

    asyncio.run(scene())
