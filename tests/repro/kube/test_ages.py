"""Ages."""

import pytest

from repro.kube.ages import short_duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0s"), (0, "0s"), (119, "119s"), (120, "2m"), (200, "3m20s"), (600, "10m"), (10_799, "179m"), (10_800, "3h"),
     (12_000, "3h20m"), (100_000, "27h"), (200_000, "2d7h"), (800_000, "9d"), (40_000_000, "462d"), (70_000_000, "2y80d"),
     (300_000_000, "9y")],
)  # fmt: skip
def test_durations_are_short(seconds: float, text: str) -> None:
    """The longer it is, the less it tells; by the examples of kubectl's own tests."""
    assert short_duration(seconds) == text
