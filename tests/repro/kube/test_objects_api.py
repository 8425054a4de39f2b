"""Pods through the API: created, read, listed, watched, changed, deleted; against the recordings."""

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from kube_helpers import (
    GOLDEN,
    PODS,
    RawConnection,
    as_manifest,
    ask,
    create,
    normal,
    recorded,
    until,
    until_phase,
)

from repro.kube.cluster import Cluster
from repro.kube.kinds import manifest

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
MERGE = "application/merge-patch+json"


def _recorded_events(name: str) -> list[dict[str, Any]]:
    text = (GOLDEN / name).read_text()
    return [json.loads(line) for line in text.splitlines() if line.startswith('{"type"')]


def _watch(cluster: Cluster, query: str, until_type: str, accept: str = "application/json") -> list[Any]:
    """Watch until an event of a type, and give all events."""
    found: list[Any] = []
    with RawConnection(cluster) as connection:
        connection.socket.sendall(
            f"GET {PODS}?watch=true&{query} HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n\r\n".encode()
        )
        assert connection.head()[0] == 200
        while not found or found[-1]["type"] != until_type:
            found.append(json.loads(connection.chunk()))
    return found


def _watched_life(cluster: Cluster, name: str, accept: str = "application/json") -> list[Any]:
    """Create the recorded pod under a name, let it end, delete it, and give what a watch saw."""
    version = ask(cluster, PODS).json["metadata"]["resourceVersion"]
    query = f"resourceVersion={version}&fieldSelector=metadata.name={name}"
    events: list[Any] = []
    thread = threading.Thread(target=lambda: events.extend(_watch(cluster, query, "DELETED", accept)))
    thread.start()
    pod = as_manifest(recorded("create.txt"), None)
    pod["metadata"]["name"] = name
    pod["spec"]["containers"][0]["command"] = ["/bin/sh", "-c", "echo hi"]
    create(cluster, pod)
    until_phase(cluster, name, "Succeeded")
    ask(cluster, f"{PODS}/{name}", "DELETE")
    thread.join(10)
    return events


@pytest.fixture
def gold(cluster: Cluster) -> Iterator[dict[str, Any]]:
    """Create the recorded pod, and give what was answered; it is gone afterwards."""
    yield create(cluster, as_manifest(recorded("create.txt"), None))
    remove(cluster, "gold")


def remove(cluster: Cluster, name: str) -> None:
    """Delete a pod at once, if it is there, and wait until it is gone."""
    ask(cluster, f"{PODS}/{name}?gracePeriodSeconds=0", "DELETE")
    until(lambda: ask(cluster, f"{PODS}/{name}").code == 404)


def test_a_created_pod_is_the_recorded_one(gold: dict[str, Any]) -> None:
    """Creation fills in every default, and answers 201 with the pod."""
    assert normal(gold) == _without_node(normal(recorded("create.txt")))


def _without_node(pod: dict[str, Any]) -> dict[str, Any]:
    """Take the node from a recorded pod: there was no scheduler, so it was set by hand."""
    return {**pod, "spec": {key: part for key, part in pod["spec"].items() if key != "nodeName"}}


@pytest.mark.usefixtures("gold")
def test_a_second_creation_conflicts_as_recorded(cluster: Cluster) -> None:
    """A name that is taken is answered 409 AlreadyExists."""
    answer = ask(cluster, PODS, "POST", as_manifest(recorded("create.txt"), None))
    assert (answer.code, answer.json) == (409, recorded("create-conflict.txt"))


@pytest.mark.usefixtures("gold")
def test_deletion_is_the_recorded_one(cluster: Cluster) -> None:
    """A finished pod's deletion answers the pod that is leaving, with no grace; then 404."""
    until_phase(cluster, "gold", "Succeeded")
    answer = ask(cluster, f"{PODS}/gold", "DELETE")
    expected = normal(recorded("delete.txt"))
    expected["spec"]["containers"][0]["command"] = ["/bin/sh", "-c", "echo hi; sleep 2"]
    assert answer.code == 200
    assert normal(answer.json) == expected
    until(lambda: ask(cluster, f"{PODS}/gold").code == 404)
    assert ask(cluster, f"{PODS}/gold", "DELETE").json == recorded("delete-404.txt")


def test_a_life_in_a_watch(cluster: Cluster) -> None:
    """A watch sees Pending, then each state up to Succeeded, then the deletion; the recorded states in their order."""
    seen = [(e["type"], _state(e["object"])) for e in _watched_life(cluster, "watched")]
    expected = [(e["type"], _state(e["object"])) for e in _recorded_events("watch-plain.txt")]
    # The scheduler's write, which the recorded cluster had not.
    seen.remove(("MODIFIED", ("Pending", None, False)))
    assert seen == expected


