"""Kubernetes objects as plain JSON values, and how the API server writes them."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = dict[str, Any]
"""One object, or a part of one, as it is on the wire."""

_GO_ESCAPES = ((b"<", b"\\u003c"), (b">", b"\\u003e"), (b"&", b"\\u0026"))
"""Go's JSON encoder escapes these; they only ever stand inside strings."""


def encode(value: object) -> bytes:
    """Give the compact form that API clients get: Go's escapes, a newline at the end."""
    data = msgspec.json.encode(value)
    for plain, escaped in _GO_ESCAPES:
        data = data.replace(plain, escaped)
    return data + b"\n"


def encode_pretty(value: object) -> bytes:
    """Give the indented form that curl and browsers get; it has no newline at the end."""
    return msgspec.json.format(encode(value).rstrip(), indent=2)


def timestamp(seconds: float) -> str:
    """Give a moment (seconds since 1970) as in object metadata: RFC 3339, UTC, whole seconds."""
    return datetime.fromtimestamp(math.floor(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def log_timestamp(nanoseconds: int) -> str:
    """Give a moment (ns since 1970) as before a log line: RFC 3339 with always nine digits."""
    seconds, fraction = divmod(nanoseconds, 1_000_000_000)
    return f"{timestamp(seconds)[:-1]}.{fraction:09d}Z"


def metadata(value: Mapping[str, Any]) -> Json:
    """Give an object's metadata, empty where it has none."""
    found: Json = value.get("metadata") or {}
    return found


def key_of(value: Mapping[str, Any]) -> tuple[str, str]:
    """Give the namespace (empty for a cluster-wide object) and name of an object."""
    meta = metadata(value)
    return meta.get("namespace", ""), meta["name"]


def labels_of(value: Mapping[str, Any]) -> dict[str, str]:
    """Give an object's labels."""
    return metadata(value).get("labels") or {}


def annotations_of(value: Mapping[str, Any]) -> dict[str, str]:
    """Give an object's annotations."""
    return metadata(value).get("annotations") or {}
