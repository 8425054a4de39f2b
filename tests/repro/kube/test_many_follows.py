"""A thousand follows in one process."""

import asyncio
import resource

import pytest
from aiohttp import ClientSession, ClientTimeout, TCPConnector

from repro.kube.app import KubeApi
from repro.kube.cluster import running_cluster
from repro.kube.kinds import manifest

FOLLOWS = 1000
DESCRIPTORS = 2 * FOLLOWS + 100


@pytest.mark.skipif(
    resource.getrlimit(resource.RLIMIT_NOFILE)[0] < DESCRIPTORS,
    reason="both ends of a thousand connections need 2,100 file descriptors",
)
def test_a_thousand_follows_are_held_and_fed() -> None:
    """A thousand clients follow one pod, each gets the same lines, and all end with the pod."""

    async def follow(session: ClientSession, url: str, first: asyncio.Event) -> bytes:
        async with session.get(url) as response:
            head = await response.content.readline()
            first.set()
            return head + await response.read()

    async def scene() -> None:
        limit = ClientTimeout(total=30)
        async with (
            running_cluster(KubeApi()) as cluster,
            ClientSession(connector=TCPConnector(limit=0), timeout=limit) as session,
        ):
            cluster.api.create_pod(manifest("running", "p"))
            await cluster.api.settled()
            url = f"{cluster.url}/api/v1/namespaces/default/pods/p/log?follow=true"
            begun = [asyncio.Event() for _ in range(FOLLOWS)]
            tasks = [asyncio.create_task(follow(session, url, first)) for first in begun]
            await asyncio.wait_for(asyncio.gather(*(first.wait() for first in begun)), 20)
            assert cluster.api.metrics.follows._value.get() == FOLLOWS  # noqa: SLF001 - the client library's own way
            async with session.delete(url.removesuffix("/log?follow=true"), json={"gracePeriodSeconds": 0}):
                logs = await asyncio.gather(*tasks)
        assert {log[:7] for log in logs} == {b"line 1\n"}
        assert len(set(logs)) == 1

    asyncio.run(scene())