def _state(pod: dict[str, Any]) -> tuple[str, str | None, bool]:
    """Give phase, the container's state, and whether the pod is leaving."""
    statuses = pod["status"].get("containerStatuses") or [{"state": {}}]
    return (
        pod["status"]["phase"],
        next(iter(statuses[0]["state"]), None),
        "deletionTimestamp" in pod["metadata"],
    )


def test_a_life_in_a_watch_of_tables(cluster: Cluster) -> None:
    """Each event is a Table of one row; the columns come with the first only; the cells are the recorded ones."""
    seen = _watched_life(cluster, "tabled", TABLE)
    assert [bool(event["object"]["columnDefinitions"]) for event in seen] == [True] + [False] * (
        len(seen) - 1
    )
    expected = [event["object"]["rows"][0]["cells"] for event in _recorded_events("watch-table.ndjson")]
    # Ready and Status; the scheduler's write shows the same as the one before.
    cells = [event["object"]["rows"][0]["cells"][1:3] for event in seen]
    assert _without_repeats(cells) == _without_repeats([row[1:3] for row in expected])


def _without_repeats(rows: list[list[str]]) -> list[list[str]]:
    return [row for before, row in zip([None, *rows], rows, strict=False) if row != before]


@pytest.mark.parametrize("name", ["done", "failed", "two", "badimg"])
def test_pods_reach_the_recorded_states(cluster: Cluster, name: str) -> None:
    """A pod of each recorded sort comes to the recorded object, in every field."""
    expected = recorded(f"pod-{name}.json")
    expected["metadata"]["name"] = f"golden-{name}"
    if name == "two":
        expected["spec"]["initContainers"][0]["command"][2] = "echo init"
    kind = {"done": "done", "failed": "boom"}.get(name)
    create(cluster, as_manifest(expected, kind))

    def arrived() -> bool:
        pod = ask(cluster, f"{PODS}/golden-{name}").json
        return bool(normal(pod) == normal(expected))

    try:
        until(arrived)
    except AssertionError:
        assert normal(ask(cluster, f"{PODS}/golden-{name}").json) == normal(expected)
    ask(cluster, f"{PODS}/golden-{name}?gracePeriodSeconds=0", "DELETE")


def test_a_table_has_the_recorded_columns(cluster: Cluster) -> None:
    """The columns are the recorded ones, but Restarts is a string, as in every version since 1.22."""
    table = ask(cluster, PODS, Accept=TABLE).json
    expected = recorded("pods-table.json")["columnDefinitions"]
    expected[3]["type"] = "string"
    assert table["columnDefinitions"] == expected
    assert table["kind"] == "Table"


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("labelSelector=hotloop/kind=failed", ["failed"]),
        ("labelSelector=hotloop/kind+in+(failed,silent)", ["failed", "silent"]),
        ("labelSelector=hotloop/kind=failed,nosuch", []),
        ("labelSelector=hotloop/kind,hotloop/kind!=x,!nosuch&fieldSelector=metadata.name=silent", ["silent"]),
        ("fieldSelector=status.phase=Failed,metadata.name!=x&labelSelector=hotloop/kind=failed", ["failed"]),
        ("fieldSelector=spec.nodeName=,metadata.namespace=default", ["unscheduled"]),
    ],
)
def test_selectors(cluster: Cluster, query: str, names: list[str]) -> None:
    """Lists take label and field selectors."""
    assert [item["metadata"]["name"] for item in ask(cluster, f"{PODS}?{query}").json["items"]] == names


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        (f"{PODS}?fieldSelector=spec.foo=1", 400, "field label not supported: spec.foo"),
        (f"{PODS}?fieldSelector=abc", 400, "invalid selector: 'abc'; can't understand 'abc'"),
        (
            f"{PODS}?labelSelector=a+b",
            400,
            "unable to parse requirement: found 'b', expected: '=', '!=', '==', 'in', notin'",
        ),
        (f"{PODS}?limit=abc", 400, 'strconv.ParseInt: parsing "abc": invalid syntax'),
        (f"{PODS}?limit=2&continue=zzz", 400, "invalid continue token: continue key is not valid"),
        (
            f"{PODS}?resourceVersion=abc",
            500,
            'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax',
        ),
        ("/api/v1/nosuch", 404, "the server could not find the requested resource"),
        (f"{PODS}/succeeded/nosuch", 404, "the server could not find the requested resource"),
    ],
)
def test_lists_that_fail(cluster: Cluster, path: str, code: int, message: str) -> None:
    """What cannot be answered is a Status with the server's words."""
    answer = ask(cluster, path)
    assert (answer.code, answer.json["message"]) == (code, message)


