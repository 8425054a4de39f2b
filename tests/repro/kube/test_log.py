"""The log endpoint: every answer of the recordings, byte by byte where it is a log, field by field where not."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from kube_helpers import (
    GOLDEN,
    PODS,
    RawConnection,
    as_manifest,
    ask,
    cluster_in_thread,
    create,
    recorded,
    until,
    until_phase,
)

from repro.kube.cluster import Cluster
from repro.kube.kinds import manifest
from repro.kube.podlife import Timing

_REQUESTS = re.compile(r"^### GET (\S+)\n(.*?)(?=^###|\Z)", re.MULTILINE | re.DOTALL)


def _make_golden_pods(cluster: Cluster) -> None:
    for file, kind in (("pod-done.json", "done"), ("pod-failed.json", "boom"), ("pod-two.json", None)):
        create(cluster, as_manifest(recorded(file), kind))
    create(cluster, as_manifest(recorded("pod-badimg.json"), None))
    create(cluster, as_manifest(recorded("pod-restart.json"), "start-end"))
    create(cluster, manifest("running", "run"))
    create(cluster, manifest("silent", "silent"))
    create(cluster, manifest("unscheduled", "unsched"))
    create(cluster, manifest("silent", "nonl", labels={"hotloop/kind": "nonl"}))
    ghost = manifest("running", "nonode")
    ghost["spec"]["nodeName"] = "ghost"
    create(cluster, ghost)


@pytest.fixture(scope="module")
def golden() -> Iterator[Cluster]:
    """Give an API with the pods of the recordings, in their last states."""
    with cluster_in_thread() as cluster:
        _make_golden_pods(cluster)
        for name in ("done", "silent", "nonl"):
            until_phase(cluster, name, "Succeeded")
        until_phase(cluster, "failed", "Failed")
        until(lambda: ask(cluster, f"{PODS}/badimg/log").json["message"].endswith("failing to pull image"))
        until(lambda: _restarts(cluster, "restart"))
        yield cluster


@pytest.fixture(scope="module")
def waiting() -> Iterator[Cluster]:
    """Give an API with the same pods, none of which has started."""
    with cluster_in_thread(timing=Timing(create=3600)) as cluster:
        _make_golden_pods(cluster)
        until(lambda: ask(cluster, f"{PODS}/done").json["status"].get("containerStatuses"))
        yield cluster


def _restarts(cluster: Cluster, name: str) -> int:
    statuses = ask(cluster, f"{PODS}/{name}").json["status"].get("containerStatuses") or [{}]
    return int(statuses[0].get("restartCount", 0))


def _recorded_failures() -> dict[str, tuple[int, Any]]:
    """Give the recorded failures by their request: code and Status object."""
    found = {}
    for path, text in _REQUESTS.findall((GOLDEN / "log-errors-waiting.txt").read_text()):
        head, _, body = text.partition("\n\n")
        found[path] = (int(head.split()[1]), json.loads(body) if body.strip() else None)
    # 1.20 does not know the parameter yet.
    del found["run/log?stream=Foo"]
    return found


_FAILURES = _recorded_failures()


@pytest.mark.parametrize("path", _FAILURES)
def test_failures_are_the_recorded_ones(waiting: Cluster, path: str) -> None:
    """A request that fails is answered the recorded code and Status, word for word."""
    code, status = _FAILURES[path]
    answer = ask(waiting, f"{PODS}/{path}")
    assert answer.code == code
    assert (answer.json if status else answer.body) == (status or b"")


def _recorded_bodies() -> dict[str, bytes]:
    """Give the recorded raw answers by their request: head and body in one."""
    found = {}
    for path, text in _REQUESTS.findall((GOLDEN / "log-raw-http11.txt").read_text()):
        pieces = re.findall(r"^ +\+[\d.]+ms b'(.*)'$", text, re.MULTILINE)
        found[path] = "".join(pieces).encode().decode("unicode_escape").encode("latin-1")
    return found


_BODIES = _recorded_bodies()


def _without_times(data: bytes) -> bytes:
    data = re.sub(rb"(Date|Audit-Id): [^\r]*\r\n", b"", data)
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", b"<time>", data)


@pytest.mark.parametrize("path", _BODIES)
def test_raw_answers_are_the_recorded_ones(golden: Cluster, path: str) -> None:
    """Status line, headers, chunk sizes and bytes are the recorded ones, down to the missing last newline."""
    expected = _without_times(_BODIES[path])
    head, _, body = expected.partition(b"\r\n\r\n")
    with RawConnection(golden) as connection:
        connection.get(f"{PODS}/{path}")
        got_head = _without_times(connection.read_until(b"\r\n\r\n")).strip()
        assert sorted(got_head.split(b"\r\n")) == sorted(head.split(b"\r\n"))
        if body:
            end = b"\r\n0\r\n\r\n" if b"chunked" in head else b"}\n"
            got = connection.read_until(b"0\r\n\r\n") if body == b"0\r\n\r\n" else connection.read_until(end)
            assert _without_times(got) == body
        # The connection is kept for another request.
        connection.get("/version")
        assert connection.head()[0] == 200


def test_headers_come_before_the_first_byte(cluster: Cluster) -> None:
    """A follow of a running pod that writes nothing new is answered its headers at once."""
    with RawConnection(cluster) as connection:
        connection.get(f"{PODS}/several-containers/log?container=errors&follow=true&tailLines=0")
        code, headers = connection.head()
        assert (code, headers["content-type"], headers["transfer-encoding"]) == (200, "text/plain", "chunked")
        assert "server" not in headers
        assert connection.received == b""


def test_a_follow_brings_a_chunk_a_line(cluster: Cluster) -> None:
    """Each line of a running pod is a chunk of its own."""
    with RawConnection(cluster) as connection:
        connection.get(f"{PODS}/chatty/log?follow=true&limitBytes=60")
        connection.head()
        chunks = connection.chunks()
    assert [chunk for chunk in chunks[:-1] if not re.fullmatch(rb"line \d+\n", chunk)] == []
    assert len(b"".join(chunks)) == 60


@pytest.mark.parametrize("follow", ["", "follow=true"])
def test_long_lines_arrive_whole(cluster: Cluster, follow: str) -> None:
    """A line of 5 MB comes as pieces of 16 KiB when followed, and with nothing lost."""
    body = ask(cluster, f"{PODS}/long-lines/log?{follow}").body
    assert list(map(len, body.split(b"\n"))) == [6, 70_000 - 1, 5_000_000 - 1, 6, 0]


def test_a_follow_ends_after_its_container(cluster: Cluster) -> None:
    """A container that finishes while it is followed ends the follow."""
    create(
        cluster,
        manifest("finishing", "ends", annotations={"hotloop/lines": "3", "hotloop/lines-per-second": "10"}),
    )
    until_phase(cluster, "ends", "Running")
    with RawConnection(cluster) as connection:
        connection.get(f"{PODS}/ends/log?follow=true")
        connection.head()
        assert b"".join(connection.chunk() for _ in range(3)) == b"line 1\nline 2\nline 3\n"
        assert connection.chunk() == b""
    ask(cluster, f"{PODS}/ends", "DELETE")


def test_a_follow_ends_with_its_run(cluster: Cluster) -> None:
    """A follow does not go on with the next run, and one that comes between two runs gets the last one's log."""
    knobs = {"hotloop/lines": "4", "hotloop/lines-per-second": "20", "hotloop/back-off-seconds": "60"}
    create(cluster, manifest("crash-looping", "loops", annotations=knobs))
    until_phase(cluster, "loops", "Running")
    with RawConnection(cluster) as connection:
        connection.get(f"{PODS}/loops/log?follow=true")
        connection.head()
        assert b"".join(connection.chunks()) == b"line 1\nline 2\nline 3\nline 4\n"
        until(lambda: _restarts(cluster, "loops") == 1)

        def backs_off() -> bool:
            state = ask(cluster, f"{PODS}/loops").json["status"]["containerStatuses"][0]["state"]
            return bool(state.get("waiting", {}).get("reason") == "CrashLoopBackOff")

        until(backs_off)
        connection.get(f"{PODS}/loops/log?follow=true")
        connection.head()
        assert len(connection.chunks()) == 4
        connection.get(f"{PODS}/loops/log?previous=true")
        assert connection.head()[0] == 200
    ask(cluster, f"{PODS}/loops?gracePeriodSeconds=0", "DELETE")


