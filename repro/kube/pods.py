"""What the API server makes of a pod that is created: its defaults and its checks."""

import math
import re
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from repro.kube import status
from repro.kube.faults import FAULT_ANNOTATION, NAMES, parse_faults
from repro.kube.kinds import KIND_LABEL
from repro.kube.objects import Json, annotations_of, labels_of, metadata, timestamp
from repro.kube.script import BACK_OFF_ANNOTATION, KNOBS, Script
from repro.kube.status import FieldError

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")

_SUBDOMAIN_RULE = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start "
    "and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_RULE = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end "
    "with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_SUBDOMAIN_LENGTH = 253
_LABEL_LENGTH = 63

RESTART_POLICIES = ("Always", "OnFailure", "Never")


def _toleration(key: str) -> Json:
    return {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}


TOLERATIONS = [_toleration("node.kubernetes.io/not-ready"), _toleration("node.kubernetes.io/unreachable")]
"""What every pod tolerates for five minutes."""


def containers_of(pod: Json) -> list[Json]:
    """Give the specifications of the regular containers."""
    return pod.get("spec", {}).get("containers") or []


def init_containers_of(pod: Json) -> list[Json]:
    """Give the specifications of the init containers."""
    return pod.get("spec", {}).get("initContainers") or []


def with_defaults(pod: Json) -> Json:
    """Give the pod with every field that the API server fills in; its status begins as Pending."""
    spec = pod.get("spec") or {}
    filled = {
        **spec,
        "containers": [_container(container) for container in containers_of(pod)],
        "restartPolicy": spec.get("restartPolicy") or "Always",
        "terminationGracePeriodSeconds": _grace(spec.get("terminationGracePeriodSeconds")),
        "dnsPolicy": spec.get("dnsPolicy") or "ClusterFirst",
        "securityContext": spec.get("securityContext") or {},
        "schedulerName": spec.get("schedulerName") or "default-scheduler",
        "tolerations": _tolerations(spec.get("tolerations") or []),
        "priority": spec.get("priority", 0),
        "enableServiceLinks": spec.get("enableServiceLinks", True),
        "preemptionPolicy": spec.get("preemptionPolicy") or "PreemptLowerPriority",
    }
    if init_containers_of(pod):
        filled["initContainers"] = [_container(container) for container in init_containers_of(pod)]
    begun = {"phase": "Pending", "qosClass": _qos_class(filled)}
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": metadata(pod),
        "spec": filled,
        "status": begun,
    }


def _grace(given: int | None) -> int:
    """Give the seconds a pod's containers have to end; a negative number is taken for 1, as the server does."""
    if given is None:
        return 30
    return given if given >= 0 else 1


def _tolerations(given: list[Json]) -> list[Json]:
    """Add what every pod tolerates, where it does not say so itself."""
    keys = {toleration.get("key") for toleration in given}
    return [*given, *(toleration for toleration in TOLERATIONS if toleration["key"] not in keys)]


def _container(container: Json) -> Json:
    image = container.get("image", "")
    latest = ":" not in image.rpartition("/")[2] or image.endswith(":latest")
    filled = {
        **container,
        "resources": container.get("resources") or {},
        "terminationMessagePath": container.get("terminationMessagePath") or "/dev/termination-log",
        "terminationMessagePolicy": container.get("terminationMessagePolicy") or "File",
        "imagePullPolicy": container.get("imagePullPolicy") or ("Always" if latest else "IfNotPresent"),
    }
    if container.get("ports"):
        filled["ports"] = [{**port, "protocol": port.get("protocol", "TCP")} for port in container["ports"]]
    return filled


def _qos_class(spec: Json) -> str:
    """Give the quality of service: Guaranteed where all limits are set and requested, BestEffort without any."""
    everything = [*spec["containers"], *spec.get("initContainers", [])]
    resources = [container["resources"] for container in everything]
    if not any(part.get("limits") or part.get("requests") for part in resources):
        return "BestEffort"
    guaranteed = all(
        {"cpu", "memory"} <= set(part.get("limits") or {})
        and (part.get("requests") or part["limits"]) == part["limits"]
        for part in resources
    )
    return "Guaranteed" if guaranteed else "Burstable"


