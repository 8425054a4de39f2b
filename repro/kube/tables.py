"""Tables: what `kubectl get` prints, made by the server."""

from collections.abc import Callable, Sequence

import msgspec

from repro.kube import podcells
from repro.kube.ages import age
from repro.kube.objects import Json, metadata

Cells = Callable[[Json, float], list[object]]
"""The cells of one object's row at a moment (seconds since 1970)."""


class Column(msgspec.Struct, frozen=True):
    """A column; those of priority 1 are printed with `-o wide` only."""

    name: str
    description: str
    priority: int = 0
    type: str = "string"
    format: str = ""

    @property
    def definition(self) -> Json:
        """Give it as it is on the wire."""
        return {
            "name": self.name,
            "type": self.type,
            "format": self.format,
            "description": self.description,
            "priority": self.priority,
        }


class Layout(msgspec.Struct, frozen=True):
    """The columns of a resource, and how a row is made."""

    columns: Sequence[Column]
    cells: Cells
    conditions: Callable[[Json], list[Json]] = lambda _: []
    """What a row says beside its cells."""


def table(
    layout: Layout, objects: Sequence[Json], list_metadata: Json, now: float, *, header: bool = True
) -> Json:
    """Give objects as a Table; a watch leaves the header out after its first event."""
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": list_metadata,
        "columnDefinitions": [column.definition for column in layout.columns] if header else None,
        "rows": [_row(layout, value, now) for value in objects],
    }


def _row(layout: Layout, value: Json, now: float) -> Json:
    row: Json = {"cells": layout.cells(value, now)}
    conditions = layout.conditions(value)
    if conditions:
        row["conditions"] = conditions
    row["object"] = {
        "kind": "PartialObjectMetadata",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata(value),
    }
    return row


_NAME = Column(
    "Name",
    "Name must be unique within a namespace. Is required when creating resources, although some resources may "
    "allow a client to request the generation of an appropriate name automatically. Name is primarily intended for "
    "creation idempotence and configuration definition. Cannot be updated. More info: "
    "http://kubernetes.io/docs/user-guide/identifiers#names",
    format="name",
)
_AGE = Column(
    "Age",
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not "
    "guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is "
    "represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: "
    "https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
)

PODS = Layout(
    (
        _NAME,
        Column("Ready", "The aggregate readiness state of this pod for accepting traffic."),
        Column("Status", "The aggregate status of the containers in this pod."),
        Column("Restarts", "The number of times the containers in this pod have been restarted."),
        _AGE,
        Column(
            "IP",
            "IP address allocated to the pod. Routable at least within the cluster. Empty if not yet allocated.",
            1,
        ),
        Column(
            "Node",
            "NodeName is a request to schedule this pod onto a specific node. If it is non-empty, the scheduler simply "
            "schedules this pod onto that node, assuming that it fits resource requirements.",
            1,
        ),
        Column(
            "Nominated Node",
            "nominatedNodeName is set only when this pod preempts other pods on the node, but it cannot be scheduled "
            "right away as preemption victims receive their graceful termination periods. This field does not guarantee "
            "that the pod will be scheduled on this node. Scheduler may decide to place the pod elsewhere if other nodes "
            "become available sooner. Scheduler may also decide to give the resources on this node to a higher priority "
            "pod that is created after preemption. As a result, this field may be different than PodSpec.nodeName when "
            "the pod is scheduled.",
            1,
        ),
        Column(
            "Readiness Gates",
            "If specified, all readiness gates will be evaluated for pod readiness. A pod is ready when all its "
            'containers are ready AND all conditions specified in the readiness gates have status equal to "True" More '
            "info: https://git.k8s.io/enhancements/keps/sig-network/0007-pod-ready%2B%2B.md",
            1,
        ),
    ),
    podcells.cells,
    podcells.conditions,
)

EVENTS = Layout(
    (
        Column("Last Seen", "The time at which the most recent occurrence of this event was recorded."),
        Column("Type", "Type of this event (Normal, Warning), new types could be added in the future"),
        Column(
            "Reason", "A short, machine understandable string for the transition into the object's status."
        ),
        Column("Object", "The object that this event is about."),
        Column("Subobject", "The part of the object that this event is about.", 1),
        Column("Source", "The component reporting this event.", 1),
        Column("Message", "A human-readable description of the status of this operation."),
        Column("First Seen", "The time at which the event was first recorded.", 1),
        Column("Count", "The number of times this event has occurred.", 1, "integer"),
        msgspec.structs.replace(_NAME, priority=1),
    ),
    lambda event, now: [
        age(event["lastTimestamp"], now),
        event["type"],
        event["reason"],
        f"{event['involvedObject']['kind'].lower()}/{event['involvedObject']['name']}",
        event["involvedObject"].get("fieldPath", ""),
        ", ".join(event["source"].values()),
        event["message"],
        age(event["firstTimestamp"], now),
        event["count"],
        metadata(event)["name"],
    ],
)

NAMESPACES = Layout(
    (_NAME, Column("Status", "The status of the namespace"), _AGE),
    lambda space, now: [
        metadata(space)["name"],
        space["status"]["phase"],
        age(metadata(space)["creationTimestamp"], now),
    ],
)

NODES = Layout(
    (
        _NAME,
        Column("Status", "The status of the node"),
        Column("Roles", "The roles of the node"),
        _AGE,
        Column("Version", "Kubelet Version reported by the node."),
        Column("Internal-IP", "The node's internal address.", 1),
        Column("External-IP", "The node's external address.", 1),
        Column(
            "OS-Image",
            "OS Image reported by the node from /etc/os-release (e.g. Debian GNU/Linux 7 (wheezy)).",
            1,
        ),
        Column(
            "Kernel-Version",
            "Kernel Version reported by the node from 'uname -r' (e.g. 3.16.0-0.bpo.4-amd64).",
            1,
        ),
        Column(
            "Container-Runtime",
            "ContainerRuntime Version reported by the node through runtime remote API.",
            1,
        ),
    ),
    lambda node, now: [
        metadata(node)["name"],
        "Ready",
        "<none>",
        age(metadata(node)["creationTimestamp"], now),
        node["status"]["nodeInfo"]["kubeletVersion"],
        node["status"]["addresses"][0]["address"],
        "<none>",
        node["status"]["nodeInfo"]["osImage"],
        node["status"]["nodeInfo"]["kernelVersion"],
        node["status"]["nodeInfo"]["containerRuntimeVersion"],
    ],
)