def test_a_deleted_pod_ends_its_follows_with_the_runtimes_words(cluster: Cluster) -> None:
    """After deletion a follower is told that the container was not found, without a newline, and then the end."""
    create(cluster, manifest("running", "goes"))
    until_phase(cluster, "goes", "Running")
    with RawConnection(cluster) as connection:
        connection.get(f"{PODS}/goes/log?follow=true")
        connection.head()
        assert connection.chunk() == b"line 1\n"
        ask(cluster, f"{PODS}/goes", "DELETE")
        rest = b"".join(connection.chunks())
    pattern = rb"(line \d+\n)*rpc error: code = NotFound desc = an error occurred when try to find container \"\w{64}\": not found"
    assert re.fullmatch(pattern, rest)
    until(lambda: ask(cluster, f"{PODS}/goes").code == 404)


def test_a_killed_pod_ends_its_follows_cleanly(cluster: Cluster) -> None:
    """Deletion without grace ends a follow without a word."""
    create(cluster, manifest("running", "killed"))
    until_phase(cluster, "killed", "Running")
    with RawConnection(cluster) as connection:
        connection.get(f"{PODS}/killed/log?follow=true")
        connection.head()
        connection.chunk()
        ask(cluster, f"{PODS}/killed", "DELETE", {"gracePeriodSeconds": 0})
        assert re.fullmatch(rb"(line \d+\n)*", b"".join(connection.chunks()))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("follow", 6), ("follow=yes", 6), ("follow=1", 6), ("follow=0", 1), ("follow=False", 1), ("container=", 1),
        ("tailLines=0&follow=true", 0), ("tailLines=4&follow=true", 4), ("tailLines=100", 1),
        ("sinceSeconds=3600", 1), ("sinceTime=2100-01-01T00:00:00Z", 0), ("sinceTime=2020-01-01T00:00:00.5%2B02:00", 1),
        ("tailLines=2&tailLines=4&follow=true", 2), ("pretty=true", 1), ("insecureSkipTLSVerifyBackend=true", 1),
        ("stream=Stdout&follow=true", 3), ("stream=Stderr&follow=true", 3), ("stream=All", 1), ("unknown=1", 1),
    ],
)  # fmt: skip
def test_parameters(golden: Cluster, query: str, expected: int) -> None:
    """Each parameter is read as the server reads it; the number of chunks shows what it did."""
    with RawConnection(golden) as connection:
        connection.get(f"{PODS}/done/log?{query}")
        assert connection.head()[0] == 200
        assert len(connection.chunks()) == expected


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("stream=Foo", 'stream: Unsupported value: "Foo": supported values: "All", "Stderr", "Stdout"'),
        (
            "stream=Stdout&tailLines=1",
            "Forbidden: `tailLines` and specific `stream` are mutually exclusive for now",
        ),
        (
            "tailLines=-1&limitBytes=0",
            "[tailLines: Invalid value: -1: must be greater than or equal to 0, limitBytes:",
        ),
    ],
)
def test_newer_failures(golden: Cluster, query: str, message: str) -> None:
    """What the recordings are too old for is refused with 422 as well."""
    answer = ask(golden, f"{PODS}/done/log?{query}")
    assert answer.code == 422
    assert message in answer.json["message"]


