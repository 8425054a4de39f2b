"""Watches: a stream of changes, an event a line."""

import asyncio
from collections.abc import AsyncIterator

from repro.kube import params
from repro.kube.listing import selection, version_asked
from repro.kube.objects import Json
from repro.kube.resources import Resource
from repro.kube.selection import Test
from repro.kube.status import expired
from repro.kube.store import Change, Store

BOOKMARK_EVERY = 60.0
"""Seconds between bookmarks, as the server's watch cache sends them."""

LONGEST = 3600.0
"""Seconds that a watch lasts where the client sets no time; the server picks one between 30 and 60 minutes."""

INITIAL_EVENTS_END = {"annotations": {"k8s.io/initial-events-end": "true"}}


async def events(
    store: Store, resource: Resource, namespace: str | None, query: params.Query
) -> AsyncIterator[tuple[str, Json]]:
    """Give (type, object) for each event of a watch request, until its time is over.

    An object that begins or ceases to match the selectors is ADDED or DELETED, whatever happened to it.
    """
    test = _within(namespace, selection(resource, query))
    position = version_asked(store, query)
    bookmarks = params.boolean(query, "allowWatchBookmarks")
    loop = asyncio.get_running_loop()
    deadline = loop.time() + (params.integer(query, "timeoutSeconds") or LONGEST)
    if not position:
        position = store.version
        for value in store.all(resource.plural):
            if test(value):
                yield "ADDED", value
        if params.boolean(query, "sendInitialEvents") and bookmarks:
            yield "BOOKMARK", _bookmark(resource, position, INITIAL_EVENTS_END)
    elif position < store.forgotten(resource.plural):
        message = f"too old resource version: {position} ({store.forgotten(resource.plural)})"
        yield "ERROR", expired(message).status
        return
    while True:
        for change in store.changes(resource.plural, position):
            position = change.version
            kind = _as_seen(change, test)
            if kind is not None:
                yield kind, change.object
        if not await _next(store, resource, min(deadline, loop.time() + BOOKMARK_EVERY)):
            if loop.time() >= deadline:
                return
            if bookmarks:
                yield "BOOKMARK", _bookmark(resource, store.version)
        if position < store.forgotten(resource.plural):
            yield "ERROR", expired("too old resource version").status
            return


async def _next(store: Store, resource: Resource, until: float) -> bool:
    """Wait for a change; False where none came in time."""
    try:
        async with asyncio.timeout_at(until):
            await store.changed(resource.plural)
    except TimeoutError:
        return False
    return True


def _within(namespace: str | None, test: Test) -> Test:
    if namespace is None:
        return test
    return lambda value: value["metadata"].get("namespace") == namespace and test(value)


def _as_seen(change: Change, test: Test) -> str | None:
    """Give the event's type for a watcher with this selection, or None where it sees nothing of it."""
    before = change.previous is not None and test(change.previous)
    after = change.type != "DELETED" and test(change.object)
    if after:
        return "MODIFIED" if before else "ADDED"
    return "DELETED" if before else None


def _bookmark(resource: Resource, version: int, more: Json | None = None) -> Json:
    meta = {"resourceVersion": str(version), "creationTimestamp": None, **(more or {})}
    return {"kind": resource.kind, "apiVersion": "v1", "metadata": meta}
