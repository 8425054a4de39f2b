"""Where `pod_schema.json` comes from: the models of the official client.

`python -m repro.kube.schema_source > repro/kube/pod_schema.json` writes it anew. It is kept as a file because the
client takes a second to import, and the API needs only this much of it.
"""

import datetime as dt
import sys
import types
import typing
from typing import Any, TypeAlias

import msgspec
from kubernetes.client import models
from pydantic import BaseModel

Shape: TypeAlias = str | list[Any]
"""A field's type: `string`, `integer`, `number`, `boolean`, `any`, the name of a type, or `["list", shape]`,
`["map", shape]`."""

_PLAIN = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    dt.datetime: "string",
    bytes: "string",
}


def derive() -> dict[str, dict[str, Shape]]:
    """Give the fields of pods, namespaces and all types within, by the types' names."""
    found: dict[str, dict[str, Shape]] = {}
    waiting: list[type[BaseModel]] = [models.V1Pod, models.V1Namespace]
    while waiting:
        model = waiting.pop()
        if _name(model) in found:
            continue
        fields: dict[str, Shape] = {}
        found[_name(model)] = fields
        for name, field in model.model_fields.items():
            fields[field.serialization_alias or name] = _shape(field.annotation, waiting)
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def _name(model: type[BaseModel]) -> str:
    return model.__name__.removeprefix("V1")


def _shape(annotation: Any, waiting: list[type[BaseModel]]) -> Shape:  # noqa: ANN401 - any annotation
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _shape(arguments[0], waiting)
    if origin in {typing.Union, types.UnionType}:
        inner = [argument for argument in arguments if argument is not types.NoneType]
        return _shape(inner[0], waiting) if len(inner) == 1 else "any"
    if origin is list:
        return ["list", _shape(arguments[0], waiting)]
    if origin is dict:
        return ["map", _shape(arguments[1], waiting)]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        waiting.append(annotation)
        return _name(annotation)
    return _PLAIN.get(annotation, "any")


if __name__ == "__main__":
    text = msgspec.json.format(msgspec.json.encode(derive()), indent=1)
    sys.stdout.write(text.decode() + "\n")
