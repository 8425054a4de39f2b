"""Unmodified kubectl, and what it printed of a real server."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from kube_helpers import GOLDEN

from repro.kube.cluster import Cluster
from repro.kube.kinds import manifest

_KUBECTL = shutil.which("kubectl")
pytestmark = pytest.mark.skipif(_KUBECTL is None, reason="kubectl is not on PATH")

_WAITING = 'Error from server (BadRequest): container "main" in pod "image-waiting" is waiting to start: '

Kubectl = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def kubectl(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Kubectl:
    """Give a way to run kubectl: exit code and both outputs, as one text."""
    place = tmp_path_factory.mktemp("kubectl")
    cluster.write_kubeconfig(place / "config")

    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [
                str(_KUBECTL),
                "--kubeconfig",
                str(place / "config"),
                "--cache-dir",
                str(place / "cache"),
                *arguments,
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=30,
        )
        return done.returncode, done.stdout

    return run


@pytest.fixture
def pod_file(tmp_path: Path) -> Path:
    """Give a manifest on disk."""
    path = tmp_path / "pod.yaml"
    path.write_text(yaml.safe_dump(manifest("succeeded", "from-file", labels={"app": "x"})))
    return path


def test_get(kubectl: Kubectl) -> None:
    """`get pods -o wide` prints the recorded columns, and each state's word."""
    code, text = kubectl("get", "pods", "-o", "wide", "-l", "hotloop/kind")
    assert code == 0
    header, *rows = text.splitlines()
    recorded = next(
        line for line in (GOLDEN / "kubectl-out.txt").read_text().splitlines() if "NOMINATED" in line
    )
    assert header.split() == recorded.split()
    states = {row.split()[0]: row.split()[2] for row in rows}
    expected = {
        "running": "Running",
        "succeeded": "Completed",
        "failed": "Error",
        "image-waiting": "ImagePullBackOff",
        "several-containers": "NotReady",
        "unscheduled": "Pending",
    }
    assert expected.items() <= states.items()


@pytest.mark.parametrize(
    ("arguments", "code", "output"),
    [
        (("get", "pod", "succeeded", "-o", "name"), 0, "pod/succeeded\n"),
        (("logs", "-f", "succeeded", "--tail=2"), 0, "line 19\nline 20\n"),
        (("logs", "succeeded", "--limit-bytes=10", "--since=1h"), 0, "line 1\nlin"),
        (("logs", "unscheduled"), 0, ""),
        (("logs", "several-containers", "-c", "errors", "--tail=1"), 0, "line 5\n"),
        (("logs", "-l", "hotloop/kind=bare-numbers", "--tail=1"), 0, "20\n"),
        (
            ("logs", "-f", "image-waiting"),
            1,
            _WAITING + "trying and failing to pull image\n",
        ),
        (
            ("logs", "-p", "succeeded"),
            1,
            'Error from server (BadRequest): previous terminated container "main" in pod "succeeded" not found\n',
        ),
        (("wait", "--for=condition=Ready", "pod/running", "--timeout=5s"), 0, "pod/running condition met\n"),
    ],
)
def test_reading(kubectl: Kubectl, arguments: tuple[str, ...], code: int, output: str) -> None:
    """What kubectl prints of a pod is what it prints of a real one."""
    assert kubectl(*arguments) == (code, output)


def test_timestamps(kubectl: Kubectl) -> None:
    """`--timestamps` puts nine digits of a second before each line."""
    _, text = kubectl("logs", "--timestamps", "failed")
    assert len(text.splitlines()) == 20
    assert all(
        re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line \d+$", line) for line in text.splitlines()
    )


def test_describe_has_the_recorded_fields(kubectl: Kubectl) -> None:
    """`describe` prints each field that was recorded, in the recorded order, and the events in theirs."""
    _, text = kubectl("describe", "pod", "succeeded")

    def fields(output: str) -> list[str]:
        return re.findall(r"^ *([A-Z][\w -]*):", output, re.MULTILINE)

    recorded = (GOLDEN / "kubectl-out.txt").read_text().split("Containers:\n  main:", 2)
    first = "Containers:\n  main:".join(recorded[:2]).split("Events:")[0]
    assert fields(text.split("Events:")[0]) == fields(first)
    assert re.findall(r"^  Normal +(\w+)", text, re.MULTILINE) == [
        "Scheduled",
        "Pulled",
        "Created",
        "Started",
    ]


def test_a_life_through_kubectl(kubectl: Kubectl, pod_file: Path) -> None:
    """Create, create again, wait, apply, annotate, delete: as told, with the exit codes of a real server."""
    name = "from-file"
    assert kubectl("create", "-f", str(pod_file)) == (0, f"pod/{name} created\n")
    code, text = kubectl("create", "-f", str(pod_file))
    assert (code, f'pods "{name}" already exists' in text) == (1, True)
    succeeded = "--for=jsonpath={.status.phase}=Succeeded"
    assert kubectl("wait", succeeded, f"pod/{name}", "--timeout=10s") == (0, f"pod/{name} condition met\n")
    assert kubectl("annotate", "pod", name, "a=b") == (0, f"pod/{name} annotated\n")
    assert kubectl("delete", "pod", name) == (0, f'pod "{name}" deleted\n')
    assert kubectl("apply", "-f", str(pod_file)) == (0, f"pod/{name} created\n")
    assert kubectl("apply", "-f", str(pod_file)) == (0, f"pod/{name} unchanged\n")
    pod_file.write_text(pod_file.read_text().replace("app: x", "app: z"))
    assert kubectl("apply", "-f", str(pod_file)) == (0, f"pod/{name} configured\n")
    assert kubectl("get", "pod", name, "-o", "jsonpath={.metadata.labels.app}") == (0, "z")
    assert kubectl("delete", "-f", str(pod_file))[0] == 0
    code, text = kubectl("get", "pod", name)
    assert (code, text) == (1, f'Error from server (NotFound): pods "{name}" not found\n')


def test_a_wrong_manifest_is_refused(kubectl: Kubectl, pod_file: Path) -> None:
    """The client leaves validation to the server, which names the field."""
    pod_file.write_text(pod_file.read_text().replace("restartPolicy", "restartPolcy"))
    code, text = kubectl("create", "-f", str(pod_file))
    assert code == 1
    assert 'strict decoding error: unknown field "spec.restartPolcy"' in text


def test_run(kubectl: Kubectl) -> None:
    """`run` makes a pod that does what it is told, and its log can be read."""
    arguments = ("--image=busybox", "--restart=Never", "--", "echo", "hi", "there")
    assert kubectl("run", "greeter", *arguments) == (0, "pod/greeter created\n")
    kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/greeter", "--timeout=10s")
    assert kubectl("logs", "greeter") == (0, "hi there\n")
    assert kubectl("delete", "pod", "greeter", "--wait=false") == (0, 'pod "greeter" deleted\n')


def test_a_namespace(kubectl: Kubectl) -> None:
    """A namespace can be created, which newer versions ask for in protobuf, used, and deleted."""
    assert kubectl("create", "namespace", "mine") == (0, "namespace/mine created\n")
    arguments = ("--image=busybox", "--restart=Never", "--", "sleep", "60")
    assert kubectl("-n", "mine", "run", "sleeper", *arguments)[0] == 0
    assert kubectl("delete", "namespace", "mine") == (0, 'namespace "mine" deleted\n')
    assert kubectl("-n", "mine", "get", "pods") == (0, "No resources found in mine namespace.\n")
