"""Tests of taking times off log lines and of resuming."""

import random

import pytest

from repro.server.stamps import Place


def stamp(number: int, *, per_second: int = 3, zone: str = "Z") -> bytes:
    """Give the time of the line `number`; every second has some lines."""
    return f"2026-11-24T07:18:{number // per_second:02}.{number:09}{zone} ".encode()


LINES = [b"line %d" % number for number in range(20)]
LOG = b"".join(stamp(number) + line + b"\n" for number, line in enumerate(LINES))
BARE = b"".join(line + b"\n" for line in LINES)


def pieces(data: bytes, size: int) -> list[bytes]:
    """Cut data into pieces of a size."""
    return [data[start : start + size] for start in range(0, len(data), size)]


def read(place: Place, stream: bytes, size: int = 1 << 16) -> bytes:
    """Read a whole stream."""
    place.begin()
    taken = b"".join(place.take(piece) for piece in pieces(stream, size))
    return taken + place.rest()[0]


def since(place: Place, log: bytes) -> bytes:
    """Give what the API would send to whoever resumes at `place`."""
    if place.since is None:
        return log
    second = place.since[:19].encode()
    return b"".join(line for line in log.splitlines(keepends=True) if line[:19] >= second)


@pytest.mark.parametrize("size", [1, 7, 31, 64, 1 << 16])
def test_times_are_taken_off_whatever_the_chunks(size: int) -> None:
    """The log comes out as it was written, however the stream is cut into chunks."""
    assert read(Place(), LOG, size) == BARE


def test_a_line_with_a_time_of_its_own_keeps_it() -> None:
    """Only the time that the API has put in front is taken off."""
    assert read(Place(), stamp(0) + stamp(5) + b"is what it says\n") == stamp(5) + b"is what it says\n"


def test_blank_and_unterminated_and_undecodable_lines_survive() -> None:
    """Nothing is lost of lines that are odd."""
    log = stamp(0) + b"\n" + stamp(1) + b"\xff\xfe\r\n" + stamp(2) + b"no newline"
    assert read(Place(), log) == b"\n\xff\xfe\r\nno newline"


def test_a_zone_other_than_utc_is_understood() -> None:
    """A node with a local zone is asked in this zone."""
    place = Place()
    assert read(place, stamp(7, zone="+05:30") + b"x\n") == b"x\n"
    assert place.since == "2026-11-24T07:18:02+05:30"


@pytest.mark.parametrize("cut", range(0, len(LOG) + 1, 5))
def test_a_stream_cut_anywhere_resumes_without_loss_or_repeat(cut: int) -> None:
    """Wherever the first stream ends, the second one brings exactly the rest."""
    place = Place()
    first = read(place, LOG[:cut])
    assert first + read(place, since(place, LOG)) == BARE


def test_many_cuts_at_random_places_lose_and_repeat_nothing() -> None:
    """A stream that is cut again and again, also while it is skipping, comes out whole."""
    chance = random.Random(7)  # noqa: S311 - no secret
    for _ in range(200):
        place, out = Place(), b""
        for _ in range(6):
            rest = since(place, LOG)
            out += read(place, rest[: chance.randrange(len(rest) + 1)], chance.randrange(1, 40))
        assert out + read(place, since(place, LOG)) == BARE


def test_lines_of_one_instant_are_told_apart_by_number() -> None:
    """Equal times are no reason to lose or repeat a line."""
    log = b"".join(stamp(0) + b"line %d\n" % number for number in range(5))
    place = Place()
    first = read(place, log[: 2 * len(stamp(0) + b"line 0\n")])
    assert first + read(place, log) == b"".join(b"line %d\n" % number for number in range(5))


def test_two_streams_that_mix_out_of_order_are_resumed_right() -> None:
    """A line that was written a little before its predecessor is neither lost nor repeated."""
    order = [0, 2, 1, 5, 3, 4, 8, 6, 7]
    log = b"".join(stamp(number) + b"line %d\n" % number for number in order)
    bare = b"".join(b"line %d\n" % number for number in order)
    ends = [position + 1 for position, byte in enumerate(log) if byte == ord("\n")]
    for end in ends:
        place = Place()
        assert read(place, log[:end]) + read(place, since(place, log)) == bare


def test_a_rotated_log_gives_what_is_new() -> None:
    """Where the lines to leave out are gone, none that is new is left out in their stead."""
    place = Place()
    read(place, LOG)
    later = stamp(100) + b"after the rotation\n"
    assert read(place, later) == b"after the rotation\n"


def test_the_next_run_begins_after_the_last_line_of_the_one_before() -> None:
    """A run that was read already under the other's name is not repeated; a new one comes whole."""
    place = Place()
    read(place, LOG)
    place.next_run()
    assert place.since is None
    assert read(place, LOG) == b""
    place.next_run()
    assert read(place, LOG + stamp(21) + b"run 2\n" + stamp(22) + b"end") == b"run 2\nend"


def test_what_the_kubelet_says_is_no_log() -> None:
    """Text without a time at the end is a notice; a time that was cut off is nothing."""
    place = Place()
    place.begin()
    assert place.take(LOG + b"rpc error: code = NotFound") == BARE
    assert place.rest() == (b"", "rpc error: code = NotFound")
    place.begin()
    place.take(since(place, LOG) + stamp(40)[:12])
    assert place.rest() == (b"", "")


def test_a_long_line_comes_in_parts() -> None:
    """A line is not held back until it is complete, and resumes in its middle."""
    place, line = Place(), b"x" * 100_000
    place.begin()
    assert place.take(stamp(0) + line) == line
    assert place.take(line) == line
    assert place.rest() == (b"", "")
    assert read(place, stamp(0) + line * 3 + b"\n") == line + b"\n"
