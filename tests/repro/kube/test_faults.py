"""Faults on request."""

import time

import pytest
from kube_helpers import PODS, RawConnection, ask, create, until_phase

from repro.kube.cluster import Cluster
from repro.kube.faults import NONE, Faults, parse_faults
from repro.kube.kinds import manifest


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", NONE),
        ("kubelet-down", Faults(kubelet_down=True)),
        ("delay=250", Faults(delay=0.25)),
        ("cut-after=3", Faults(cut_after=3)),
        ("cut-after=3:eof:always, delay=1", Faults(cut_after=3, cut="eof", always=True, delay=0.001)),
    ],
)
def test_faults_are_read(text: str, faults: Faults) -> None:
    """The annotation is a list of faults."""
    assert parse_faults(text) == faults


@pytest.mark.parametrize(
    "text", ["nonsense", "cut-after", "cut-after=x", "cut-after=1:twice", "delay=-1", "delay"]
)
def test_what_is_no_fault_is_refused(cluster: Cluster, text: str) -> None:
    """The API names the part of the annotation that it does not understand."""
    pod = manifest("running", "faulty", annotations={"hotloop/fault": f"delay=1,{text}"})
    answer = ask(cluster, PODS, "POST", pod)
    assert answer.code == 422
    assert f'Unsupported value: "{text}"' in answer.json["message"]


def _annotate(cluster: Cluster, name: str, value: str | None) -> None:
    patch = {"metadata": {"annotations": {"hotloop/fault": value}}}
    answer = ask(cluster, f"{PODS}/{name}", "PATCH", patch, Content_Type="application/merge-patch+json")
    assert answer.code == 200


def _follow(connection: RawConnection, name: str) -> None:
    connection.get(f"{PODS}/{name}/log?follow=true")
    assert connection.head()[0] == 200


def test_a_reset_breaks_one_connection(cluster: Cluster) -> None:
    """`cut-after=N` resets the first connection after N lines; the next one gets everything."""
    create(cluster, manifest("succeeded", "reset", annotations={"hotloop/fault": "cut-after=5"}))
    until_phase(cluster, "reset", "Succeeded")
    with RawConnection(cluster) as connection:
        _follow(connection, "reset")
        assert [connection.chunk() for _ in range(5)][-1] == b"line 5\n"
        with pytest.raises((ConnectionResetError, EOFError)):
            connection.chunk()
    assert ask(cluster, f"{PODS}/reset/log").body.count(b"\n") == 20


def test_an_early_end_looks_like_the_real_one(cluster: Cluster) -> None:
    """`eof:always` ends every connection cleanly after N lines."""
    create(cluster, manifest("succeeded", "early", annotations={"hotloop/fault": "cut-after=5:eof:always"}))
    until_phase(cluster, "early", "Succeeded")
    for _ in range(2):
        assert ask(cluster, f"{PODS}/early/log?follow=true").body.count(b"\n") == 5
    _annotate(cluster, "early", None)
    assert ask(cluster, f"{PODS}/early/log?follow=true").body.count(b"\n") == 20


def test_a_fault_set_later_cuts_an_open_follow_once(cluster: Cluster) -> None:
    """An annotation acts on follows that are open, and anew when it is changed."""
    create(cluster, manifest("chatty", "later"))
    until_phase(cluster, "later", "Running")
    for value in ("cut-after=1:eof", "cut-after=2:eof"):
        with RawConnection(cluster) as connection:
            _follow(connection, "later")
            connection.chunk()
            _annotate(cluster, "later", value)
            connection.chunks()
    ask(cluster, f"{PODS}/later?gracePeriodSeconds=0", "DELETE")


def test_a_kubelet_that_goes_down(cluster: Cluster) -> None:
    """Open follows end cleanly at once; new requests are answered the recorded 500; up again, all is well."""
    create(cluster, manifest("running", "down"))
    until_phase(cluster, "down", "Running")
    with RawConnection(cluster) as connection:
        _follow(connection, "down")
        connection.chunk()
        _annotate(cluster, "down", "kubelet-down")
        connection.chunks()
        answer = ask(cluster, f"{PODS}/down/log?follow=true")
    assert answer.code == 500
    message = (
        'Get "https://localhost:10250/containerLogs/default/down/main?follow=true": '
        "dial tcp 127.0.0.1:10250: connect: connection refused"
    )
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    assert answer.json == {**status, "code": 500}
    _annotate(cluster, "down", None)
    assert ask(cluster, f"{PODS}/down/log").code == 200
    ask(cluster, f"{PODS}/down?gracePeriodSeconds=0", "DELETE")


def test_a_slow_log(cluster: Cluster) -> None:
    """`delay=MS` puts a pause before every line."""
    create(cluster, manifest("succeeded", "slow", annotations={"hotloop/fault": "delay=20"}))
    until_phase(cluster, "slow", "Succeeded")
    begun = time.monotonic()
    assert ask(cluster, f"{PODS}/slow/log").body.count(b"\n") == 20
    assert time.monotonic() - begun >= 0.4
