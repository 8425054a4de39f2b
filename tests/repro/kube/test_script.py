"""Scripts: played and as shell, they write the same."""

import shutil
import subprocess

import pytest

from repro.kube.kinds import KINDS, manifest
from repro.kube.script import Script, Text, unescape

_BUSYBOX = shutil.which("busybox")
_SHELL = [_BUSYBOX, "sh"] if _BUSYBOX else ["sh"]
_FINISHED = [
    (kind.name, container)
    for kind in KINDS.values()
    for container, script in {**kind.containers, **kind.init_containers}.items()
    if script.count is not None and script.rate is None and script.linger < 10
]


@pytest.mark.parametrize(("kind", "container"), _FINISHED)
def test_the_shell_writes_what_is_played(kind: str, container: str) -> None:
    """A kind's command writes the very bytes that the embedded kubelet plays, and exits with the same code."""
    spec = manifest(kind, "x")["spec"]
    command = next(
        c["command"] for c in spec["containers"] + spec.get("initContainers", []) if c["name"] == container
    )
    script = KINDS[kind].script(container)
    assert script is not None
    done = subprocess.run(
        [*_SHELL, *command[1:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=20,
    )
    assert done.returncode == script.exit_code
    assert done.stdout == b"".join(step.data for step in script.steps())


@pytest.mark.parametrize(
    ("knobs", "lines", "pauses"),
    [
        ({}, 20, 0.0),
        ({"hotloop/lines": "3"}, 3, 0.0),
        ({"hotloop/lines": "40", "hotloop/lines-per-second": "2"}, 40, 19.5),
        ({"hotloop/lines": "200", "hotloop/lines-per-second": "100"}, 200, 1.95),
    ],
)
def test_knobs(knobs: dict[str, str], lines: int, pauses: float) -> None:
    """Annotations set how many lines come, and how fast."""
    steps = list(KINDS["succeeded"].containers["main"].tuned(knobs).steps())
    assert b"".join(step.data for step in steps).count(b"\n") == lines
    assert sum(step.after for step in steps) == pytest.approx(pauses)


def test_line_bytes() -> None:
    """Lines are filled up to a width, newline included."""
    script = KINDS["succeeded"].containers["main"].tuned({"hotloop/line-bytes": "64"})
    assert script.line(7) == b"line 7".ljust(62) + b".\n"


@pytest.mark.parametrize("value", ["0", "-1", "many", "1.5"])
def test_a_wrong_knob_is_no_number(value: str) -> None:
    """A knob that is no positive whole number is refused."""
    with pytest.raises(ValueError, match=value):
        Script(count=1).tuned({"hotloop/lines": value})


def test_a_burst_is_what_a_rate_makes_in_a_tick() -> None:
    """A quick script writes in bursts, twenty a second."""
    steps = Script(count=None, rate=1000).steps()
    assert next(steps).data.count(b"\n") == 50
    assert next(steps).after == pytest.approx(0.05)


def test_escapes() -> None:
    """Texts are written as printf writes them."""
    assert unescape("a\\n\\377\\000%\\\\") == b"a\n\xff\x00%\\"
    assert Text("100%\\n").shell == "printf '100%%\\n'"


def test_every_manifest_names_its_kind() -> None:
    """Manifests carry the label, a namespace, and a command for each container."""
    for kind in KINDS:
        pod = manifest(kind, "p", namespace="ns", labels={"a": "b"}, image="local.test/busybox:1")
        assert pod["metadata"]["labels"] == {"hotloop/kind": kind, "a": "b"}
        assert pod["metadata"]["namespace"] == "ns"
        for container in pod["spec"]["containers"]:
            assert container["command"][:2] == ["/bin/sh", "-c"]
            assert container["image"] in {"local.test/busybox:1", "localhost:1/no-such-image:1"}
