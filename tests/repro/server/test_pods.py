"""Tests of what a pod's state says about its log."""

from typing import Any

import msgspec
import pytest
from logapi import finished, pod

from repro.server.pods import Pod

CRASHED: dict[str, Any] = {"terminated": {"exitCode": 1, "reason": "Error"}}


def parsed(given: dict[str, Any]) -> Pod:
    """Read a pod as it comes from the API."""
    return msgspec.json.decode(msgspec.json.encode(given), type=Pod)


@pytest.mark.parametrize(
    ("policy", "exit_code", "restarts"),
    [
        ("Always", 0, True),
        ("Always", 1, True),
        ("OnFailure", 0, False),
        ("OnFailure", 1, True),
        ("Never", 1, False),
    ],
)
def test_the_restart_policy_decides_whether_there_is_another_run(
    policy: str, exit_code: int, *, restarts: bool
) -> None:
    """As the kubelet does it."""
    assert parsed(pod(policy=policy)).restarts("main", exit_code) is restarts


def test_a_pod_that_is_over_or_being_deleted_restarts_nothing() -> None:
    """Whatever its policy."""
    assert not parsed(finished()).restarts("main", 1)
    deleted = pod()
    deleted["metadata"]["deletionTimestamp"] = "2026-11-24T07:00:00Z"
    assert not parsed(deleted).restarts("main", 1)


def test_an_init_container_runs_until_it_succeeds_and_a_sidecar_always() -> None:
    """Init containers follow rules of their own."""
    with_init = pod()
    with_init["spec"]["initContainers"] = [{"name": "init"}, {"name": "sidecar", "restartPolicy": "Always"}]
    read = parsed(with_init)
    assert not read.restarts("init", 0)
    assert read.restarts("init", 1)
    assert read.restarts("sidecar", 0)
    assert list(read.container_names()) == ["init", "sidecar", "main"]


def test_the_last_runs_end_counts_as_long_as_no_other_runs() -> None:
    """Between two runs the API gives the log of the last one."""
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    for given, exit_code in (
        (pod(state=waiting, last=CRASHED), 1),
        (pod(state=CRASHED), 1),
        (pod(last=CRASHED), None),
        (pod(state=waiting), None),
    ):
        status = parsed(given).container("main")
        assert status is not None
        assert (status.ended.exit_code if status.ended else None) == exit_code


def test_a_pod_without_statuses_has_no_container_yet() -> None:
    """Null and missing lists are the same."""
    bare = pod()
    bare["status"] = {"phase": "Pending", "containerStatuses": None}
    assert parsed(bare).container("main") is None
