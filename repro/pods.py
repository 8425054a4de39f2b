"""The pods of a run: made through the Kubernetes API, waited for, and removed again.

The same code serves the embedded API and a real cluster. Every pod carries the label `hotloop/run`, by which
it is found again and removed.
"""

import contextlib
import uuid
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec

from diag.errors import HotloopError
from repro.kube.kinds import KINDS, Kind, manifest

RUN_LABEL = "hotloop/run"

CONTAINERS = {"containers", "initContainers"}

Spec = dict[str, Any]


def merge(spec: Spec, overlay: Mapping[str, Any]) -> Spec:
    """Merge a pod spec's overlay over it, as `--pod-spec` gives it.

    Maps are merged key by key, as RFC 7386 (JSON merge patch) says; null removes a key. Of `containers` and `initContainers` each item is merged over the
    container of its name, or over all where it has no name; `image: X` is short for that image in every container.
    Any other list or value replaces the one below.

    Raises:
        HotloopError: an item names a container that the pod does not have.
    """
    spec = dict(spec)
    overlay = dict(overlay)
    if image := overlay.pop("image", None):
        for containers in CONTAINERS & spec.keys():
            spec[containers] = [{**container, "image": image} for container in spec[containers]]
    for containers in CONTAINERS & overlay.keys():
        items = overlay.pop(containers)
        if containers in spec:
            spec[containers] = _merge_containers(spec[containers], items)
    return _merge_maps(spec, overlay)


def _merge_maps(below: Spec, above: Mapping[str, Any]) -> Spec:
    """Merge as RFC 7386 (JSON merge patch) does."""
    merged = dict(below)
    for key, value in above.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            merged[key] = _merge_maps(merged[key] if isinstance(merged.get(key), dict) else {}, value)
        else:
            merged[key] = value
    return merged


def _merge_containers(containers: list[Spec], items: list[Mapping[str, Any]]) -> list[Spec]:
    """Merge each item over the container of its name, or over all where it has none."""
    names = [container["name"] for container in containers]
    for item in items:
        if "name" in item and item["name"] not in names:
            raise HotloopError(
                f"--pod-spec names the container {item['name']!r}, but the pod has {', '.join(names)}:"
                " leave the name out to mean every container"
            )
        containers = [
            _merge_maps(container, item)
            if item.get("name", container["name"]) == container["name"]
            else container
            for container in containers
        ]
    return containers


def overlaid(kind: Kind, spec: Spec, overlay: Mapping[str, Any]) -> Spec:
    """Merge an overlay over a kind's spec, and leave it what makes it that kind: no node, or no image to be had."""
    merged = merge(spec, overlay)
    if kind.node_selector:
        merged.pop("nodeName", None)
    if kind.image:
        merged = merge(merged, {"image": kind.image})
    return merged


def read_pod_spec(path: Path) -> Spec:
    """Read the YAML of `--pod-spec`.

    Raises:
        HotloopError: it is no YAML, or no map of a pod spec's fields.
    """
    import yaml

    try:
        spec = yaml.safe_load(path.read_bytes())
    except (yaml.YAMLError, ValueError) as error:
        raise HotloopError(f"{path} is no YAML: {' '.join(str(error).split())}") from None
    spec = spec.get("spec", spec) if isinstance(spec, dict) else spec
    if not isinstance(spec, dict):
        raise HotloopError(f"{path} has to hold the fields of a pod spec, such as `nodeName: node-1`")
    for containers in CONTAINERS & spec.keys():
        items = spec[containers]
        if not (isinstance(items, list) and all(isinstance(item, dict) for item in items)):
            raise HotloopError(f"{path}: {containers} has to be a list of maps, such as `- image: busybox:1`")
    return dict(spec)


def check_overlay(kinds: Iterable[str], overlay: Mapping[str, Any]) -> None:
    """Check, before anything is run, that an overlay leaves pods of these kinds what a cluster can take.

    Raises:
        HotloopError: it does not; the text names the field.
    """
    from kubernetes.client import V1PodSpec
    from pydantic import ValidationError

    for kind in kinds:
        try:
            V1PodSpec.model_validate(overlaid(KINDS[kind], manifest(kind, kind)["spec"], overlay))
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"]))
            raise HotloopError(f"--pod-spec makes no {kind} pod: {field}: {first['msg']}") from None


class NotThereError(HotloopError):
    """The API knows no object of that name."""


