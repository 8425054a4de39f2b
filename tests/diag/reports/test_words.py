"""Figures are short, and never say less than was measured."""

import pytest

from diag.reports import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (0, "0.00"),
        (0.004, "<0.01"),
        (0.0449, "0.04"),
        (0.991, "0.99"),
        (9.996, "10.0"),
        (25.08, "25.1"),
    ],
)
def test_cores(value: float | None, text: str) -> None:
    """Two digits after the point, one from ten cores on; a trace of CPU is not nothing."""
    assert words.cores(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"),
        (0, "0"),
        (0.01, "<0.1"),
        (1.25, "1.2"),
        (94.4, "94"),
        (9_400, "9,400"),
        (131_400, "131 k"),
        (999_900, "1 M"),
        (1_712_345, "1.71 M"),
    ],
)
def test_counts(value: float | None, text: str) -> None:
    """Three digits suffice."""
    assert words.count(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(41_234, "41,200"), (1_130_000, "1.13 million"), (94, "94"), (0.25, "0.25")]
)
def test_numbers_in_sentences(value: float, text: str) -> None:
    """In a sentence a number is written out."""
    assert words.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.043, "0.04 of a core"), (0.999, "1.00 core"), (1.0, "1.00 core"), (25.1, "25.1 cores")],
)
def test_cores_with_their_noun(value: float, text: str) -> None:
    """The noun fits the number as it is written."""
    assert words.cores_named(value) == text


def test_lists() -> None:
    """Words are joined as in a sentence."""
    assert words.listing([]) == ""
    assert words.listing(["a"]) == "a"
    assert words.listing(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0"), (0.0004, "<0.1"), (0.032, "3.2"), (0.5, "50"), (0.99951, "100"), (1, "100")]
)
def test_percentages_are_short(share: float, text: str) -> None:
    """Two digits suffice."""
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"), [(None, "—"), (0, "0"), (940, "+940"), (-3, "-3"), (41_000, "+41 k")]
)
def test_differences_have_a_sign(value: float | None, text: str) -> None:
    """A growth shows its direction, and none is plain."""
    assert words.change(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "cores", "—"),
        ("b''", "", "b''"),
        (0.98, "cores", "0.98 cores"),
        (0.93, "share", "93 %"),
        (1_234_567, "bytes/s", "1.23 MB/s"),
        (0, "1/s", "0/s"),
        (2.94, "s", "2.94 s"),
        (620.4, "s", "620 s"),
        (41_210.0, "tasks/s", "41 k tasks/s"),
        (0.5, "ratio", "0.5 ratio"),
        (7, "", "7"),
    ],
)
def test_values_stand_with_their_unit(value: float | str | None, unit: str, text: str) -> None:
    """Each unit is written as readers know it; one that is not known stands behind the number."""
    assert words.measured(value, unit) == text


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (40, "/srv/shop/views/buggy.py:33-41"),
        (29, "…/shop/views/buggy.py:33-41"),
        (16, "…/buggy.py:33-41"),
        (6, "…33-41"),
    ],
)
def test_paths_lose_their_start(width: int, text: str) -> None:
    """The file's name and lines stay, whole folders go first, and the width is kept to."""
    assert words.shortened("/srv/shop/views/buggy.py:33-41", width) == text
    assert len(text) <= width


def test_what_steers_a_terminal_is_shown_as_an_escape() -> None:
    """Control characters and those that turn the direction are harmless; letters of any language stay."""
    assert words.printable("a\x1b[31m\n\u202egröße 漢") == r"a\x1b[31m\n\u202egröße 漢"


@pytest.mark.parametrize(
    ("text", "written"),
    [("the `break` leaves", "The `break` leaves."), ("read_log goes on.", "read_log goes on."), ("", "")],
)
def test_sentences_are_whole(text: str, written: str) -> None:
    """A capital and a full stop; a name keeps its letters."""
    assert words.sentence(text) == written
