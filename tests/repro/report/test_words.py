"""Figures are short, and never say less than was measured."""

import pytest

from repro.report import words


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


def test_order_of_the_story() -> None:
    """Faults come before fixes, running pods before finished ones, strangers last."""
    assert sorted(["mine", "hardened", "buggy"], key=words.variant_order) == ["buggy", "hardened", "mine"]
    assert sorted(["odd", "succeeded", "running"], key=words.pod_order) == ["running", "succeeded", "odd"]
