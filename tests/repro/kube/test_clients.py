"""The official clients, unmodified."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from kube_helpers import until

from repro.kube.cluster import Cluster
from repro.kube.kinds import KINDS, manifest

# The client takes a second to import; only these tests pay for it.
kubernetes = pytest.importorskip("kubernetes")


@pytest.fixture(scope="module")
def kubeconfig(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a kubeconfig."""
    path = tmp_path_factory.mktemp("kube") / "config"
    cluster.write_kubeconfig(path)
    assert path.stat().st_mode & 0o077 == 0
    return path


@pytest.fixture
def core(kubeconfig: Path) -> Any:  # noqa: ANN401 - the client is untyped
    """Give the synchronous client."""
    return kubernetes.client.CoreV1Api(kubernetes.config.new_client_from_config(str(kubeconfig)))


def test_every_kind_is_listed(core: Any) -> None:  # noqa: ANN401
    """A list of pods parses, whatever their states."""
    pods = {pod.metadata.name: pod for pod in core.list_namespaced_pod("default").items}
    assert set(KINDS) <= set(pods)
    assert pods["failed"].status.container_statuses[0].state.terminated.exit_code == 3
    assert {item.metadata.name for item in core.list_node().items} == {"hotloop"}
    assert core.list_event_for_all_namespaces().items


def test_the_version_is_told(core: Any) -> None:  # noqa: ANN401
    """The client asks for `/version/`, with a slash that kubectl leaves out."""
    assert kubernetes.client.VersionApi(core.api_client).get_code().major == "1"


def test_a_life_through_the_client(core: Any) -> None:  # noqa: ANN401
    """Create, watch, read the log, patch, delete."""
    core.create_namespaced_pod("default", manifest("succeeded", "by-client"))
    watch = kubernetes.watch.Watch()
    phases = []
    selector = "metadata.name=by-client"
    for event in watch.stream(
        core.list_namespaced_pod, "default", field_selector=selector, timeout_seconds=10
    ):
        phases.append(event["object"].status.phase)
        if phases[-1] == "Succeeded":
            watch.stop()
    assert list(dict.fromkeys(phases)) == ["Pending", "Running", "Succeeded"]
    assert core.read_namespaced_pod_log("by-client", "default").endswith("line 20\n")
    lines = list(kubernetes.watch.Watch().stream(core.read_namespaced_pod_log, "by-client", "default"))
    assert len(lines) == 20
    patched = core.patch_namespaced_pod("by-client", "default", {"metadata": {"labels": {"a": "b"}}})
    assert patched.metadata.labels["a"] == "b"
    assert core.delete_namespaced_pod("by-client", "default").metadata.deletion_timestamp
    with pytest.raises(kubernetes.client.ApiException) as caught:
        until(lambda: core.read_namespaced_pod("by-client", "default") is None)
    assert caught.value.status == 404


def test_the_asyncio_client_follows(kubeconfig: Path) -> None:
    """`kubernetes.aio` lists, follows a finished pod to its end, and a running one line by line."""
    from kubernetes import aio

    async def lines_of(core: Any, name: str) -> AsyncIterator[bytes]:  # noqa: ANN401
        response = await core.read_namespaced_pod_log_without_preload_content(name, "default", follow=True)
        try:
            async for line in response.content:
                yield line
        finally:
            response.close()

    async def scene() -> None:
        await aio.config.load_kube_config(str(kubeconfig))  # type: ignore[no-untyped-call]
        async with aio.client.ApiClient() as api:
            core = aio.client.CoreV1Api(api)
            pods = await core.list_pod_for_all_namespaces(label_selector="hotloop/kind=succeeded")
            assert "succeeded" in {pod.metadata and pod.metadata.name for pod in pods.items}
            assert [line async for line in lines_of(core, "no-newline")] == [
                b"line 1\n",
                b"line 2\n",
                b"line 3 without a newline",
            ]
            running = lines_of(core, "running")
            assert await anext(running) == b"line 1\n"
            await running.aclose()  # type: ignore[attr-defined]

    asyncio.run(asyncio.wait_for(scene(), 20))
