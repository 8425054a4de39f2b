"""Stacks as speedscope files."""

import json
from typing import Any

import pytest
from made_recordings import varied

from diag import speedscope
from diag.recording import Frame, Stacks, StackSample

FRAMES = (Frame(function="main", file="/a.py", line=1), Frame(function="read", file="/a.py", line=9))


def stacks(*samples: StackSample, moments: tuple[float, ...] = ()) -> Stacks:
    """Make stacks of one second with ten looks."""
    return Stacks(
        pid=7,
        start=1.0,
        end=2.0,
        frames=FRAMES,
        samples=samples,
        ticks=10,
        errors=0,
        late=0.0,
        moments=moments,
    )


def written(value: Stacks) -> dict[str, Any]:
    """Write stacks and read them as any viewer does."""
    content: dict[str, Any] = json.loads(speedscope.encode(value, name="server", exporter="hotloop"))
    return content


def test_a_thread_is_a_profile_and_idle_time_an_empty_stack() -> None:
    """Each sample lasts until the next look, and the gaps add up to the rest of the time."""
    found = written(
        stacks(
            StackSample(at=1.1, thread="MainThread (7)", frames=(0, 1)),
            StackSample(at=1.2, thread="MainThread (7)", frames=(0,)),
            StackSample(at=1.2, thread="worker (8)", frames=()),
            moments=(1.1, 1.2, 1.35, 1.5),
        )
    )
    first, second = found["profiles"]
    assert first["name"] == "MainThread (7)"
    assert first["samples"] == [[], [0, 1], [0], []]
    assert first["weights"] == pytest.approx([0.1, 0.1, 0.15, 0.65])
    assert second["weights"] == pytest.approx([0.2, 0.15, 0.65])
    assert found["shared"]["frames"][1] == {"name": "read", "file": "/a.py", "line": 9}


def test_shares_of_time_are_right_where_looks_are_not_known() -> None:
    """Each sample lasts a tick, however close the next one is."""
    close = [StackSample(at=at, thread="MainThread (7)", frames=(0,)) for at in (1.1, 1.11, 1.12, 1.7)]
    (profile,) = written(stacks(*close))["profiles"]
    assert profile["weights"] == pytest.approx([0.1, 0.1, 0.1, 0.1, 0.3, 0.1, 0.2])
    assert sum(profile["weights"]) == pytest.approx(profile["endValue"] - profile["startValue"])


@pytest.mark.parametrize("seed", range(30))
def test_the_format_is_kept(seed: int) -> None:
    """What the format demands holds for any stacks: equal lengths, known frames, no negative weight, one profile."""
    for value in varied(seed).stacks:
        found = written(value)
        assert found["$schema"] == speedscope.SCHEMA_URL
        assert found["profiles"]
        for profile in found["profiles"]:
            assert profile["type"] == "sampled"
            assert profile["unit"] == "seconds"
            assert len(profile["samples"]) == len(profile["weights"])
            assert min(profile["weights"], default=0) >= 0
            assert profile["endValue"] >= profile["startValue"]
            assert all(index < len(found["shared"]["frames"]) for row in profile["samples"] for index in row)


def test_stacks_without_samples_open_too() -> None:
    """A process that slept all the time is one idle profile."""
    (profile,) = written(stacks())["profiles"]
    assert (profile["samples"], profile["weights"]) == ([[]], [1.0])
    assert speedscope.decode(speedscope.encode(stacks(), name="", exporter="")) == stacks()
