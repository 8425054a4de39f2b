"""Pods as the server lists them."""

import asyncio

import pytest
from viewserver import serving

from diag.errors import HotloopError
from repro.viewers.places import ListedPod, check_reachable, choose, list_pods


def pod(name: str, kind: str | None = None) -> ListedPod:
    """Make a listed pod."""
    return ListedPod("default", name, {"hotloop/kind": kind} if kind else None)


def test_pods_are_listed() -> None:
    """The server's list is read, whatever else it says of a pod."""

    async def go() -> list[ListedPod]:
        async with serving() as server:
            server.pods = [{"namespace": "n", "name": "a", "phase": "Running", "containers": ["main"]}]
            return await list_pods(server.base, "n")

    assert asyncio.run(go()) == [ListedPod("n", "a")]


def test_pods_are_chosen_by_label() -> None:
    """Only pods that carry the labels are chosen; without labels, all are."""
    pods = [pod("a", "running"), pod("b", "succeeded")]
    assert choose(pods, {"hotloop/kind": "succeeded"}) == [pods[1]]
    assert choose(pods, {}) == pods


@pytest.mark.parametrize(
    ("pods", "labels", "message"),
    [
        ([pod("a", "running")], {"hotloop/kind": "failed"}, "no pod with hotloop/kind=failed"),
        ([], {}, "has no pods"),
        ([pod("a")], {"hotloop/kind": "failed"}, "without their labels"),
    ],
)
def test_no_pod_is_an_error(pods: list[ListedPod], labels: dict[str, str], message: str) -> None:
    """A choice of nothing, or one that cannot be made, is told in a sentence."""
    with pytest.raises(HotloopError, match=message):
        choose(pods, labels)


def test_other_servers_are_told_apart() -> None:
    """A server that is not there, or lists no pods, is told in a sentence."""

    async def go() -> None:
        with pytest.raises(HotloopError, match=r"No log server answers .*connection refused"):
            await list_pods("http://127.0.0.1:1", None)
        with pytest.raises(HotloopError, match=r"No log server answers .*connection refused"):
            await check_reachable("http://127.0.0.1:1")
        async with serving() as server:
            await check_reachable(server.base)
            with pytest.raises(HotloopError, match="HTTP 404"):
                await list_pods(server.base + "/nowhere", None)
            server.pods = [{"name": "a"}]
            with pytest.raises(HotloopError, match="is not a list of pods"):
                await list_pods(server.base, None)

    asyncio.run(go())
