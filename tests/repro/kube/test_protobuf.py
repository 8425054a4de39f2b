"""Namespaces in protobuf."""

import pytest

from repro.kube.protobuf import MAGIC, decode_metadata

_TYPE = b"\x0a\x0f\x0a\x02v1\x12\x09Namespace"
_LABEL = b"\x5a\x06\x0a\x01a\x12\x01b"
_META = b"\x0a\x04mine" + b"\x38\x05" + _LABEL
_BODY = MAGIC + _TYPE + b"\x12" + bytes([len(_META) + 2]) + b"\x0a" + bytes([len(_META)]) + _META


def test_a_namespace_is_read() -> None:
    """Type, name and labels are found; numbers are skipped."""
    expected = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "mine", "labels": {"a": "b"}}}
    assert decode_metadata(_BODY) == expected


@pytest.mark.parametrize(
    "body", [b"", b"{}", _BODY[:-1], MAGIC + b"\x0d", MAGIC + b"\x80", MAGIC + b"\x0a\x7f"]
)
def test_what_is_none_is_refused(body: bytes) -> None:
    """What is cut off or something else is no namespace."""
    with pytest.raises(ValueError, match=r"cut off|envelope|type"):
        decode_metadata(body)