def leaving(pod: Json, grace: int, now: float) -> Json:
    """Give a pod as it is once its deletion is asked for; a longer grace than before changes nothing.

    Args:
        pod: as it is.
        grace: seconds its containers have.
        now: the moment, in seconds since 1970.
    """
    meta = metadata(pod)
    before = meta.get("deletionGracePeriodSeconds")
    if before is not None and before <= grace:
        return pod
    asked = now if before is None else datetime.fromisoformat(meta["deletionTimestamp"]).timestamp() - before
    times = {"deletionTimestamp": timestamp(asked + grace), "deletionGracePeriodSeconds": grace}
    return {**pod, "metadata": {**meta, **times}}


def check(pod: Json, kinds: Collection[str]) -> None:
    """Check a pod as the API server does before it stores one; `kinds` are the kinds it can be of.

    Raises:
        ApiError: 422 with a cause for each wrong field.
    """
    errors = [*name_errors(metadata(pod).get("name", "")), *_spec_errors(pod), *_own_errors(pod, kinds)]
    if errors:
        raise status.invalid("Pod", metadata(pod).get("name", ""), errors)


def name_errors(name: str) -> Iterator[FieldError]:
    """Check an object's name."""
    if not name:
        yield status.required("metadata.name", "name or generateName is required")
    elif len(name) > _SUBDOMAIN_LENGTH:
        yield status.bad_value("metadata.name", f'"{name}"', "must be no more than 253 characters")
    elif not _SUBDOMAIN.fullmatch(name):
        yield status.bad_value("metadata.name", f'"{name}"', _SUBDOMAIN_RULE)


def _spec_errors(pod: Json) -> Iterator[FieldError]:
    if not containers_of(pod):
        yield status.required("spec.containers")
    names: set[str] = set()
    for field, containers in (
        ("spec.containers", containers_of(pod)),
        ("spec.initContainers", init_containers_of(pod)),
    ):
        yield from _container_errors(field, containers, names)
    policy = pod["spec"].get("restartPolicy", "Always")
    if policy not in RESTART_POLICIES:
        yield status.unsupported("spec.restartPolicy", policy, RESTART_POLICIES)


def _container_errors(field: str, containers: Iterable[Json], names: set[str]) -> Iterator[FieldError]:
    for number, container in enumerate(containers):
        name = container.get("name", "")
        if not name:
            yield status.required(f"{field}[{number}].name")
        elif len(name) > _LABEL_LENGTH:
            yield status.bad_value(
                f"{field}[{number}].name", f'"{name}"', "must be no more than 63 characters"
            )
        elif not _LABEL.fullmatch(name):
            yield status.bad_value(f"{field}[{number}].name", f'"{name}"', _LABEL_RULE)
        elif name in names:
            yield FieldError(f"{field}[{number}].name", "FieldValueDuplicate", f'Duplicate value: "{name}"')
        names.add(name)
        if not container.get("image"):
            yield status.required(f"{field}[{number}].image")


def _own_errors(pod: Json, kinds: Collection[str]) -> Iterator[FieldError]:
    """Check what is this API's own: the kind, its knobs and faults."""
    kind = labels_of(pod).get(KIND_LABEL)
    if kind is not None and kind not in kinds:
        yield status.unsupported(f"metadata.labels[{KIND_LABEL}]", kind, sorted(kinds))
    annotations = annotations_of(pod)
    try:
        parse_faults(annotations.get(FAULT_ANNOTATION, ""))
    except ValueError as error:
        yield status.unsupported(f"metadata.annotations[{FAULT_ANNOTATION}]", str(error), NAMES)
    for name in (*(f"hotloop/{knob}" for knob in KNOBS), BACK_OFF_ANNOTATION):
        if not _is_knob(name, annotations.get(name)):
            yield status.bad_value(
                f"metadata.annotations[{name}]", f'"{annotations[name]}"', "must be a positive number"
            )


def _is_knob(name: str, value: str | None) -> bool:
    """Say whether a knob is not given, or has a value that can be played."""
    if value is None:
        return True
    try:
        if name == BACK_OFF_ANNOTATION:
            return 0 <= float(value) < math.inf
        Script(count=1).tuned({name: value})
    except ValueError:
        return False
    return True
