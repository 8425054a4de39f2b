"""Log lines with the time each was written at: how a cut stream goes on without loss or repeat.

A log request can start at a second (`sinceTime`), no finer. So whoever resumes asks for the last second that he
has seen, and leaves out as many lines of it as he has already had; of a line that was cut in the middle, as many
bytes. The times are taken off on the way, for a whole chunk at a time.
"""

import re
from typing import Final

_STAMPED_LINES: Final = re.compile(rb"\n(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) ")
_STAMP: Final = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*) ")
_PART_OF_STAMP: Final = re.compile(rb"[-+0-9:.TZ]*")

_SECOND: Final = len("2026-11-24T07:18:39")

NOTICE_LIMIT: Final = 1 << 16
"""Bytes without a time that are held back as a notice of the kubelet; anything longer is passed on as log."""


class Place:
    """Where in a log a reader is.

    For each stream: `begin()`, then `take(chunk)` for each chunk, then `rest()`.
    """

    def __init__(self) -> None:
        self._second = b""  # the latest second seen
        self._zone = b"Z"
        self._lines = 0  # complete lines of that second
        self._last = b""  # the latest time seen, in full
        self._line = b""  # the time of the line under way
        self._part = 0  # bytes of it passed on
        self._within = False  # whether the stream is within a line whose time is taken off
        self._held = b""  # what cannot be judged before more comes
        self._after = b""  # lines up to this time belong to the run before
        self._skip_lines = 0
        self._skipping = False

    @property
    def since(self) -> str | None:
        """The time to ask the next stream from; None for the beginning."""
        return (self._second + self._zone).decode() if self._second else None

    def begin(self) -> None:
        """Get ready for a new stream of the same log, which starts at `since`."""
        self._held, self._within = b"", False
        self._skip_lines = self._lines
        self._skipping = bool(self._lines or self._part or self._after)

    def next_run(self) -> None:
        """Get ready for the log of the container's next run.

        Lines up to the latest time seen are left out: it may turn out that it was this run that was read last.
        """
        self._after = self._last
        self._second, self._lines, self._part = b"", 0, 0

    def take(self, chunk: bytes) -> bytes:
        """Give what of the chunk is new, without the times."""
        data = self._held + chunk
        self._held = b""
        if self._skipping:
            return self._sift(data)
        head = b""
        if self._within:
            end = data.find(b"\n") + 1
            if not end:
                self._part += len(data)
                return data
            head, data = data[:end], data[end:]
            self._end_line()
        end = data.rfind(b"\n") + 1
        return head + self._strip(data[:end]) + self._begin_line(data[end:])

    def rest(self) -> tuple[bytes, str]:
        """At the stream's end, give what was held back: log, and what the kubelet said in its stead."""
        held, self._held = self._held, b""
        stamp = _STAMP.match(held)
        if stamp is None:
            is_notice = _PART_OF_STAMP.fullmatch(held) is None
            return b"", held.decode(errors="replace").strip() if is_notice else ""
        if self._is_old(stamp[1]):
            return b"", ""
        if self._is_cut(stamp[1]):
            content = held[stamp.end() :]
            new, self._part = content[self._part :], max(self._part, len(content))
            return new, ""
        return self._begin_line(held), ""

    def _strip(self, lines: bytes) -> bytes:
        """Take the times off complete lines, and count those of the latest second."""
        if not lines:
            return b""
        parts = _STAMPED_LINES.split(b"\n" + lines)
        if stamps := parts[1::2]:
            self._count(stamps)
        return b"\n".join(parts[::2])[1:]

    def _count(self, stamps: list[bytes]) -> None:
        latest = max(stamps)
        second = latest[:_SECOND]
        if second > self._second:
            self._second, self._lines = second, 0
            self._zone = b"Z" if latest.endswith(b"Z") else latest[-6:]
        if min(stamps)[:_SECOND] == self._second:
            self._lines += len(stamps)
        else:
            self._lines += sum(stamp.startswith(self._second) for stamp in stamps)
        self._last = max(self._last, latest)

    def _begin_line(self, tail: bytes) -> bytes:
        """Take the time off a line that is not complete yet; hold it back where there is no telling."""
        stamp = _STAMP.match(tail)
        if stamp is None and len(tail) <= NOTICE_LIMIT:
            self._held = tail
            return b""
        self._within = True
        if stamp is None:
            self._line = b""
            return tail
        self._count([stamp[1]])
        self._lines -= stamp[1].startswith(self._second)  # it counts when it is complete
        self._line = stamp[1]
        self._part = len(tail) - stamp.end()
        return tail[stamp.end() :]

    def _end_line(self) -> None:
        self._within, self._part = False, 0
        self._lines += bool(self._line) and self._line.startswith(self._second)

    def _sift(self, data: bytes) -> bytes:
        """Leave out the lines that were had before, until the first that was not."""
        *lines, self._held = data.split(b"\n")
        for number, line in enumerate(lines):
            stamp = _STAMP.match(line)
            if stamp is None or self._is_old(stamp[1]):
                self._skip_lines -= stamp is not None and stamp[1].startswith(self._second)
                continue
            head = b""
            if self._is_cut(stamp[1]):
                head = line[stamp.end() + self._part :] + b"\n"
                self._end_line()
                number += 1  # noqa: PLW2901 - the loop ends here
            self._skipping, self._after = False, b""
            remainder = b"\n".join([*lines[number:], self._held])
            self._held = b""
            return head + self.take(remainder)
        return b""

    def _is_old(self, stamp: bytes) -> bool:
        """Whether a line of a new stream was had in full before."""
        if not self._skipping:
            return False
        if self._after:
            return stamp <= self._after
        second = stamp[:_SECOND]
        return second < self._second or (second == self._second and self._skip_lines > 0)

    def _is_cut(self, stamp: bytes) -> bool:
        """Whether a line of a new stream is the one that was cut."""
        return self._skipping and bool(self._part) and not self._after and stamp == self._line
