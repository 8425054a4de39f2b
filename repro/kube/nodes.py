"""The cluster's only node, its namespaces, and which pods fit on the node."""

from collections.abc import Mapping

from repro.kube.objects import Json, metadata
from repro.kube.store import Store

NODE = "hotloop"
"""The node's name."""

HOST_IP = "192.0.2.2"
"""The node's address, from the block for documentation."""

VERSION = "v1.32.5"
"""The Kubernetes version that is claimed. `kubectl` as Google ships it picks its own version by it."""

NAMESPACES = ("default", "kube-node-lease", "kube-public", "kube-system")
"""What every cluster begins with."""

LABELS = {
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": NODE,
    "kubernetes.io/os": "linux",
}

DOES_NOT_FIT = (
    "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption: 0/1 nodes are "
    "available: 1 Preemption is not helpful for scheduling."
)
"""The scheduler's message for a pod that fits nowhere."""


def furnish(store: Store) -> None:
    """Put the node and the namespaces into an empty store."""
    for name in NAMESPACES:
        store.create("namespaces", namespace(name))
    store.create("nodes", _node())


def namespace(name: str, labels: Mapping[str, str] | None = None) -> Json:
    """Give a namespace as it is stored."""
    return {
        "kind": "Namespace",
        "apiVersion": "v1",
        "metadata": {"name": name, "labels": {**(labels or {}), "kubernetes.io/metadata.name": name}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def _node() -> Json:
    room = {"cpu": "2", "memory": "4Gi", "pods": "5000"}
    return {
        "kind": "Node",
        "apiVersion": "v1",
        "metadata": {"name": NODE, "labels": LABELS},
        "spec": {},
        "status": {
            "capacity": room,
            "allocatable": room,
            "conditions": [
                {
                    "type": "Ready",
                    "status": "True",
                    "reason": "KubeletReady",
                    "message": "kubelet is posting ready status",
                }
            ],
            "addresses": [
                {"type": "InternalIP", "address": HOST_IP},
                {"type": "Hostname", "address": NODE},
            ],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
            "nodeInfo": {
                "machineID": "",
                "systemUUID": "",
                "bootID": "",
                "kernelVersion": "hotloop",
                "osImage": "hotloop, embedded",
                "containerRuntimeVersion": "containerd://hotloop",
                "kubeletVersion": VERSION,
                "kubeProxyVersion": "",
                "operatingSystem": "linux",
                "architecture": "amd64",
            },
        },
    }


def fits(store: Store, pod: Json) -> bool:
    """Say whether the scheduler would put a pod on the node."""
    node = store.get("nodes", ("", NODE))
    if node is None or pod["spec"]["schedulerName"] != "default-scheduler":
        return False
    labels = metadata(node).get("labels") or {}
    selector = pod["spec"].get("nodeSelector") or {}
    return all(labels.get(key) == value for key, value in selector.items())