class Pods:
    """The pods of one run, in one namespace of one cluster.

    Args:
        kubeconfig: file that says where the cluster is.
        namespace: where the pods are made.
        overlay: merged over each pod's spec; see `merge`.
    """

    def __init__(self, kubeconfig: Path, *, namespace: str, overlay: Mapping[str, Any] | None = None) -> None:
        from kubernetes import client, config

        from repro.kubeconfig import reading

        with reading(kubeconfig):
            loaded = config.new_client_from_config(str(kubeconfig))  # type: ignore[no-untyped-call] # the client leaves it unannotated
            self._api = client.CoreV1Api(loaded)
        self.namespace = namespace
        self.overlay = dict(overlay or {})
        self.run = uuid.uuid4().hex[:8]
        self.names: list[str] = []

    def version(self) -> str:
        """Ask the cluster for its version, and so whether it is there.

        Raises:
            HotloopError: it does not answer, or does not let us in.
        """
        from kubernetes import client

        return str(self._call(client.VersionApi(self._api.api_client).get_code).git_version)

    @property
    def address(self) -> str:
        """The API server's URL."""
        return str(self._api.api_client.configuration.host)

    def make(self, kind: str) -> str:
        """Make a pod of a kind; answer its name."""
        name = f"hotloop-{self.run}-{kind}"
        pod = manifest(kind, name, namespace=self.namespace, labels={RUN_LABEL: self.run})
        pod["spec"] = overlaid(KINDS[kind], pod["spec"], self.overlay)
        self.names.append(name)
        self._call(self._api.create_namespaced_pod, self.namespace, pod)
        return name

    def status(self, name: str) -> dict[str, Any]:
        """Read a pod's status."""
        status: dict[str, Any] = self._read(name).get("status", {})
        return status

    def spec(self, name: str) -> Spec:
        """Read a pod's spec."""
        spec: Spec = self._read(name)["spec"]
        return spec

    def log(self, name: str) -> bytes:
        """Read a pod's log as it is now; of its first container, where it has several."""
        container = self.spec(name)["containers"][0]["name"]
        answer = self._call(
            self._api.read_namespaced_pod_log,
            name,
            self.namespace,
            container=container,
            _preload_content=False,
        )
        return bytes(answer.data)

    def remove(self) -> None:
        """Remove every pod of the run; one that is gone already does not matter."""
        for name in self.names:
            with contextlib.suppress(NotThereError):
                self._call(self._api.delete_namespaced_pod, name, self.namespace, grace_period_seconds=1)

    def left(self) -> list[str]:
        """Name the pods of this run that are still there."""
        return self.labelled(f"{RUN_LABEL}={self.run}")

    def labelled(self, selector: str = RUN_LABEL) -> list[str]:
        """Name the pods that a label selector picks; those of any run if it is not said."""
        answer = self._call(
            self._api.list_namespaced_pod, self.namespace, label_selector=selector, _preload_content=False
        )
        return [pod["metadata"]["name"] for pod in msgspec.json.decode(answer.data)["items"]]

    def _read(self, name: str) -> dict[str, Any]:
        answer = self._call(self._api.read_namespaced_pod, name, self.namespace, _preload_content=False)
        pod: dict[str, Any] = msgspec.json.decode(answer.data)
        return pod

    def _call(self, function: Callable[..., Any], *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - the client's own
        """Call the API; its refusals and its absence become sentences."""
        from kubernetes.client.exceptions import ApiException
        from urllib3.exceptions import HTTPError

        try:
            return function(*arguments, _request_timeout=10, **options)
        except ApiException as error:
            failure = NotThereError if error.status == HTTPStatus.NOT_FOUND else HotloopError
            raise failure(f"the Kubernetes API at {self.address} refused: {_message(error.body)}") from None
        except HTTPError as error:
            reason = (
                getattr(error, "reason", None) or error
            )  # of the last try; the whole is a page of repetition
            raise HotloopError(
                f"the Kubernetes API at {self.address} cannot be used, is it up? ({reason})"
            ) from None


def _message(body: str | bytes | None) -> str:
    """Take the message out of a Status object."""
    try:
        return str(msgspec.json.decode(body or b"{}")["message"])
    except (msgspec.DecodeError, KeyError, TypeError):
        return str(body)


def reached(kind: Kind, status: Mapping[str, Any]) -> bool:
    """Say whether a pod is in the state that its kind is about: running, finished, or stuck in its own way."""
    waiting = {
        reason for container in status.get("containerStatuses", [])
        if (reason := container.get("state", {}).get("waiting", {}).get("reason"))
    }  # fmt: skip
    if kind.node_selector:
        return True
    if kind.image:
        return bool(waiting & {"ErrImagePull", "ImagePullBackOff"})
    if kind.name == "crash-looping":
        return "CrashLoopBackOff" in waiting
    if kind.restart_policy == "Always" or kind.name in {"finishing", "several-containers"}:
        return status.get("phase") == "Running"
    return finished(status)


def finished(status: Mapping[str, Any]) -> bool:
    """Say whether every container of a pod has ended for good."""
    return status.get("phase") in {"Succeeded", "Failed"}


def describe(status: Mapping[str, Any]) -> str:
    """Say in a few words what state a pod is in."""
    reasons = [
        reason
        for container in status.get("containerStatuses", [])
        for state in container.get("state", {}).values()
        if (reason := state.get("reason"))
    ]
    return " ".join([str(status.get("phase", "unknown")), *(f"({reason})" for reason in reasons)])
