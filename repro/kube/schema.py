"""The fields of pods and namespaces and their types: what the server knows, and what it says of anything else."""

import functools
import importlib.resources
from typing import Any

import msgspec

from repro.kube.objects import Json
from repro.kube.status import bad_request

_GO_TYPES = {"string": "string", "integer": "int32", "boolean": "bool", "number": "float64"}
_ACCEPTED: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "number": (int, float),
}
_QUANTITIES = {"limits", "requests", "sizeLimit", "divisor", "capacity", "allocatedResources"}
"""Amounts such as `100m`, which may also be given as bare numbers."""


@functools.cache
def _types() -> dict[str, dict[str, Any]]:
    data = (importlib.resources.files("repro.kube") / "pod_schema.json").read_bytes()
    types: dict[str, dict[str, Any]] = msgspec.json.decode(data)
    return types


class Checked(msgspec.Struct, frozen=True):
    """An object without the fields that the server does not know."""

    value: Json
    unknown: list[str]
    """Their paths, such as `spec.containers[0].foo`."""


def check_fields(value: Json, kind: str) -> Checked:
    """Check an object against the fields of its kind.

    Raises:
        ApiError: 400, a value is of the wrong type.
    """
    walk = _Walk(kind)
    return Checked(walk.struct(value, kind, "", ""), walk.unknown)


class _Walk:
    """One way through one object."""

    def __init__(self, kind: str) -> None:
        self.unknown: list[str] = []
        self._kind = kind

    def struct(self, value: Json, name: str, path: str, dotted: str) -> Json:
        """Check the fields of a type; `dotted` is the path without numbers, as Go's errors have it."""
        fields, kept = _types()[name], {}
        for key, part in value.items():
            inner, go_path = f"{path}.{key}".lstrip("."), f"{dotted}.{key}".lstrip(".")
            if key not in fields:
                self.unknown.append(inner)
            elif key in _QUANTITIES:
                kept[key] = part
            else:
                kept[key] = self._value(part, fields[key], inner, go_path, name)
        return kept

    def _value(self, value: Any, shape: Any, path: str, dotted: str, owner: str) -> Any:  # noqa: ANN401 - JSON
        match shape:
            case _ if value is None or shape == "any":
                return value
            case ["list", inner] if isinstance(value, list):
                # As in Go, a null in a list of structs is one without fields.
                elements = [{} if v is None and inner in _types() else v for v in value]
                return [self._value(v, inner, f"{path}[{n}]", dotted, owner) for n, v in enumerate(elements)]
            case ["map", inner] if isinstance(value, dict):
                return {k: self._value(v, inner, f"{path}.{k}", dotted, owner) for k, v in value.items()}
            case str() if shape in _ACCEPTED:
                if _is_a(value, shape):
                    return value
            case str() if isinstance(value, dict):
                return self.struct(value, shape, path, dotted)
        raise bad_request(
            f'{self._kind} in version "v1" cannot be handled as a {self._kind}: json: cannot unmarshal '
            f"{_json_type(value)} into Go struct field {owner}.{dotted} of type {_go_type(shape)}"
        )


def _is_a(value: object, shape: str) -> bool:
    return isinstance(value, _ACCEPTED[shape]) and (shape == "boolean" or not isinstance(value, bool))


def _json_type(value: object) -> str:
    match value:
        case bool():
            return "bool"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
    return "object"


def _go_type(shape: Any) -> str:  # noqa: ANN401 - a shape
    match shape:
        case ["list", inner]:
            return f"[]{_go_type(inner)}"
        case ["map", inner]:
            return f"map[string]{_go_type(inner)}"
    return _GO_TYPES.get(shape, f"v1.{shape}")
