"""Request bodies: JSON or YAML, of the kind that the URL is about."""

import json
from typing import Any

import yaml
from aiohttp import web

from repro.kube.objects import Json
from repro.kube.protobuf import CONTENT_TYPE, decode_metadata
from repro.kube.resources import NAMESPACES, Resource
from repro.kube.status import ApiError, bad_request, unsupported_media_type

_SHOWN = 22
"""Bytes of a body that an error shows."""


async def any_body(request: web.Request) -> Any:  # noqa: ANN401 - any JSON
    """Give the JSON or YAML value in a body; None where there is no body.

    Raises:
        ApiError: 400, it is neither; 415, it says that it is something else.
    """
    data = await request.read()
    if not data.strip():
        return None
    kind = request.content_type
    if kind not in {"application/json", "application/octet-stream"} and not kind.endswith(("+json", "yaml")):
        raise unsupported_media_type()
    try:
        return yaml.safe_load(data) if kind.endswith("yaml") else json.loads(data)
    except (ValueError, yaml.YAMLError) as error:
        shown = json.dumps(data[:_SHOWN].decode(errors="replace"))[1:-1]
        raise bad_request(f"couldn't get version/kind; json parse error: {error} ({shown} ...)") from None


async def options_of(request: web.Request) -> Json:
    """Give the options in the body of a DELETE; empty where there is none."""
    value = await any_body(request)
    return value if isinstance(value, dict) else {}


async def _namespace_of(request: web.Request) -> Json:
    """Give the namespace in a protobuf body: it is all metadata."""
    try:
        return decode_metadata(await request.read())
    except ValueError as error:
        raise bad_request(f"couldn't get version/kind; protobuf parse error: {error}") from None


async def object_of(request: web.Request, resource: Resource) -> Json:
    """Give the object in a body, which must be of the resource's kind, or not say any.

    Raises:
        ApiError: 400, it is of another kind, or no object.
    """
    protobuf = request.content_type == CONTENT_TYPE and resource is NAMESPACES
    try:
        value = await (_namespace_of(request) if protobuf else any_body(request))
    except ApiError as error:
        if error.reason != "BadRequest":
            raise
        raise bad_request(
            f"the object provided is unrecognized (must be of type {resource.kind}): {error}"
        ) from None
    if not isinstance(value, dict):
        raise bad_request(
            f"the object provided is unrecognized (must be of type {resource.kind}): couldn't get version/kind"
        )
    kind, version = value.get("kind") or resource.kind, value.get("apiVersion") or "v1"
    if (kind, version) != (resource.kind, "v1"):
        raise bad_request(
            f'{kind} in version "{version}" cannot be handled as a {resource.kind}: no kind "{kind}" is registered '
            f'for version "{version}" in scheme "pkg/api/legacyscheme/scheme.go:30"'
        )
    return {"kind": kind, "apiVersion": version, **value}
