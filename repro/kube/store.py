"""The objects: kept by resource, versioned as a whole, watched in order.

An object in the store is never changed in place: a write puts a new value in its stead, so a watcher can hold
on to what it was given.
"""

import asyncio
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import Literal, NamedTuple

from repro.kube.objects import Json, key_of, metadata, timestamp

HISTORY = 4096
"""Changes kept per resource for watches that begin in the past; an older version is answered "Expired"."""

Key = tuple[str, str]
"""Namespace (empty for cluster-wide objects) and name."""


class Change(NamedTuple):
    """One write, as a watcher sees it."""

    version: int
    type: Literal["ADDED", "MODIFIED", "DELETED"]
    object: Json
    previous: Json | None


class _Collection:
    """The objects of one resource, their latest changes, and who waits for the next."""

    def __init__(self, history: int) -> None:
        self.kept = history
        self.objects: dict[Key, Json] = {}
        self.history: deque[Change] = deque()
        self.forgotten = 0
        self.waiters: set[asyncio.Future[None]] = set()
        self.listeners: list[Callable[[Change], None]] = []

    def record(self, change: Change) -> None:
        self.history.append(change)
        if len(self.history) > self.kept:
            self.forgotten = self.history.popleft().version
        for waiter in self.waiters:
            if not waiter.done():
                waiter.set_result(None)
        self.waiters.clear()
        for listener in self.listeners:
            listener(change)


class Store:
    """All objects of the cluster. Every write takes the next resourceVersion, which is one for all resources."""

    def __init__(self, clock: Callable[[], float] = time.time, *, history: int = HISTORY) -> None:
        self.clock = clock
        self._history = history
        self.version = 0
        self._collections: dict[str, _Collection] = {}

    def _of(self, resource: str) -> _Collection:
        return self._collections.setdefault(resource, _Collection(self._history))

    def all(self, resource: str, namespace: str | None = None) -> list[Json]:
        """Give the objects in the order of namespace and name, of one namespace or of all."""
        objects = self._of(resource).objects
        return [objects[key] for key in sorted(objects) if namespace in {None, key[0]}]

    def get(self, resource: str, key: Key) -> Json | None:
        """Give one object, or None."""
        return self._of(resource).objects.get(key)

    def create(self, resource: str, value: Json) -> Json:
        """Add an object under a new uid; its key must be free."""
        meta = {
            **metadata(value),
            "uid": str(uuid.uuid4()),
            "resourceVersion": self._next(),
            "creationTimestamp": timestamp(self.clock()),
        }
        created = {**value, "metadata": meta}
        collection = self._of(resource)
        collection.objects[key_of(created)] = created
        collection.record(Change(self.version, "ADDED", created, None))
        return created

    def replace(self, resource: str, value: Json) -> Json:
        """Put an object in the stead of the one with its key; one that says nothing new is not written."""
        collection = self._of(resource)
        previous = collection.objects[key_of(value)]
        if value == previous:
            return previous
        replaced = {**value, "metadata": {**metadata(value), "resourceVersion": self._next()}}
        collection.objects[key_of(value)] = replaced
        collection.record(Change(self.version, "MODIFIED", replaced, previous))
        return replaced

    def delete(self, resource: str, key: Key) -> Json:
        """Take an object away and give its last state."""
        collection = self._of(resource)
        previous = collection.objects.pop(key)
        last = {**previous, "metadata": {**metadata(previous), "resourceVersion": self._next()}}
        collection.record(Change(self.version, "DELETED", last, previous))
        return last

    def forgotten(self, resource: str) -> int:
        """Give the newest version whose change is no longer known: a watch cannot begin before it."""
        return self._of(resource).forgotten

    def changes(self, resource: str, after: int) -> list[Change]:
        """Give the known changes younger than a version, oldest first."""
        found = []
        for change in reversed(self._of(resource).history):
            if change.version <= after:
                break
            found.append(change)
        return found[::-1]

    async def changed(self, resource: str) -> None:
        """Wait for the next write to a resource."""
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiters = self._of(resource).waiters
        waiters.add(waiter)
        try:
            await waiter
        finally:
            waiters.discard(waiter)

    def listen(self, resource: str, listener: Callable[[Change], None]) -> None:
        """Call `listener` within each write to a resource."""
        self._of(resource).listeners.append(listener)

    def _next(self) -> str:
        self.version += 1
        return str(self.version)
