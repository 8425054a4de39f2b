"""The pods of a run: overlays merged over their spec, and when a kind's state is reached."""

from pathlib import Path
from typing import Any

import pytest

from diag.errors import HotloopError
from repro import pods
from repro.kube.kinds import KINDS

SPEC: dict[str, Any] = {
    "restartPolicy": "Never",
    "securityContext": {"runAsUser": 7, "runAsGroup": 8},
    "containers": [{"name": "a", "image": "x"}, {"name": "b", "image": "x"}],
    "initContainers": [{"name": "init", "image": "x"}],
}


def merged(overlay: dict[str, Any]) -> dict[str, Any]:
    """Merge over a spec of two containers and an init container."""
    return pods.merge(SPEC, overlay)


def test_values_replace_and_maps_merge() -> None:
    """A value replaces, a map merges key by key, null removes."""
    result = merged({"nodeName": "n", "restartPolicy": None, "securityContext": {"runAsUser": 0}})
    assert result["nodeName"] == "n"
    assert "restartPolicy" not in result
    assert result["securityContext"] == {"runAsUser": 0, "runAsGroup": 8}


def test_an_image_is_for_every_container() -> None:
    """`image: y` sets the image of containers and init containers."""
    result = merged({"image": "y"})
    assert [c["image"] for c in result["containers"] + result["initContainers"]] == ["y", "y", "y"]


def test_a_container_without_a_name_means_all() -> None:
    """An unnamed item of `containers` is merged over each of them, keeping their names."""
    result = merged({"containers": [{"image": "y", "tty": True}]})
    assert result["containers"] == [{"name": n, "image": "y", "tty": True} for n in "ab"]


def test_a_container_with_a_name_means_that_one() -> None:
    """A named item is merged over the container of its name only."""
    assert [c["image"] for c in merged({"containers": [{"name": "b", "image": "y"}]})["containers"]] == [
        "x",
        "y",
    ]


def test_an_unknown_container_is_an_error() -> None:
    """A name that no container has is not silently added as another container."""
    with pytest.raises(HotloopError, match="'c', but the pod has a, b"):
        merged({"containers": [{"name": "c", "image": "y"}]})


def test_the_spec_below_stays_as_it_was() -> None:
    """Merging makes a new spec; the kinds are shared by all runs."""
    before = repr(SPEC)
    merged({"image": "y", "securityContext": {"runAsUser": 0}})
    assert repr(SPEC) == before


def test_a_kind_stays_what_it_is() -> None:
    """An overlay neither schedules the unscheduled pod nor gives an image to the one that waits for it."""
    overlay = {"nodeName": "n", "image": "y"}
    unscheduled = pods.overlaid(KINDS["unscheduled"], SPEC, overlay)
    waiting = pods.overlaid(KINDS["image-waiting"], SPEC, overlay)
    assert "nodeName" not in unscheduled
    assert unscheduled["containers"][0]["image"] == "y"
    assert waiting["nodeName"] == "n"
    assert waiting["containers"][0]["image"] == KINDS["image-waiting"].image


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "is no YAML"),
        (b"\xff\xfe\x00", "is no YAML"),
        (b"[1]", "has to hold the fields"),
        (b"", "has to hold the fields"),
        (b"spec: 3", "has to hold the fields"),
        (b"containers: {image: x}", "containers has to be a list of maps"),
        (b"initContainers: [1]", "initContainers has to be a list of maps"),
    ],
)
def test_a_pod_spec_that_is_none(content: bytes, said: str, tmp_path: Path) -> None:
    """What cannot be merged is refused in a sentence that names the file."""
    path = tmp_path / "spec.yaml"
    path.write_bytes(content)
    with pytest.raises(HotloopError, match=said) as failure:
        pods.read_pod_spec(path)
    assert str(path) in str(failure.value)


@pytest.mark.parametrize(
    ("overlay", "said"),
    [
        ({"image": 5}, "containers.0.image"),
        ({"nodeName": ["n"]}, "nodeName"),
        ({"nosuch": 1}, "nosuch"),
        ({"containers": [{"name": "c"}]}, "but the pod has main"),
    ],
)
def test_an_overlay_that_makes_no_pod(overlay: dict[str, Any], said: str) -> None:
    """What no cluster would take is told before anything is run, with its field."""
    pods.check_overlay(["succeeded", "unscheduled"], {"image": "y", "hostNetwork": True})
    with pytest.raises(HotloopError, match=said):
        pods.check_overlay(["succeeded"], overlay)


def test_a_pod_spec_may_stand_below_spec(tmp_path: Path) -> None:
    """A pod's manifest serves as well as the bare spec."""
    path = tmp_path / "spec.yaml"
    path.write_text("kind: Pod\nspec: {nodeName: n}\n")
    assert pods.read_pod_spec(path) == {"nodeName": "n"}


def waiting(reason: str, phase: str = "Running") -> dict[str, Any]:
    """Give a status whose container waits."""
    return {"phase": phase, "containerStatuses": [{"state": {"waiting": {"reason": reason}}}]}


@pytest.mark.parametrize(
    ("kind", "status", "reached"),
    [
        ("succeeded", {"phase": "Succeeded"}, True),
        ("succeeded", {"phase": "Running"}, False),
        ("failed", {"phase": "Failed"}, True),
        ("running", {"phase": "Running"}, True),
        ("running", {"phase": "Pending"}, False),
        ("crash-looping", {"phase": "Running"}, False),
        ("crash-looping", waiting("CrashLoopBackOff"), True),
        ("image-waiting", waiting("ContainerCreating", "Pending"), False),
        ("image-waiting", waiting("ErrImagePull", "Pending"), True),
        ("unscheduled", {"phase": "Pending"}, True),
        ("finishing", {"phase": "Running"}, True),
        ("several-containers", {"phase": "Running"}, True),
    ],
)
def test_a_kind_has_a_state(kind: str, status: dict[str, Any], *, reached: bool) -> None:
    """Views are opened only once the pod is what its kind says."""
    assert pods.reached(KINDS[kind], status) is reached


def test_a_status_is_described_with_its_reasons() -> None:
    """A pod that never gets there is told by phase and reason."""
    assert pods.describe(waiting("ErrImagePull", "Pending")) == "Pending (ErrImagePull)"