def test_timestamps_stand_before_lines_only(cluster: Cluster) -> None:
    """The later pieces of a long line have no time."""
    body = ask(cluster, f"{PODS}/long-lines/log?timestamps=true&follow=true").body
    lines = body.splitlines()
    assert len(lines) == 4
    assert all(re.match(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line \d", line) for line in lines)
    assert list(map(len, lines)) == [6 + 31, 69_999 + 31, 4_999_999 + 31, 6 + 31]


def test_people_get_indented_json(waiting: Cluster) -> None:
    """Curl is answered indented JSON without a newline at its end; others a compact line."""
    pretty = ask(waiting, f"{PODS}/done/log", User_Agent="curl/8.0").body
    assert pretty.startswith(b'{\n  "kind": "Status"')
    assert pretty.endswith(b"}")
    assert ask(waiting, f"{PODS}/done/log", User_Agent="kubectl/1.32").body.count(b"\n") == 1


def test_metrics_count_requests_and_open_follows(cluster: Cluster) -> None:
    """/metrics tells how many logs were asked for, and how many follows are open."""

    def figure(name: str) -> float:
        text = ask(cluster, "/metrics").body.decode()
        match = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        assert match is not None
        return float(match[1])

    before = figure("hotloop_kube_log_requests_total")
    with RawConnection(cluster) as connection:
        connection.get(f"{PODS}/running/log?follow=true")
        connection.head()
        assert figure("hotloop_kube_log_follows") == 1
        assert figure("hotloop_kube_log_requests_total") == before + 1
    until(lambda: figure("hotloop_kube_log_follows") == 0)