def test_a_version_to_come_is_refused(cluster: Cluster) -> None:
    """A list of a version that is not there yet is answered 504 with Retry-After."""
    answer = ask(cluster, f"{PODS}?resourceVersion=999999")
    assert (answer.code, answer.headers["Retry-After"], answer.json["reason"]) == (504, "1", "Timeout")


def test_pages(cluster: Cluster) -> None:
    """A limited list goes on where it stopped, and says how much is left."""
    names: list[str] = []
    token = ""
    while True:
        page = ask(cluster, f"/api/v1/namespaces?limit=3&continue={token}").json
        names += [item["metadata"]["name"] for item in page["items"]]
        token = page["metadata"].get("continue", "")
        if not token:
            break
        assert page["metadata"]["remainingItemCount"] == 1
    assert names == ["default", "kube-node-lease", "kube-public", "kube-system"]


def test_a_watch_begins_with_what_is_there_and_ends_in_time(cluster: Cluster) -> None:
    """Without a version a watch lists first; it ends after `timeoutSeconds`, with a bookmark for who wants one."""
    query = "watch=1&timeoutSeconds=1&allowWatchBookmarks=true&fieldSelector=metadata.name=silent"
    lines = [json.loads(line) for line in ask(cluster, f"{PODS}?{query}").body.splitlines()]
    assert [line["type"] for line in lines] == ["ADDED", "BOOKMARK"]


def test_an_object_that_ceases_to_match_is_deleted_from_a_watch(cluster: Cluster) -> None:
    """To a watcher with a selector, a changed label is an arrival or a departure."""
    create(cluster, manifest("silent", "labelled", labels={"x": "no"}))
    until_phase(cluster, "labelled", "Succeeded")
    version = ask(cluster, PODS).json["metadata"]["resourceVersion"]
    for value in ("yes", "no"):
        patch = {"metadata": {"labels": {"x": value}}}
        ask(cluster, f"{PODS}/labelled", "PATCH", patch, Content_Type=MERGE)
    events = _watch(cluster, f"labelSelector=x=yes&resourceVersion={version}", "DELETED")
    remove(cluster, "labelled")
    assert [event["type"] for event in events] == ["ADDED", "DELETED"]


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        ({"metadata": {"name": "x", "namespace": "other"}}, 400, "the namespace of the provided object does not match"),
        ({"kind": "Foo"}, 400, 'Foo in version "v1" cannot be handled as a Pod: no kind "Foo" is registered'),
        ([], 400, "the object provided is unrecognized (must be of type Pod)"),
        ({"metadata": {"name": "Bad_Name"}, "spec": {}}, 422, "spec.containers: Required value"),
        (
            {"metadata": {"name": "x"}, "spec": {"containers": [{"name": 5}]}},
            400,
            "cannot unmarshal number into Go struct field Container.spec.containers.name of type string",
        ),
        (
            {
                "metadata": {"name": "x"},
                "spec": {"containers": [{"name": "a", "image": "i"}, {"name": "a"}], "restartPolicy": "Foo"},
            },
            422,
            'spec.containers[1].image: Required value, spec.restartPolicy: Unsupported value: "Foo": supported values: "Always", "OnFailure", "Never"]',
        ),
        ({"metadata": "x"}, 400, "cannot unmarshal string into Go struct field Pod.metadata of type v1.ObjectMeta"),
        ({"metadata": {"name": "x"}, "spec": {"containers": [None]}}, 422, "spec.containers[0].name: Required value"),
        (
            manifest("silent", "x", annotations={"hotloop/back-off-seconds": "soon"}),
            422,
            'metadata.annotations[hotloop/back-off-seconds]: Invalid value: "soon": must be a positive number',
        ),
        ({"metadata": {}, "spec": {"containers": [{"name": "a", "image": "i"}]}}, 422, 'Pod "" is invalid: metadata.name'),
        (manifest("silent", "x", labels={"hotloop/kind": "nosuch"}), 422, "metadata.labels[hotloop/kind]: Unsupported"),
        (manifest("silent", "x") | {"spec": manifest("silent", "x")["spec"] | {"foo": 1}}, 400, 'unknown field "spec.foo"'),
    ],
)  # fmt: skip
def test_creations_that_fail(cluster: Cluster, body: object, code: int, message: str) -> None:
    """What cannot be created is refused with the server's words."""
    answer = ask(cluster, f"{PODS}?fieldValidation=Strict", "POST", body)
    assert answer.code == code
    assert message in answer.json["message"]


