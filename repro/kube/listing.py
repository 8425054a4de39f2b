"""Lists: which objects, in which order, a page at a time."""

import base64
import binascii
from collections.abc import Sequence

import msgspec

from repro.kube import params, status
from repro.kube.objects import Json, key_of
from repro.kube.resources import Resource
from repro.kube.selection import Test, field_test, label_test
from repro.kube.store import Store


class Page(msgspec.Struct, frozen=True):
    """A part of a list, with the list's metadata."""

    items: Sequence[Json]
    metadata: Json


class _Token(msgspec.Struct, frozen=True):
    """Where the next page begins; its text is opaque to clients."""

    v: str
    rv: int
    start: tuple[str, str]


def selection(resource: Resource, query: params.Query) -> Test:
    """Give the test that `labelSelector` and `fieldSelector` ask for."""
    by_label = label_test(query.get("labelSelector", ""))
    by_field = field_test(query.get("fieldSelector", ""), resource.fields)
    return lambda value: by_label(value) and by_field(value)


def version_asked(store: Store, query: params.Query) -> int | None:
    """Give the resourceVersion of a request, or None where it is not given.

    Raises:
        ApiError: 500 for one that is no number, 504 for one that is yet to come.
    """
    text = query.get("resourceVersion", "")
    if not text:
        return None
    if not text.isdecimal():
        raise status.bad_version(text)
    if int(text) > store.version:
        raise status.too_large_version(int(text), store.version)
    return int(text)


def page(store: Store, resource: Resource, namespace: str | None, query: params.Query) -> Page:
    """Give the objects that a list request asks for."""
    version_asked(store, query)
    test = selection(resource, query)
    limit = max(params.integer(query, "limit") or 0, 0)
    token = _read_token(query.get("continue", ""))
    items = [value for value in store.all(resource.plural, namespace) if test(value)]
    if token is not None:
        items = [value for value in items if key_of(value) > token.start]
    version = store.version if token is None else token.rv
    meta: Json = {"resourceVersion": str(version)}
    if limit and len(items) > limit:
        meta["continue"] = _write_token(_Token("hotloop/v1", version, key_of(items[limit - 1])))
        if not query.get("labelSelector") and not query.get("fieldSelector"):
            meta["remainingItemCount"] = len(items) - limit
        items = items[:limit]
    return Page(items, meta)


def _write_token(token: _Token) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(token)).decode().rstrip("=")


def _read_token(text: str) -> _Token | None:
    if not text:
        return None
    try:
        return msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=_Token)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise status.bad_request("invalid continue token: continue key is not valid") from None
