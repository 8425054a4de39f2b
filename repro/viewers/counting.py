"""Counting log lines as they come: how many, which numbers are repeated, which are missing.

Pure and synchronous, so that every kind of viewer (asyncio, Locust's greenlets) counts alike. A view costs a
few hundred bytes, however many lines come: seen numbers are kept as runs.
"""

import re
from bisect import bisect_right

NUMBER = re.compile(rb"line (?<!\wline )(\d{1,18})\b[^\n]*")
r"""The number of a log line: `\bline (\d+)\b`, the first one in the line.

It starts with a literal, which the regular expression engine searches for five times as fast as for the word
boundary; taking the rest of the line as well leaves one match a line.
"""

MOST_RUNS = 4096
"""Runs of seen numbers kept for a view. A log with more holes than this is still counted, but a line that
comes late into a forgotten hole counts as a repeat (see `LineNumbers.exact`)."""

LONGEST_KEPT = 1 << 16
"""Bytes kept of a line that is not complete yet; a number is looked for in these."""


class LineNumbers:
    """The line numbers seen so far, as sorted runs `starts[i] .. stops[i]` (both included)."""

    __slots__ = ("forgotten", "repeated", "starts", "stops")

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.stops: list[int] = []
        self.repeated = 0
        self.forgotten = 0
        """Missing numbers in holes that are no longer kept."""

    @property
    def exact(self) -> bool:
        """Whether every hole is still kept."""
        return not self.forgotten

    @property
    def missing(self) -> int:
        """Numbers from 1 up to the highest seen that were not seen."""
        if not self.starts:
            return 0
        holes = sum(after - before - 1 for before, after in zip(self.stops, self.starts[1:], strict=False))
        return max(0, self.starts[0] - 1) + holes + self.forgotten

    def add_all(self, numbers: list[int]) -> None:
        """See the numbers, in the order they came; a batch that goes straight on costs next to nothing."""
        if not numbers:
            return
        first = numbers[0]
        follows = first == self.stops[-1] + 1 if self.stops else first == 1
        if (
            follows
            and numbers[-1] - first == len(numbers) - 1
            and numbers == list(range(first, numbers[-1] + 1))
        ):
            if self.stops:
                self.stops[-1] = numbers[-1]
            else:
                self.starts.append(first)
                self.stops.append(numbers[-1])
            return
        for number in numbers:
            self.add(number)

    def add(self, number: int) -> None:
        """See one number."""
        stops = self.stops
        if stops and number == stops[-1] + 1:
            stops[-1] = number
            return
        at = bisect_right(self.starts, number)
        if at and number <= stops[at - 1]:
            self.repeated += 1
            return
        self._insert(at, number)

    def _insert(self, at: int, number: int) -> None:
        """Add an unseen number before run `at`: to a neighbour, as a bridge between two, or as a new run."""
        starts, stops = self.starts, self.stops
        joins_left = at > 0 and stops[at - 1] == number - 1
        joins_right = at < len(starts) and starts[at] == number + 1
        if joins_left and joins_right:
            stops[at - 1] = stops[at]
            del starts[at], stops[at]
        elif joins_left:
            stops[at - 1] = number
        elif joins_right:
            starts[at] = number
        else:
            starts.insert(at, number)
            stops.insert(at, number)
            if len(starts) > MOST_RUNS:
                self._forget_first_hole()

    def _forget_first_hole(self) -> None:
        """Close the lowest hole, where a late line is the least likely."""
        self.forgotten += self.starts[1] - self.stops[0] - 1
        self.stops[0] = self.stops[1]
        del self.starts[1], self.stops[1]


class LineCounter:
    """Lines of one view's log, from whole lines or from pieces of the byte stream."""

    __slots__ = ("_exact", "_kept", "_missing", "_numbers", "_repeated", "blank", "lines")

    def __init__(self) -> None:
        self.lines = 0
        """Lines with something in them."""
        self.blank = 0
        """Lines with nothing in them."""
        self._numbers = LineNumbers()
        # What earlier runs of the container left behind.
        self._repeated = 0
        self._missing = 0
        self._exact = True
        self._kept = b""

    @property
    def exact(self) -> bool:
        """Whether `repeated` and `missing` are exact: always, but for a log with thousands of holes."""
        return self._exact and self._numbers.exact

    @property
    def repeated(self) -> int:
        """Lines whose number had come before."""
        return self._repeated + self._numbers.repeated

    @property
    def missing(self) -> int:
        """Line numbers that were left out, below the highest that came."""
        return self._missing + self._numbers.missing

    @property
    def distinct(self) -> int:
        """Lines with something in them, each number once."""
        return self.lines - self.repeated

    def add_line(self, line: bytes) -> None:
        """Count one whole line; its newline may be left out."""
        if not line.rstrip(b"\r\n"):
            self.blank += 1
            return
        self.lines += 1
        if match := NUMBER.search(line):
            self._numbers.add(int(match[1]))

    def add_piece(self, piece: bytes) -> None:
        """Count the lines that end in this piece of the log; what follows the last newline is kept."""
        end = piece.rfind(b"\n") + 1
        if not end:
            self._keep(piece)
            return
        whole = self._kept + piece[:end] if self._kept else piece[:end]
        self._kept = b""
        self._keep(piece[end:])
        ended, blank = whole.count(b"\n"), _blank_lines(whole)
        self.lines += ended - blank
        self.blank += blank
        self._numbers.add_all([int(digits) for digits in NUMBER.findall(whole)])

    def finish(self) -> None:
        """Count what was kept as a last line without a newline: the log has ended."""
        kept, self._kept = self._kept, b""
        if kept:
            self.add_line(kept)

    def restart(self) -> None:
        """Start over at line 1: another container run writes the log from here on."""
        self.finish()
        self._repeated, self._missing, self._exact = self.repeated, self.missing, self.exact
        self._numbers = LineNumbers()

    def _keep(self, piece: bytes) -> None:
        if piece and len(self._kept) < LONGEST_KEPT:
            self._kept += piece[: LONGEST_KEPT - len(self._kept)]


def _blank_lines(whole: bytes) -> int:
    """Count the lines with nothing in them; most logs have none, which two searches tell."""
    if b"\n\n" not in whole and b"\n\r\n" not in whole and whole[0] not in b"\r\n":
        return 0
    return sum(1 for line in whole[:-1].split(b"\n") if not line.rstrip(b"\r"))
