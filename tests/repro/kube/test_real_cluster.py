"""Every kind of pod on a real cluster and on the embedded API, side by side.

`HOTLOOP_KUBECONFIG=FILE [HOTLOOP_POD_SPEC=FILE] pytest -m cluster`; the YAML of the second is
merged over each pod's specification.
"""

import json
import os
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from kube_helpers import ask, cluster_in_thread, create, until

from repro.kube.cluster import Cluster
from repro.kube.kinds import KIND_LABEL, KINDS, manifest

KUBECONFIG = os.environ.get("HOTLOOP_KUBECONFIG", "")
POD_SPEC = os.environ.get("HOTLOOP_POD_SPEC", "")

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not KUBECONFIG, reason="$HOTLOOP_KUBECONFIG names no cluster"),
]

FINISHED = [
    name
    for name, kind in KINDS.items()
    if kind.restart_policy == "Never" and all(script.linger < 10 for script in kind.containers.values())
]
"""Kinds whose pods end by themselves, or never begin."""


@pytest.fixture(scope="module")
def mark() -> str:
    """Give a word that only this run's pods have in their names."""
    return f"hotloop-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def real(mark: str) -> Iterator[Any]:
    """Create a pod of each kind on the real cluster, give its client, and remove the pods."""
    kubernetes = pytest.importorskip("kubernetes")
    core = kubernetes.client.CoreV1Api(kubernetes.config.new_client_from_config(KUBECONFIG))
    try:
        for kind in FINISHED:
            core.create_namespaced_pod("default", _placed(manifest(kind, f"{mark}-{kind}")))
        yield core
    finally:
        for pod in core.list_namespaced_pod("default").items:
            if pod.metadata.name.startswith(mark):
                core.delete_namespaced_pod(pod.metadata.name, "default", grace_period_seconds=0)


def _placed(pod: dict[str, Any]) -> dict[str, Any]:
    """Merge the asked-for specification over a pod's, but leave an unschedulable pod where it is."""
    if not POD_SPEC:
        return pod
    with open(POD_SPEC, encoding="utf-8") as file:  # noqa: PTH123 - the name is the user's
        wanted = yaml.safe_load(file)
    image = wanted.pop("image", None)
    if pod["metadata"]["labels"][KIND_LABEL] == "unscheduled":
        wanted.pop("nodeName", None)
    if image is not None and pod["metadata"]["labels"][KIND_LABEL] != "image-waiting":
        for container in pod["spec"]["containers"]:
            container["image"] = image
    return {**pod, "spec": {**pod["spec"], **wanted}}


@pytest.fixture(scope="module")
def embedded(mark: str) -> Iterator[Cluster]:
    """Create the same pods on the embedded API."""
    with cluster_in_thread() as cluster:
        for kind in FINISHED:
            create(cluster, manifest(kind, f"{mark}-{kind}"))
        yield cluster


def _state(pod: dict[str, Any]) -> Any:  # noqa: ANN401 - parts of a status
    """Give phase, and of each container its state, exit code, readiness and restarts."""
    return pod["status"].get("phase"), [
        (
            container["name"],
            next(iter(container["state"])),
            container["state"].get("terminated", {}).get("exitCode"),
            container["ready"],
            container["restartCount"],
        )
        for container in pod["status"].get("containerStatuses", ())
    ]


def _log(real: Any, name: str) -> tuple[int, bytes]:  # noqa: ANN401 - the client is untyped
    """Give code and body of a request for a log on the real cluster."""
    from kubernetes.client import ApiException

    try:
        response = real.read_namespaced_pod_log(name, "default", _preload_content=False)
    except ApiException as error:
        return error.status or 0, (error.body or "").encode()
    try:
        return response.status, response.read()
    finally:
        response.release_conn()


def _read(real: Any, name: str) -> dict[str, Any]:  # noqa: ANN401 - the client is untyped
    """Give a pod of the real cluster as plain JSON."""
    pod: dict[str, Any] = json.loads(real.read_namespaced_pod(name, "default", _preload_content=False).data)
    return pod


@pytest.mark.parametrize("kind", FINISHED)
def test_a_pod_is_the_same_there(real: Any, embedded: Cluster, mark: str, kind: str) -> None:  # noqa: ANN401
    """A pod of each kind comes to the same state and writes the same log, or fails to give it in the same words."""
    name = f"{mark}-{kind}"
    path = f"/api/v1/namespaces/default/pods/{name}"

    def agreed() -> bool:
        mine, theirs = ask(embedded, f"{path}/log"), _log(real, name)
        states = _state(ask(embedded, path).json), _state(_read(real, name))
        same_log = sorted(mine.body.splitlines()) == sorted(theirs[1].splitlines())
        return states[0] == states[1] and mine.code == theirs[0] and same_log

    until(agreed, f"the same {kind}", patience=30)
