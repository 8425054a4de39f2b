"""The resources that are served: their names, what can be done with them, how they are printed."""

import types
from collections.abc import Mapping, Sequence

import msgspec

from repro.kube import tables
from repro.kube.objects import Json

_EVERYTHING = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
_READING = ("get", "list", "watch")
_NAME_ONLY = types.MappingProxyType({"metadata.name": ""})


class Resource(msgspec.Struct, frozen=True):
    """A resource of the core group."""

    plural: str
    kind: str
    namespaced: bool
    verbs: Sequence[str]
    short_names: Sequence[str]
    layout: tables.Layout
    fields: Mapping[str, str] = _NAME_ONLY
    """What a field selector can ask for, with the value of an object that has none."""
    singular: str = ""
    categories: Sequence[str] = ()

    @property
    def discovery(self) -> Json:
        """Give its entry in discovery."""
        entry: Json = {
            "name": self.plural,
            "singularName": self.singular,
            "namespaced": self.namespaced,
            "kind": self.kind,
            "verbs": list(self.verbs),
            "shortNames": list(self.short_names),
        }
        if self.categories:
            entry["categories"] = list(self.categories)
        return entry


def _fields(*names: str) -> Mapping[str, str]:
    return types.MappingProxyType(dict.fromkeys(("metadata.name", "metadata.namespace", *names), ""))


PODS = Resource(
    "pods",
    "Pod",
    namespaced=True,
    verbs=_EVERYTHING,
    short_names=("po",),
    layout=tables.PODS,
    fields=_fields(
        "spec.nodeName",
        "spec.restartPolicy",
        "spec.schedulerName",
        "spec.serviceAccountName",
        "status.phase",
        "status.podIP",
        "status.nominatedNodeName",
    ),
    singular="pod",
    categories=("all",),
)
EVENTS = Resource(
    "events",
    "Event",
    namespaced=True,
    verbs=_READING,
    short_names=("ev",),
    layout=tables.EVENTS,
    fields=_fields(
        *(
            f"involvedObject.{part}"
            for part in ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")
        ),
        "reason",
        "reportingComponent",
        "source",
        "type",
    ),
    singular="event",
)
NAMESPACES = Resource(
    "namespaces",
    "Namespace",
    namespaced=False,
    verbs=("create", "delete", *_READING),
    short_names=("ns",),
    layout=tables.NAMESPACES,
    fields=types.MappingProxyType({"metadata.name": "", "status.phase": ""}),
    singular="namespace",
)
NODES = Resource(
    "nodes",
    "Node",
    namespaced=False,
    verbs=_READING,
    short_names=("no",),
    layout=tables.NODES,
    fields=types.MappingProxyType({"metadata.name": "", "spec.unschedulable": ""}),
    singular="node",
)

ALL = (EVENTS, NAMESPACES, NODES, PODS)
"""In the order of discovery."""
