"""The WebSocket form of the log URL."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import aiohttp
import pytest
from kube_helpers import PODS, ask, until

from repro.kube.cluster import Cluster
from repro.kube.logsinks import BASE64, BINARY

Frames = list[tuple[aiohttp.WSMsgType, Any]]


async def _read(url: str, protocols: Sequence[str] = ()) -> tuple[str | None, Frames]:
    """Give the protocol agreed on, and every frame up to the close."""
    frames: Frames = []
    async with (
        aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as session,
        session.ws_connect(url, protocols=protocols, max_msg_size=0) as socket,
    ):
        while not frames or frames[-1][0] is not aiohttp.WSMsgType.CLOSE:
            message = await socket.receive(10)
            frames.append((message.type, message.data))
        return socket.protocol, frames


def test_a_finished_log(cluster: Cluster) -> None:
    """An empty frame, a binary frame a line, close code 1000."""
    protocol, frames = asyncio.run(_read(f"{cluster.url}{PODS}/succeeded/log?follow=true"))
    lines = [f"line {number}\n".encode() for number in range(1, 21)]
    binary = aiohttp.WSMsgType.BINARY
    assert frames == [*((binary, data) for data in [b"", *lines]), (aiohttp.WSMsgType.CLOSE, 1000)]
    assert protocol is None


def test_base64(cluster: Cluster) -> None:
    """The other protocol sends the same as text."""
    url = f"{cluster.url}{PODS}/no-newline/log"
    protocol, frames = asyncio.run(_read(url, ("foo", BASE64)))
    assert protocol == BASE64
    assert {kind for kind, _ in frames[:-1]} == {aiohttp.WSMsgType.TEXT}
    decoded = [base64.b64decode(data) for _, data in frames[:-1]]
    assert decoded == [b"", b"line 1\n", b"line 2\n", b"line 3 without a newline"]


def test_frames_are_small(cluster: Cluster) -> None:
    """A long line comes in frames of 2 KiB, whole."""
    _, frames = asyncio.run(_read(f"{cluster.url}{PODS}/long-lines/log", (BINARY,)))
    sizes = [len(data) for _, data in frames[:-1]]
    assert (max(sizes), sum(sizes)) == (2048, 5_070_014)


@pytest.mark.parametrize(
    ("path", "protocols", "code"),
    [
        ("image-waiting/log", (), 400),
        ("nosuch/log", (), 404),
        ("unscheduled/log", (), 204),
        ("succeeded/log?tailLines=-1", (), 422),
        ("succeeded/log", ("foo",), 403),
    ],
)
def test_failures_are_plain_answers(cluster: Cluster, path: str, protocols: Sequence[str], code: int) -> None:
    """A request that fails is not upgraded."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
        asyncio.run(_read(f"{cluster.url}{PODS}/{path}", protocols))
    assert caught.value.status == code


def test_a_client_that_closes_ends_its_follow(cluster: Cluster) -> None:
    """A close frame ends a follow of a running pod."""

    async def scene(count: Callable[[], Awaitable[int]]) -> None:
        url = f"{cluster.url}{PODS}/running/log?follow=true"
        async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
            await socket.receive(10)
            assert await count() == 1

    async def follows() -> int:
        return await asyncio.to_thread(_follows, cluster)

    asyncio.run(scene(follows))
    until(lambda: _follows(cluster) == 0)


def _follows(cluster: Cluster) -> int:
    text = ask(cluster, "/metrics").body.decode()
    return int(float(text.split("\nhotloop_kube_log_follows ")[1].split()[0]))
