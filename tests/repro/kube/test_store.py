"""The store: versions, history, watchers."""

import asyncio
import json
from typing import Any

from multidict import MultiDict

from repro.kube import resources
from repro.kube.store import Store
from repro.kube.watching import Watch


def _named(name: str, **rest: object) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "default"}, **rest}


def test_every_write_takes_the_next_version() -> None:
    """Versions are one sequence for all resources, and each object carries that of its last write."""
    store = Store(lambda: 0.0)
    pod = store.create("pods", _named("a"))
    event = store.create("events", _named("a"))
    changed = store.replace("pods", {**pod, "x": 1})
    assert [o["metadata"]["resourceVersion"] for o in (pod, event, changed)] == ["1", "2", "3"]
    assert store.delete("pods", ("default", "a"))["metadata"]["resourceVersion"] == "4"
    assert pod["metadata"]["creationTimestamp"] == "1970-01-01T00:00:00Z"


def test_a_write_that_says_nothing_new_is_none() -> None:
    """A value equal to the stored one makes no version and no event."""
    store = Store()
    pod = store.create("pods", _named("a"))
    assert store.replace("pods", json.loads(json.dumps(pod))) is pod
    assert store.version == 1


def test_changes_since_a_version() -> None:
    """The changes after a version come in order; the oldest are forgotten."""
    store = Store(history=3)
    for number in range(5):
        store.create("pods", _named(f"p{number}"))
    assert [change.version for change in store.changes("pods", 3)] == [4, 5]
    assert store.forgotten("pods") == 2
    assert store.changes("events", 0) == []


def _events(store: Store, query: dict[str, str], count: int) -> list[tuple[str, Any]]:
    """Give the first events of a watch."""

    async def collect() -> list[tuple[str, Any]]:
        found = []
        async for event in Watch(store, resources.PODS, None, MultiDict(query)).events():
            found.append(event)
            if len(found) == count:
                break
        return found

    return asyncio.run(asyncio.wait_for(collect(), 5))


def test_a_watch_from_a_forgotten_version_is_expired() -> None:
    """Who cannot be told all that happened since is told 410."""
    store = Store(history=2)
    for number in range(5):
        store.create("pods", _named(f"p{number}"))
    [(kind, status)] = _events(store, {"resourceVersion": "1"}, 1)
    assert (kind, status["code"], status["reason"]) == ("ERROR", 410, "Expired")
    assert [kind for kind, _ in _events(store, {"resourceVersion": "3"}, 2)] == ["ADDED", "ADDED"]


def test_initial_events_end_with_a_marked_bookmark() -> None:
    """A client that asks for initial events learns when it has them all."""
    store = Store()
    store.create("pods", _named("a"))
    query = {"sendInitialEvents": "true", "allowWatchBookmarks": "true"}
    kinds = _events(store, query, 2)
    assert [kind for kind, _ in kinds] == ["ADDED", "BOOKMARK"]
    assert kinds[1][1]["metadata"]["annotations"] == {"k8s.io/initial-events-end": "true"}
