"""From what a client sends to what is stored: checks, defaults, and what an update may change."""

import random
from collections.abc import Collection
from typing import Literal

import msgspec

from repro.kube import nodes, pods, resources, status
from repro.kube.objects import Json, key_of, metadata
from repro.kube.resources import Resource
from repro.kube.schema import check_fields
from repro.kube.status import bad_request
from repro.kube.store import Store

_SUFFIX_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_SUFFIX_LENGTH = 5

_SET_BY_THE_SERVER = (
    "uid",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "namespace",
    "name",
)

_CHANGEABLE = ("activeDeadlineSeconds", "tolerations")

_UNCHANGEABLE = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)

FieldValidation = Literal["Ignore", "Warn", "Strict"]


class Admitted(msgspec.Struct, frozen=True):
    """An object as it is stored, and what the client is warned of."""

    value: Json
    warnings: list[str]


def known_fields(resource: Resource, value: Json, validation: FieldValidation) -> Admitted:
    """Leave out the fields that the server does not know.

    Raises:
        ApiError: 400, there are such and validation is strict, or a value is of the wrong type.
    """
    checked = check_fields(value, resource.kind)
    unknown = [f'unknown field "{path}"' for path in checked.unknown]
    if unknown and validation == "Strict":
        errors = ", ".join(unknown)
        kind = resource.kind
        raise bad_request(
            f'{kind} in version "v1" cannot be handled as a {kind}: strict decoding error: {errors}'
        )
    return Admitted(checked.value, unknown if validation == "Warn" else [])


def admit(store: Store, resource: Resource, value: Json, namespace: str, kinds: Collection[str]) -> Json:
    """Give a new object as it is to be stored; `kinds` are the kinds that a pod can be of.

    Raises:
        ApiError: 400, 404, 409 or 422: it cannot be.
    """
    meta = dict(metadata(value))
    for field in ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "uid"):
        meta.pop(field, None)
    if resource.namespaced:
        if meta.setdefault("namespace", namespace) != namespace:
            message = "the namespace of the provided object does not match the namespace sent on the request"
            raise bad_request(message)
        if store.get("namespaces", ("", namespace)) is None:
            raise status.not_found("namespaces", namespace)
    if meta.pop("resourceVersion", None):
        raise status.version_set()
    if not meta.get("name") and meta.get("generateName"):
        letters = random.choices(_SUFFIX_LETTERS, k=_SUFFIX_LENGTH)  # noqa: S311 - a name, no secret
        meta["name"] = meta["generateName"] + "".join(letters)
    admitted = _filled(resource, {**value, "metadata": meta}, kinds)
    if store.get(resource.plural, key_of(admitted)) is not None:
        raise status.already_exists(resource.plural, meta["name"])
    return admitted


def _filled(resource: Resource, value: Json, kinds: Collection[str]) -> Json:
    if resource is resources.PODS:
        with_spec = {**value, "spec": value.get("spec") or {}}
        pods.check(with_spec, kinds)
        return pods.with_defaults(with_spec)
    name = metadata(value).get("name", "")
    errors = list(pods.name_errors(name))
    if errors:
        raise status.invalid(resource.kind, name, errors)
    return nodes.namespace(name, metadata(value).get("labels"))


def update(resource: Resource, old: Json, new: Json, kinds: Collection[str]) -> Json:
    """Give an object as it is to be stored in the stead of `old`; `kinds` as for `admit`.

    Raises:
        ApiError: 400, 409 or 422: it cannot be.
    """
    name = metadata(old)["name"]
    asked = metadata(new)
    if asked.get("name", name) != name:
        message = f"the name of the object ({asked['name']}) does not match the name on the URL ({name})"
        raise bad_request(message)
    if asked.get("resourceVersion", metadata(old)["resourceVersion"]) != metadata(old)["resourceVersion"]:
        raise status.conflict(resource.plural, name, status.MODIFIED)
    if asked.get("uid", metadata(old)["uid"]) != metadata(old)["uid"]:
        uids = {"asked": asked["uid"], "found": metadata(old)["uid"]}
        raise status.uid_conflict(resource.plural, name, **uids)
    kept = {field: metadata(old)[field] for field in _SET_BY_THE_SERVER if field in metadata(old)}
    free = {key: part for key, part in asked.items() if key not in _SET_BY_THE_SERVER}
    updated = {**new, "metadata": {**kept, **free, "resourceVersion": metadata(old)["resourceVersion"]}}
    if "status" in old:
        updated["status"] = old["status"]
    if resource is resources.PODS:
        pods.check({**updated, "spec": updated.get("spec") or {}}, kinds)
        _check_unchanged(old, updated)
    return updated


def _check_unchanged(old: Json, new: Json) -> None:
    if _fixed_part(old) != _fixed_part(pods.with_defaults(new)):
        name = metadata(old)["name"]
        raise status.invalid("Pod", name, [status.forbidden_field("spec", _UNCHANGEABLE)])


def _fixed_part(pod: Json) -> Json:
    """Give what may not change of a pod's specification."""
    spec = {key: part for key, part in pod["spec"].items() if key not in _CHANGEABLE}
    for field in ("containers", "initContainers"):
        if field in spec:
            spec[field] = [
                {key: part for key, part in container.items() if key not in {"image", "imagePullPolicy"}}
                for container in spec[field]
            ]
    return spec
