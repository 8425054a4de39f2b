"""A summary as text."""

import msgspec

from repro.viewers.summary import Frames, Generator, Health, Lines, Spread, Summary, Views
from repro.viewers.text import headline, render

NONE = Spread(p50=None, p99=None, max=None)

SUMMARY = Summary(
    url="http://127.0.0.1:8080",
    variant="hardened",
    pods=("default/succeeded-1",),
    started=0.0,
    seconds=1.5,
    ended="all views ended",
    views=Views(
        asked=20, opened=20, refused=0, untried=0, ended=20, cut=0, left=0, open=0, stopped_reading=0
    ),
    refusals={},
    close_codes={"1000": 20},
    end_reasons={"Completed": 20},
    events={"end": 20},
    lines=Lines(expected=400, received=400, repeated=0, missing=0, lost=0, blank=0, exact=True),
    bytes=2600,
    frames=Frames(text=20, binary=20, empty=0),
    first_line_ms=Spread(p50=3.0, p99=9.25, max=1500.0),
    end_ms=NONE,
    health_ms=Health(p50=1.0, p99=2.0, max=3.0, answered=15, failed=0),
    generator=Generator(cores=0.1, rss_mb=40.0),
)


def test_the_first_line_is_the_result() -> None:
    """The first line says in a sentence what was opened, how it ended and what was wrong."""
    assert headline(SUMMARY) == "20 of 20 views opened; 20 ended; 400 lines, none lost or repeated."
    lines = msgspec.structs.replace(SUMMARY.lines, lost=1, repeated=1200)
    assert headline(msgspec.structs.replace(SUMMARY, lines=lines)).endswith("1 lost and 1,200 repeated.")
    lines = msgspec.structs.replace(SUMMARY.lines, lost=None, expected=None, missing=7)
    assert headline(msgspec.structs.replace(SUMMARY, lines=lines)).endswith("400 lines, 7 skipped.")
    views = msgspec.structs.replace(SUMMARY.views, opened=0, refused=15, untried=5)
    told = headline(msgspec.structs.replace(SUMMARY, views=views))
    assert told == "None of 20 views opened: 15 refused, 5 not tried."


def test_the_table_fits_a_terminal() -> None:
    """Large counts and many refusals fit into 80 columns, and long lists are cut with a count."""
    views = msgspec.structs.replace(
        SUMMARY.views, asked=5000, opened=4000, refused=990, untried=10, stopped_reading=4000
    )
    large = msgspec.structs.replace(
        SUMMARY,
        views=views,
        lines=Lines(
            expected=100_000_000,
            received=123_456_789,
            repeated=23_456_789,
            missing=123,
            lost=5,
            blank=0,
            exact=False,
        ),
        frames=Frames(text=123_456_789, binary=123_456_789, empty=123_456_789),
        refusals={f"HTTP 404: pods {number} not found": 100 for number in range(9)},
        health_ms=Health(p50=None, p99=None, max=None, answered=0, failed=1234),
        generator=Generator(cores=0.97, rss_mb=1234.0),
    )
    text = render(large)
    assert max(map(len, text.splitlines())) <= 80
    assert "and 4 more kinds" in text
    assert "not answered, 1,234 failed" in text
    assert "the generator was busy itself" in text
    assert "max 1.50 s" in text


def test_a_summary_survives_json() -> None:
    """What is written as JSON is read back as the same summary, and carries its schema."""
    written = msgspec.json.encode(SUMMARY)
    assert msgspec.json.decode(written)["schema"] == 1
    assert msgspec.json.decode(written, type=Summary) == SUMMARY
