"""Counting of lines, repeats and gaps."""

import random
import tracemalloc

import pytest

from repro.viewers import counting
from repro.viewers.counting import LONGEST_KEPT, MOST_RUNS, LineCounter, LineNumbers


def numbers(*seen: int) -> LineNumbers:
    """See numbers one by one."""
    found = LineNumbers()
    for number in seen:
        found.add(number)
    return found


@pytest.mark.parametrize(
    ("seen", "repeated", "missing"),
    [
        ((), 0, 0),
        ((1, 2, 3), 0, 0),
        ((1, 2, 2, 3, 1), 2, 0),
        ((1, 4), 0, 2),
        ((3,), 0, 2),
        ((1, 4, 2, 3), 0, 0),
        ((1, 4, 3, 2, 2), 1, 0),
        ((5, 1), 0, 3),
        ((0, 1), 0, 0),
    ],
)
def test_repeats_and_gaps(seen: tuple[int, ...], repeated: int, missing: int) -> None:
    """A number that came before is a repeat; one below the highest that did not come is missing, until it comes."""
    found = numbers(*seen)
    assert (found.repeated, found.missing) == (repeated, missing)


def test_any_order_counts_like_a_set() -> None:
    """Whatever the order and the batches, the counts are those of a set of numbers."""
    chance = random.Random(20)  # noqa: S311 - the same examples each time
    for _ in range(200):
        seen = [chance.randrange(1, 60) for _ in range(chance.randrange(1, 90))]
        if chance.random() < 0.5:
            seen = list(range(1, 30)) + seen
        found = LineNumbers()
        at = 0
        while at < len(seen):
            size = chance.randrange(1, 40)
            found.add_all(seen[at : at + size])
            at += size
        assert found.repeated == len(seen) - len(set(seen))
        assert found.missing == max(seen) - len(set(seen))
        assert found.exact


def test_holes_beyond_the_kept_ones_are_still_counted() -> None:
    """A log with every second line missing costs bounded memory, and its missing lines stay exact."""
    found = LineNumbers()
    for number in range(1, 6 * MOST_RUNS, 2):
        found.add(number)
    assert len(found.starts) == MOST_RUNS
    assert found.missing == 3 * MOST_RUNS - 1
    assert not found.exact


def held() -> int:
    """Give the bytes that the counting of lines has allocated and holds; other threads allocate too."""
    own = tracemalloc.Filter(inclusive=True, filename_pattern=counting.__file__)
    return sum(trace.size for trace in tracemalloc.take_snapshot().filter_traces([own]).traces)


def test_a_million_repeats_cost_no_memory() -> None:
    """A view that a faulty server floods with repeats stays as small as it was."""
    counter = LineCounter()
    log = b"".join(b"line %d\n" % number for number in range(1, 1001))
    counter.add_piece(log)
    tracemalloc.start()
    try:
        for _ in range(20):
            counter.add_piece(log)
        after_some = held()
        for _ in range(180):
            counter.add_piece(log)
        grown = held() - after_some
    finally:
        tracemalloc.stop()
    assert counter.repeated == 200_000
    assert grown < 1_000


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 13, 64, 1000])
def test_pieces_may_cut_lines_anywhere(size: int) -> None:
    """The counts of a log are the same in pieces of any size, its last line without a newline included."""
    log = (
        b"\nline 1\n\n\r\nx line 12 of line 13\nnothing\ndeadline 7\nline 2\nlong" + b"." * 100 + b"\nline 3"
    )
    counter = LineCounter()
    for start in range(0, len(log), size):
        counter.add_piece(log[start : start + size])
    counter.finish()
    assert (counter.lines, counter.blank) == (7, 3)
    assert (counter.repeated, counter.missing) == (0, 12 - 4)
    assert counter.distinct == 7


def test_lines_and_pieces_count_alike() -> None:
    """Whole lines, with their newlines or without, count as the same lines in pieces do."""
    by_line, by_piece = LineCounter(), LineCounter()
    for line in (b"line 1", b"line 2\n", b"", b"line 2", b"word", b"\r\n"):
        by_line.add_line(line)
    by_piece.add_piece(b"line 1\nline 2\n\nline 2\nword\n\r\n")
    assert (by_line.lines, by_line.blank, by_line.repeated) == (4, 2, 1)
    assert (by_piece.lines, by_piece.blank, by_piece.repeated) == (4, 2, 1)


def test_a_line_without_end_is_kept_in_part() -> None:
    """A line of many megabytes is one line, and only its first bytes are kept meanwhile."""
    counter = LineCounter()
    counter.add_piece(b"line 1 ")
    for _ in range(200):
        counter.add_piece(b"." * 65536)
        assert len(counter._kept) <= LONGEST_KEPT  # noqa: SLF001 - the memory it holds is what is tested
    counter.add_piece(b"\nline 2\n")
    assert (counter.lines, counter.missing, counter.repeated) == (2, 0, 0)


def test_an_unfinished_line_counts_only_at_the_end() -> None:
    """What follows the last newline is a line once the log has ended, and once only."""
    counter = LineCounter()
    counter.add_piece(b"line 1\nline 2")
    assert counter.lines == 1
    counter.finish()
    counter.finish()
    assert counter.lines == 2


def test_a_restart_begins_anew() -> None:
    """After a restart the same numbers are no repeats, and what was counted before stays."""
    counter = LineCounter()
    counter.add_piece(b"line 1\nline 3\nline 3")
    counter.restart()
    counter.add_piece(b"line 1\nline 2\n")
    assert (counter.lines, counter.repeated, counter.missing) == (5, 1, 1)
