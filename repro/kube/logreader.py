"""Reading a log as the kubelet does: where to begin, what to leave out, when it is at its end.

Nothing here polls. A reader that has caught up waits for the log's next entry.
"""

import asyncio
from collections.abc import AsyncIterator

from repro.kube.logbuffer import STDERR, STDOUT, LogBuffer
from repro.kube.logoptions import LogOptions
from repro.kube.objects import log_timestamp

RECHECK = 1.0
"""Seconds after which a follower that hears nothing asks whether the container still runs (the kubelet's
logForceCheckPeriod): so late does the end of a container end the follow."""

BATCH = 512
"""Entries taken from the log at a time; others get their turn in between."""


def first_entry(log: LogBuffer, options: LogOptions, now: float) -> int:
    """Give the number of the entry that a request begins with; `now` in seconds since 1970."""
    start = log.first
    if options.tail_lines is not None:
        start = max(start, log.end - options.tail_lines)
    since = options.since_time
    if options.since_seconds is not None:
        since = int(now) - options.since_seconds
    if since is not None:
        start = max(start, log.since(since * 1_000_000_000))
    return start


class LogReader:
    """One request's way through one log."""

    def __init__(self, log: LogBuffer, options: LogOptions, now: float) -> None:
        self._log = log
        self._options = options
        self._position = first_entry(log, options, now)
        self._left = options.limit_bytes
        self._fresh_line = True
        self._plain = not options.timestamps and options.stream == "All"

    async def batches(self, recheck: float = RECHECK) -> AsyncIterator[list[bytes]]:
        """Give what there is to send, entry by entry, in lists that are never empty, until the log's end.

        A log that is not followed ends with what is there now. One that is followed ends with its container: at
        once if that has ended before, else at the next `recheck` (seconds) after the last entry.
        """
        loop = asyncio.get_running_loop()
        stop = None if self._options.follow else self._log.end
        ended_before = self._log.closed
        heard = loop.time()
        while self._left != 0:
            while pieces := self._take(stop):
                yield pieces
                heard = loop.time()
            if stop is not None or self._left == 0:
                return
            if self._log.closed:
                break
            await self._log.more(self._position)
        if not ended_before and self._left != 0:
            await asyncio.sleep(recheck - (loop.time() - heard) % recheck)
            if self._log.epitaph:
                yield self._limited([self._log.epitaph])

    def _take(self, stop: int | None) -> list[bytes]:
        """Give the next entries as they are to be sent; empty where there are none now."""
        log = self._log
        end = log.end if stop is None else stop
        while self._position < end and self._left != 0:
            start = max(self._position, log.first)
            self._position = min(start + BATCH, end)
            pieces = self._dressed(start, self._position)
            if pieces:
                return self._limited(pieces)
        return []

    def _dressed(self, start: int, stop: int) -> list[bytes]:
        """Give entries of the streams asked for, with a time before each line, not before later pieces of one."""
        texts = self._log.texts(start, stop)
        if self._plain:
            return texts
        wanted = {"Stdout": STDOUT, "Stderr": STDERR}.get(self._options.stream)
        times, streams = self._log.times(start, stop), self._log.streams(start, stop)
        result = []
        for text, time, stream in zip(texts, times, streams, strict=True):
            if wanted not in {None, stream}:
                continue
            dated = self._options.timestamps and self._fresh_line
            result.append(f"{log_timestamp(time)} ".encode() + text if dated else text)
            self._fresh_line = text.endswith(b"\n")
        return result

    def _limited(self, pieces: list[bytes]) -> list[bytes]:
        """Cut at `limitBytes`, in the middle of a line if need be."""
        if self._left is None:
            return pieces
        result = []
        for piece in pieces:
            result.append(piece[: self._left])
            self._left -= len(result[-1])
            if self._left == 0:
                break
        return result
