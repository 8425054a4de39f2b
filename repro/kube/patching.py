"""Patches: JSON patch, merge patch, strategic merge patch, and apply."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from repro.kube.objects import Json
from repro.kube.status import ApiError, bad_request

_MERGE_KEYS = {
    "containers": "name",
    "initContainers": "name",
    "ephemeralContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "ports": "containerPort",
    "imagePullSecrets": "name",
    "hostAliases": "ip",
    "conditions": "type",
    "ownerReferences": "uid",
    "topologySpreadConstraints": "topologyKey",
}
"""Lists of a pod that a strategic merge patch merges by a key; all other lists are replaced."""

_DIRECTIVES = ("$setElementOrder/", "$deleteFromPrimitiveList/", "$retainKeys")


def merge(target: Json, patch: Mapping[str, Any]) -> Json:
    """Apply a JSON merge patch (RFC 7386)."""
    result = dict(target)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            before = result.get(key)
            result[key] = merge(before if isinstance(before, dict) else {}, value)
        else:
            result[key] = value
    return result


def strategic_merge(target: Json, patch: Mapping[str, Any]) -> Json:
    """Apply a strategic merge patch: as a merge patch, but some lists are merged by a key of their elements."""
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    result = dict(target)
    for key, value in patch.items():
        if key.startswith(_DIRECTIVES) or key == "$patch":
            continue
        before = result.get(key)
        if value is None or (isinstance(value, dict) and value.get("$patch") == "delete"):
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = strategic_merge(before if isinstance(before, dict) else {}, value)
        elif isinstance(value, list) and key in _MERGE_KEYS:
            result[key] = _merge_list(before or [], value, _MERGE_KEYS[key])
        else:
            result[key] = value
    return result


def _merge_list(target: Sequence[Json], patch: Sequence[Json], by: str) -> list[Json]:
    if not all(isinstance(element, dict) for element in patch):
        raise bad_request(f"cannot merge into a list by {by}: an element of the patch is no object")
    if any(element.get("$patch") == "replace" for element in patch):
        return [element for element in patch if "$patch" not in element]
    merged = {element.get(by): element for element in target}
    for element in patch:
        if element.get("$patch") == "delete":
            merged.pop(element.get(by), None)
        else:
            merged[element.get(by)] = strategic_merge(merged.get(element.get(by), {}), element)
    return list(merged.values())


def json_patch(target: Json, operations: Sequence[Mapping[str, Any]]) -> Json:
    """Apply a JSON patch (RFC 6902).

    Raises:
        ApiError: 400 for one that is none, 422 for one that does not fit the object.
    """
    document: Any = copy.deepcopy(target)
    for operation in operations:
        try:
            _operate(document, operation)
        except (KeyError, IndexError, TypeError, ValueError):
            message = "the server rejected our request due to an error in our request"
            raise ApiError(422, message, reason="Invalid", details={}) from None
    if not isinstance(document, dict):
        raise bad_request("the patch makes no object")
    return document


def _operate(document: Any, operation: Mapping[str, Any]) -> None:  # noqa: ANN401 - any JSON
    name, path = operation["op"], operation["path"]
    parent, key = _place(document, path)
    match name:
        case "add":
            _put(parent, key, operation["value"], insert=True)
        case "replace":
            _at(parent, key)
            _put(parent, key, operation["value"], insert=False)
        case "remove":
            _take(parent, key)
        case "test":
            if _at(parent, key) != operation["value"]:
                raise ValueError(path)
        case "move":
            source, source_key = _place(document, operation["from"])
            _put(parent, key, _take(source, source_key), insert=True)
        case "copy":
            _put(parent, key, copy.deepcopy(_at(*_place(document, operation["from"]))), insert=True)
        case _:
            raise ValueError(name)


def _place(document: Any, path: str) -> tuple[Any, str]:  # noqa: ANN401 - any JSON
    """Give the object or list that a path ends in, and the last step."""
    if not path.startswith("/"):
        raise ValueError(path)
    *steps, last = (step.replace("~1", "/").replace("~0", "~") for step in path[1:].split("/"))
    for step in steps:
        document = _at(document, step)
    return document, last


def _at(parent: Any, key: str) -> Any:  # noqa: ANN401 - any JSON
    return parent[int(key)] if isinstance(parent, list) else parent[key]


def _put(parent: Any, key: str, value: Any, *, insert: bool) -> None:  # noqa: ANN401 - any JSON
    if not isinstance(parent, list):
        parent[key] = value
    elif not insert:
        parent[int(key)] = value
    else:
        parent.insert(len(parent) if key == "-" else int(key), value)


def _take(parent: Any, key: str) -> Any:  # noqa: ANN401 - any JSON
    return parent.pop(int(key) if isinstance(parent, list) else key)
