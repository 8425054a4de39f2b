"""Reading a log: where it begins, what is left out, when it ends."""

import asyncio

from repro.kube.logbuffer import STDERR, LogBuffer
from repro.kube.logoptions import LogOptions
from repro.kube.logreader import LogReader, first_entry

SECOND = 1_000_000_000
_TURNS = 20
"""Turns of the event loop in which everything that waits for nothing gets done."""


def _log(*lines: bytes) -> LogBuffer:
    """Give a log with a line a second, from second 100."""
    moments = iter(range(100 * SECOND, 1000 * SECOND, SECOND))
    log = LogBuffer(clock=lambda: next(moments))
    for line in lines:
        log.write(line)
    return log


async def _read(log: LogBuffer, options: LogOptions, recheck: float = 0.0) -> list[bytes]:
    return [piece async for batch in LogReader(log, options, 200).batches(recheck) for piece in batch]


async def _turns() -> None:
    for _ in range(_TURNS):
        await asyncio.sleep(0)


def test_the_first_entry() -> None:
    """Tail and since each leave out what is before; the later one counts."""
    log = _log(*[b"x\n"] * 10)
    for options, first in (
        (LogOptions(), 0),
        (LogOptions(tail_lines=3), 7),
        (LogOptions(tail_lines=0), 10),
        (LogOptions(tail_lines=99), 0),
        (LogOptions(since_time=104), 4),
        (LogOptions(since_seconds=95), 5),
        (LogOptions(since_time=104, tail_lines=9), 4),
        (LogOptions(since_time=104, tail_lines=2), 8),
        (LogOptions(since_time=999_999_999_999), 10),
    ):
        assert first_entry(log, options, 200) == first, options


def test_a_read_ends_with_what_is_there() -> None:
    """A log that is not followed does not wait for its container."""
    log = _log(b"a\n", b"b\n")
    assert asyncio.run(_read(log, LogOptions())) == [b"a\n", b"b\n"]


def test_an_ended_container_ends_its_follow_at_once() -> None:
    """A follow that begins after the end never waits."""

    async def scene() -> None:
        log = _log(b"a\n")
        log.close(b"not told")
        task = asyncio.create_task(_read(log, LogOptions(follow=True), 3600))
        await _turns()
        assert task.done()
        assert task.result() == [b"a\n"]

    asyncio.run(scene())


def test_a_container_that_ends_is_noticed_at_the_next_check() -> None:
    """A follow goes on after the end until the kubelet looks again, and brings the runtime's last words."""

    async def late() -> None:
        log = _log(b"a\n")
        task = asyncio.create_task(_read(log, LogOptions(follow=True), 3600))
        await _turns()
        log.close(b"gone")
        await _turns()
        assert not task.done()
        task.cancel()

    asyncio.run(late())

    async def soon() -> None:
        log = _log(b"a\n")
        task = asyncio.create_task(_read(log, LogOptions(follow=True), 0.01))
        await _turns()
        log.close(b"gone")
        assert await asyncio.wait_for(task, 10) == [b"a\n", b"gone"]

    asyncio.run(soon())


def test_a_limit_ends_a_follow() -> None:
    """`limitBytes` cuts in the middle of a line, and ends a follow of a container that runs."""
    log = _log(b"line 1\n", b"line 2\n")
    options = LogOptions(follow=True, limit_bytes=10)
    assert asyncio.run(asyncio.wait_for(_read(log, options, 3600), 10)) == [b"line 1\n", b"lin"]


def test_one_stream_with_times() -> None:
    """A stream can be asked for; times are nine digits of a second."""
    log = _log(b"out\n")
    log.write(b"err\n", STDERR)
    options = LogOptions(stream="Stderr", timestamps=True)
    assert asyncio.run(_read(log, options)) == [b"1970-01-01T00:01:41.000000000Z err\n"]


def test_a_reader_that_is_overtaken_goes_on_with_what_is_kept() -> None:
    """What the log has forgotten is left out, as after a rotation."""

    async def scene() -> None:
        log = LogBuffer(limit=2000)
        log.write(b"first\n")
        stream = LogReader(log, LogOptions(follow=True), 0).batches(0.01)
        assert await anext(stream) == [b"first\n"]
        for number in range(100):
            log.write(b"%d\n" % number)
        log.close()
        rest = [piece async for batch in stream for piece in batch]
        assert rest[-1] == b"99\n"
        assert rest == [b"%d\n" % number for number in range(100 - len(rest), 100)]

    asyncio.run(scene())
