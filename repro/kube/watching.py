"""Watches: a stream of changes, an event a line."""

import asyncio
from collections.abc import AsyncIterator, Iterator

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

Event = tuple[str, Json]
"""Type and object."""


class Watch:
    """One watch request.

    An object that begins or ceases to match the selectors is ADDED or DELETED, whatever happened to it.
    """

    def __init__(self, store: Store, resource: Resource, namespace: str | None, query: params.Query) -> None:
        """Read the request.

        Raises:
            ApiError: a parameter cannot be read.
        """
        self._store = store
        self._resource = resource
        self._test = _within(namespace, selection(resource, query))
        self._position = version_asked(store, query) or 0
        self._bookmarks = params.boolean(query, "allowWatchBookmarks")
        self._mark_initial = self._bookmarks and params.boolean(query, "sendInitialEvents")
        self._seconds = params.integer(query, "timeoutSeconds") or LONGEST

    async def events(self) -> AsyncIterator[Event]:
        """Give the events until the watch's time is over."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._seconds
        for event in self._first():
            yield event
        while True:
            forgotten = self._store.forgotten(self._resource.plural)
            if self._position < forgotten:
                message = f"too old resource version: {self._position} ({forgotten})"
                yield "ERROR", expired(message).status
                return
            for event in self._news():
                yield event
            if self._store.changes(self._resource.plural, self._position):
                continue  # something happened while the client was slow to read
            until = min(deadline, loop.time() + BOOKMARK_EVERY)
            if await self._changed(until):
                continue
            if self._bookmarks:
                yield self._bookmark()
            if loop.time() >= deadline:
                return

    def _first(self) -> Iterator[Event]:
        """Give what is there now, to a client that has not listed it."""
        if self._position:
            return
        self._position = self._store.version
        for value in self._store.all(self._resource.plural):
            if self._test(value):
                yield "ADDED", value
        if self._mark_initial:
            yield self._bookmark({"k8s.io/initial-events-end": "true"})

    def _news(self) -> Iterator[Event]:
        for change in self._store.changes(self._resource.plural, self._position):
            self._position = change.version
            kind = _as_seen(change, self._test)
            if kind is not None:
                yield kind, change.object

    async def _changed(self, until: float) -> bool:
        """Wait for a change; False where none came in time."""
        try:
            async with asyncio.timeout_at(until):
                await self._store.changed(self._resource.plural)
        except TimeoutError:
            return False
        return True

    def _bookmark(self, annotations: Json | None = None) -> Event:
        self._position = max(self._position, self._store.version)
        meta: Json = {"resourceVersion": str(self._position), "creationTimestamp": None}
        if annotations:
            meta["annotations"] = annotations
        return "BOOKMARK", {"kind": self._resource.kind, "apiVersion": "v1", "metadata": meta}


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