def test_unknown_fields_are_warned_of(cluster: Cluster) -> None:
    """Unless validation is strict, unknown fields are dropped with a Warning header; with Ignore, silently."""
    pod = {**manifest("silent", "warned"), "foo": 1}
    assert ask(cluster, f"{PODS}?dryRun=All&fieldValidation=Ignore", "POST", pod).headers["Warning"] is None
    answer = ask(cluster, f"{PODS}?dryRun=All", "POST", pod)
    assert answer.headers["Warning"] == '299 - "unknown field \\"foo\\""'
    assert "foo" not in answer.json
    assert ask(cluster, f"{PODS}/warned").code == 404


def test_generated_names(cluster: Cluster) -> None:
    """`generateName` gets five letters."""
    pod = manifest("silent", "")
    pod["metadata"] |= {"generateName": "made-"}
    name = create(cluster, pod)["metadata"]["name"]
    assert len(name) == len("made-") + 5
    assert ask(cluster, f"{PODS}/{name}?gracePeriodSeconds=0", "DELETE").code == 200


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        (
            {"spec": {"restartPolicy": "Always"}},
            422,
            "spec: Forbidden: pod updates may not change fields other than",
        ),
        (
            {"metadata": {"resourceVersion": "1"}},
            409,
            "the object has been modified; please apply your changes",
        ),
        (
            {"metadata": {"name": "foo"}},
            400,
            "the name of the object (foo) does not match the name on the URL",
        ),
    ],
)
def test_changes_that_fail(cluster: Cluster, patch: object, code: int, message: str) -> None:
    """What may not change is refused with the server's words."""
    answer = ask(cluster, f"{PODS}/succeeded", "PATCH", patch, Content_Type=MERGE)
    assert answer.code == code
    assert message in answer.json["message"]


def test_other_refusals(cluster: Cluster) -> None:
    """Wrong methods, patch types, preconditions and JSON patches are refused as the server does."""
    one = f"{PODS}/succeeded"
    assert ask(cluster, one, "POST").code == 405
    assert ask(cluster, PODS, "PUT", {}).code == 405
    assert ask(cluster, one, "PATCH", {}).json["message"] == "415: Unsupported Media Type"
    assert ask(cluster, PODS, "POST", {}, Content_Type="text/foo").code == 415
    test = [{"op": "test", "path": "/metadata/name", "value": "x"}]
    assert ask(cluster, one, "PATCH", test, Content_Type="application/json-patch+json").code == 422
    answer = ask(cluster, one, "DELETE", {"preconditions": {"uid": "abc"}})
    assert answer.code == 409
    assert "the UID in the precondition (abc) does not match the UID in record" in answer.json["message"]


def test_a_namespace_lives_and_dies_with_its_pods(cluster: Cluster) -> None:
    """A namespace can be made; deleted, it goes with its last pod."""
    assert ask(cluster, "/api/v1/namespaces", "POST", {"metadata": {"name": "space"}}).code == 201
    pods = "/api/v1/namespaces/space/pods"
    assert ask(cluster, pods, "POST", manifest("running", "p", namespace="space")).code == 201
    until(lambda: ask(cluster, f"{pods}/p").json["status"]["phase"] == "Running")
    assert ask(cluster, "/api/v1/namespaces/space", "DELETE").json["status"]["phase"] == "Terminating"
    until(lambda: ask(cluster, "/api/v1/namespaces/space").code == 404)
    assert ask(cluster, f"{pods}/p").code == 404
    assert ask(cluster, pods, "POST", manifest("running", "p", namespace="space")).json["message"] == (
        'namespaces "space" not found'
    )


def test_a_wrong_namespace_is_refused(cluster: Cluster) -> None:
    """Namespaces are checked as pods are."""
    for body, code in (({"metadata": "x"}, 400), ({"metadata": {"name": "A_b"}}, 422), ({}, 422)):
        assert ask(cluster, "/api/v1/namespaces", "POST", body).code == code


def test_deleting_many(cluster: Cluster) -> None:
    """A collection's deletion takes a selector."""
    for name in ("many-1", "many-2"):
        create(cluster, manifest("running", name, labels={"many": "yes"}))
    answer = ask(cluster, f"{PODS}?labelSelector=many=yes", "DELETE", {"gracePeriodSeconds": 0})
    assert [item["metadata"]["name"] for item in answer.json["items"]] == ["many-1", "many-2"]
    assert ask(cluster, f"{PODS}?labelSelector=many=yes").json["items"] == []


def test_events_tell_a_life_in_order(cluster: Cluster) -> None:
    """A pod's events come in their order, found by the selector of `kubectl describe`."""
    pod = ask(cluster, f"{PODS}/succeeded").json
    query = f"fieldSelector=involvedObject.name=succeeded,involvedObject.uid={pod['metadata']['uid']}"
    events = ask(cluster, f"/api/v1/namespaces/default/events?{query}").json["items"]
    assert [event["reason"] for event in events] == ["Scheduled", "Pulled", "Created", "Started"]
    assert events[-1]["message"] == "Started container main"
