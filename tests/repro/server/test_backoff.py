"""Tests of the pauses between tries."""

import pytest

from repro.server.backoff import Backoff, GivenUpError


def test_pauses_double_from_the_floor_to_the_cap() -> None:
    """Without luck, each pause is twice the one before, up to the cap."""
    backoff = Backoff(1, 10, 60, chance=lambda: 1.0)
    assert [backoff.pause() for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    backoff.reset()
    assert backoff.pause() == 1


def test_chance_shortens_a_pause_by_half_at_most() -> None:
    """There is a floor under the pauses whatever chance says."""
    assert Backoff(1, 10, 60, chance=lambda: 0.0).pause() == 0.5


def test_patience_ends_after_failures_only() -> None:
    """It gives up when nothing but failures has come for long; a success makes it patient again."""
    now = 0.0
    backoff = Backoff(1, 10, 60, clock=lambda: now)
    backoff.pause("down")
    now = 61.0
    backoff.reset()
    backoff.pause("down")
    now = 100.0
    backoff.pause()
    now = 122.0
    with pytest.raises(GivenUpError, match="still down"):
        backoff.pause("still down")
