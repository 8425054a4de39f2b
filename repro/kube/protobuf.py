"""The little of protobuf that is needed: the metadata of an object that `kubectl create namespace` sends.

Since 1.32 `kubectl` sends built-in objects in Kubernetes' protobuf envelope: four bytes of magic, then a message
`Unknown` with the object's type (field 1) and the object itself (field 2), whose metadata is field 1.
"""

from collections.abc import Iterator

from repro.kube.objects import Json

MAGIC = b"k8s\x00"
"""How the envelope begins."""

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"

_VARINT, _BYTES = 0, 2


def decode_metadata(data: bytes) -> Json:
    """Give apiVersion, kind and metadata (name, generateName, namespace, labels, annotations) of an object.

    Raises:
        ValueError: it is no such envelope.
    """
    if not data.startswith(MAGIC):
        raise ValueError("no Kubernetes envelope")
    envelope = dict(_fields(data[len(MAGIC) :]))
    kind = dict(_fields(envelope.get(1, b"")))
    meta: Json = {}
    for number, value in _fields(dict(_fields(envelope.get(2, b""))).get(1, b"")):
        match number:
            case 1 | 2 | 3 if value:
                meta[("name", "generateName", "namespace")[number - 1]] = value.decode()
            case 11 | 12:
                entry = dict(_fields(value))
                map_name = "labels" if number == 11 else "annotations"  # noqa: PLR2004 - a field's number
                meta.setdefault(map_name, {})[entry.get(1, b"").decode()] = entry.get(2, b"").decode()
    return {"apiVersion": kind.get(1, b"").decode(), "kind": kind.get(2, b"").decode(), "metadata": meta}


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give number and content of each field with a length; numbers are skipped."""
    position = 0
    while position < len(data):
        key, position = _varint(data, position)
        if key & 7 == _VARINT:
            _, position = _varint(data, position)
        elif key & 7 == _BYTES:
            size, position = _varint(data, position)
            if position + size > len(data):
                raise ValueError("a field is cut off")
            yield key >> 3, data[position : position + size]
            position += size
        else:
            raise ValueError(f"a field of type {key & 7}")


def _varint(data: bytes, position: int) -> tuple[int, int]:
    """Read a number of variable length; give it and the position after it."""
    value = shift = 0
    while position < len(data):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:  # noqa: PLR2004 - the bit that says there is more
            return value, position
    raise ValueError("a number is cut off")
