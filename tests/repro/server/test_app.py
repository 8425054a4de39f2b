"""Tests of what the log service answers."""

import asyncio
import gc
import re
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from logapi import Answer, LogApi, finished, pod, stamped
from logserver import Server, log_server

from repro.server.variants import NAMES

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""What a faulty view has left open is reported when it is collected."""


def run(api: LogApi, test: Callable[[Server], Awaitable[None]]) -> None:
    """Run a test against a server."""

    async def main() -> None:
        async with log_server(api) as server:
            await test(server)

    asyncio.run(main())
    gc.collect()


async def refused(server: Server, path: str, *, upgrade: bool = True) -> tuple[int, str]:
    """Ask for a view that cannot be had, and give the status and the error's text."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade"} if upgrade else {}
    async with server.session.get(path, headers=headers) as answer:
        error = await answer.json()
        assert error["status"] == answer.status
        return answer.status, error["error"]


def test_health() -> None:
    """A living loop says so."""

    async def test(server: Server) -> None:
        async with server.session.get("/healthz") as answer:
            assert (answer.status, await answer.text()) == (200, "ok")

    run(LogApi(), test)


def test_pods_are_listed() -> None:
    """Namespace, name, phase and containers of each pod."""

    async def test(server: Server) -> None:
        for query in ("", "?namespace=default"):
            async with server.session.get("/pods" + query) as answer:
                pods = {each["name"]: each for each in await answer.json()}
            assert pods["a"]["namespace"] == "default"
            assert pods["a"]["phase"] == "Succeeded"
            assert pods["a"]["containers"] == ["main"]
            assert pods["b"]["phase"] == "Running"

    run(LogApi({"a": finished("a"), "b": pod("b")}), test)


def test_an_unknown_variant_is_answered_with_the_ones_there_are() -> None:
    """404, and the names of all eight."""

    async def test(server: Server) -> None:
        status, error = await refused(server, "/logs/fixed/default/pod")
        assert status == 404
        assert all(name in error for name in NAMES)

    run(LogApi({"pod": pod()}), test)


@pytest.mark.parametrize("variant", NAMES)
def test_an_unknown_pod_is_refused_before_the_upgrade(variant: str) -> None:
    """404 in the words of the Kubernetes API."""

    async def test(server: Server) -> None:
        assert await refused(server, server.path(variant)) == (404, 'pods "pod" not found')

    run(LogApi(), test)


def test_a_container_must_be_one_of_the_pods() -> None:
    """400 where it is none, or where there are several and none is named."""
    several = pod()
    several["spec"]["containers"].append({"name": "second", "image": "busybox"})

    async def test(server: Server) -> None:
        status, error = await refused(server, server.path())
        assert (status, "choose one of: [main second]" in error) == (400, True)
        status, error = await refused(server, server.path(query="?container=third"))
        assert (status, error) == (400, "container third is not valid for pod pod")
        async with server.session.ws_connect(server.path(query="?container=second")):
            pass

    run(LogApi({"pod": several}, [Answer(end="hold")]), test)


def test_a_plain_get_of_a_view_must_be_upgraded() -> None:
    """426, before the log is opened."""
    api = LogApi({"pod": pod()}, [Answer(end="hold")])

    async def test(server: Server) -> None:
        for variant in NAMES:
            status, _ = await refused(server, server.path(variant), upgrade=False)
            assert status == 426
        assert api.asked == []

    run(api, test)


def test_a_refused_log_is_refused_before_the_upgrade() -> None:
    """The article's variants open the log first, and pass on why they cannot."""

    async def test(server: Server) -> None:
        assert await refused(server, server.path("buggy")) == (400, "is waiting to start")

    run(LogApi({"pod": pod()}, [Answer(status=400, message="is waiting to start")]), test)


def test_metrics_count_sessions_messages_requests_and_ends() -> None:
    """What a view did is there when it is over."""

    async def test(server: Server) -> None:
        await server.watch("published")
        async with server.session.get("/metrics") as answer:
            metrics = await answer.text()
        for line in (
            'hotloop_sessions_total{variant="published"} 1.0',
            'hotloop_sessions_open{variant="published"} 0.0',
            'hotloop_messages_total{variant="published"} 2.0',
            'hotloop_log_requests_total{variant="published"} 1.0',
            'hotloop_stream_ends_total{variant="published"} 1.0',
            "hotloop_loop_lag_seconds ",
            "hotloop_tasks ",
        ):
            assert line in metrics
        for name in ("loop_turns", "loop_empty_turns", "tasks_created"):
            found = re.search(rf"^hotloop_{name}_total (\S+)$", metrics, re.MULTILINE)
            assert found
            assert float(found[1]) > 0

    run(LogApi({"pod": finished()}, [Answer([b"line 1\n", b"line 2\n"])]), test)


def test_metrics_count_reconnects() -> None:
    """Every log request of a view after its first is one."""

    async def test(server: Server) -> None:
        await server.watch("hardened")
        async with server.session.get("/metrics") as answer:
            assert 'hotloop_reconnects_total{variant="hardened"} 1.0' in await answer.text()

    run(LogApi({"pod": finished()}, [Answer([stamped("line 1")])]), test)


def test_an_api_that_is_gone_is_a_bad_gateway() -> None:
    """502 in a sentence, and the server goes on."""
    api = LogApi({"pod": pod()})

    async def test(server: Server) -> None:
        await server.session.get("/healthz")
        await api.stop()
        status, error = await refused(server, server.path())
        assert (status, "the Kubernetes API does not answer" in error) == (502, True)
        status, _ = await refused(server, "/pods")
        assert status == 502

    run(api, test)


def test_a_viewer_who_leaves_while_a_line_is_sent_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is logged when the socket is gone under a view."""
    api = LogApi({"pod": finished()}, [Answer([b"x" * 1000 + b"\n"] * 5000)])

    async def test(server: Server) -> None:
        for _ in range(3):
            async with server.view("published"):
                pass
        async with server.session.get("/healthz") as answer:
            assert answer.status == 200

    run(api, test)
    assert caplog.records == []


def test_the_client_is_closed_with_the_server() -> None:
    """After the end, the server's sessions are closed."""

    async def main() -> None:
        async with log_server(LogApi()) as server:
            url = server.runner.addresses[0]
        with pytest.raises(aiohttp.ClientError):
            async with aiohttp.ClientSession() as session, session.get("http://{}:{}/healthz".format(*url)):
                pass

    asyncio.run(main())
