"""Variants and pods stand in the order of the story."""

from repro.report import words


def test_order_of_the_story() -> None:
    """Faults come before fixes, running pods before finished ones, strangers last."""
    assert sorted(["mine", "hardened", "buggy"], key=words.variant_order) == ["buggy", "hardened", "mine"]
    assert sorted(["odd", "succeeded", "running"], key=words.pod_order) == ["running", "succeeded", "odd"]
