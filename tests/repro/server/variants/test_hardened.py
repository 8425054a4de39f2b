"""Tests of the good practices that the hardened view follows, one by one."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from logapi import Answer, LogApi, finished, pod, stamped
from logserver import QUICK, Server, log_server, see, until

from repro.server.limits import SEATS, Limits


def run(
    api: LogApi, test: Callable[[Server], Awaitable[None]], limits: Limits = QUICK, *, clean: bool = True
) -> None:
    """Run a test against a server, and check that no view leaves anything behind."""

    async def main() -> None:
        async with log_server(api, limits) as server:
            before = len(asyncio.all_tasks())
            await test(server)
            if clean:
                await server.session.close()
                await until(lambda: not api.follows and not api.watchers)
                await until(lambda: len(asyncio.all_tasks()) <= before)
                assert server.app[SEATS].in_use == 0

    asyncio.run(main())


CRASHED = {"terminated": {"exitCode": 1, "reason": "Error"}}
BACK_OFF = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 10s"}}


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([stamped("line 1", "line 2")], b"line 1\nline 2\n"),
        ([stamped("line 1"), stamped("no newline", second=1, end="")], b"line 1\nno newline"),
        ([stamped("line 1", "", "", "line 4")], b"line 1\n\n\nline 4\n"),
        ([stamped("x")[:-2] + b"\xff\xfe\r\n"], b"\xff\xfe\r\n"),
        ([stamped('{"type":"ADDED"}', "12345")], b'{"type":"ADDED"}\n12345\n'),
        ([stamped("y" * 5_000_000)], b"y" * 5_000_000 + b"\n"),
        ([], b""),
    ],
    ids=["plain", "no newline", "blank lines", "undecodable", "json and numbers", "5 MB line", "empty"],
)
def test_nothing_of_a_log_is_lost(chunks: list[bytes], expected: bytes) -> None:
    """The log arrives to the byte, and then an end that says why."""

    async def test(server: Server) -> None:
        seen = await server.watch()
        assert seen.data == expected
        assert seen.events[-1] == {
            "type": "end",
            "reason": "Completed",
            "message": "container main ended with exit code 0",
            "exitCode": 0,
        }
        assert (seen.code, seen.reason) == (1000, "Completed")

    run(LogApi({"pod": finished()}, [Answer(chunks)]), test)


def test_a_failed_container_ends_with_its_exit_code() -> None:
    """The end's reason is the container's."""

    async def test(server: Server) -> None:
        end = (await server.watch()).events[-1]
        assert (end["reason"], end["exitCode"]) == ("OOMKilled", 137)

    run(LogApi({"pod": finished(exit_code=137, reason="OOMKilled")}, [Answer()]), test)


def test_the_end_is_believed_when_a_second_look_brings_nothing_new() -> None:
    """A kubelet that dies gives a clean end of file in the middle; the rest is fetched."""
    log = stamped("line 1", "line 2", "line 3")
    api = LogApi({"pod": finished()}, [Answer([log[:50]]), Answer([log])])

    async def test(server: Server) -> None:
        assert (await server.watch()).data == b"line 1\nline 2\nline 3\n"
        assert [asked.get("sinceTime") for asked in api.asked] == [None] + 2 * ["2026-11-24T07:18:00Z"]

    run(api, test)


def test_a_cut_stream_resumes_without_loss_or_repeat() -> None:
    """After a broken connection it goes on within the line, and says that it did."""
    log = stamped(*(f"line {number}" for number in range(9))) + stamped("later", second=1)
    answers = [Answer([log[:60]], end="cut"), Answer([log[:200]], end="cut"), Answer([log])]

    async def test(server: Server) -> None:
        seen = await server.watch()
        assert seen.data == b"".join(b"line %d\n" % number for number in range(9)) + b"later\n"
        assert seen.types.count("resumed") == 2

    run(LogApi({"pod": finished()}, answers), test)


def test_a_dead_kubelet_is_waited_for() -> None:
    """A refusal is told to the viewer once, and asked again until the log is there."""
    refusals = 3 * [Answer(status=500, message="dial tcp 127.0.0.1:10250: connect: connection refused")]
    api = LogApi({"pod": finished()}, [*refusals, Answer([stamped("line 1")])])

    async def test(server: Server) -> None:
        seen = await server.watch()
        assert seen.data == b"line 1\n"
        assert seen.types == ["waiting", "resumed", "end"]
        assert "connection refused" in seen.events[0]["message"]

    run(api, test)


def test_a_log_that_stays_away_is_given_up() -> None:
    """When the patience is over, the view ends with an upstream error."""
    api = LogApi({"pod": finished()}, [Answer(status=500, message="no kubelet")])

    async def test(server: Server) -> None:
        seen = await server.watch()
        assert seen.code == 1011
        assert seen.events[-1]["reason"] == "UpstreamError"
        assert seen.events[-1]["message"] == "no kubelet"

    run(api, test, dataclasses.replace(QUICK, patience=0.05))


def test_a_stream_that_is_always_cut_at_the_same_place_is_given_up() -> None:
    """What comes is passed on once; when nothing new has come for long, the view ends."""
    api = LogApi({"pod": finished()}, [Answer([stamped("line 1")], end="cut")])

    async def test(server: Server) -> None:
        seen = await server.watch()
        assert (seen.data, seen.code) == (b"line 1\n", 1011)
        assert "cut" in seen.events[-1]["message"]

    run(api, test, dataclasses.replace(QUICK, patience=0.2))


@pytest.mark.parametrize("status", [401, 403, 422])
def test_a_refusal_that_will_stay_ends_the_view(status: int) -> None:
    """What asking again cannot change is not asked again."""
    api = LogApi({"pod": finished()}, [Answer(status=status, message="no")])

    async def test(server: Server) -> None:
        assert (await server.watch()).code == 1011
        assert len(api.asked) == 1

    run(api, test)


@pytest.mark.parametrize("answer", [Answer(status=204), Answer(status=400, message="is waiting to start")])
def test_a_container_that_is_not_there_yet_is_waited_for_by_a_watch(answer: Answer) -> None:
    """One request, one waiting event, and the next request when the pod has changed."""
    waiting = {"waiting": {"reason": "ContainerCreating"}}
    api = LogApi({"pod": pod(phase="Pending", state=waiting)}, [answer, Answer([stamped("line 1")])])

    async def test(server: Server) -> None:
        async with server.view() as ws:
            seen = await see(ws, lambda seen: bool(seen.events))
            assert seen.types == ["waiting"]
            await until(lambda: len(api.watchers) == 1)
            api.put(pod(phase="Pending", state=waiting))
            assert len(api.asked) == 1
            api.put(finished())
            seen = await see(ws)
            assert (seen.data, seen.types) == (b"line 1\n", ["end"])

    run(api, test)


def test_a_restart_is_followed() -> None:
    """The new run's log follows the old one's, and the lines of neither come twice."""
    crashed = pod(state=BACK_OFF, last=CRASHED, restarts=1)
    again = pod(state=BACK_OFF, last=CRASHED, restarts=2)
    old, new = Answer([stamped("old 1")]), Answer([stamped("new 1", second=9)])
    api = LogApi({"pod": crashed}, [old, old, new, new, old])

    async def test(server: Server) -> None:
        async with server.view() as ws:
            seen = await see(ws, lambda seen: seen.types == ["waiting"])
            assert seen.data == b"old 1\n"
            await until(lambda: len(api.watchers) == 1)
            api.put(again)
            seen = await see(ws, lambda seen: seen.data.endswith(b"\n"))
            assert (seen.data, seen.types) == (b"new 1\n", ["restarted"])

    run(api, test)


def test_what_a_cut_left_of_the_run_before_is_fetched_at_a_restart() -> None:
    """The rest of a run that ended unseen is there as the previous log."""
    log = stamped("old 1", "old 2")
    answers = [Answer([log[:40]], end="cut"), Answer([log]), Answer([stamped("new 1", second=9)], end="hold")]
    api = LogApi({"pod": pod()}, answers)

    async def test(server: Server) -> None:
        # The view has read the pod when it asks for the log: it then finds it restarted.
        async with server.session.ws_connect(server.path()) as ws:
            api.put(pod(restarts=1))
            seen = await see(ws, lambda seen: b"new 1\n" in seen.data)
            assert seen.data == b"old 1\nold 2\nnew 1\n"
            assert [asked.get("previous") for asked in api.asked] == [None, "true", None]

    run(api, test)


def test_a_deleted_pod_ends_the_view() -> None:
    """That it was deleted is the reason, and what the kubelet said is no log."""
    api = LogApi({"pod": pod()}, [Answer([stamped("line 1"), b"rpc error: not found"])])

    async def test(server: Server) -> None:
        async with server.session.ws_connect(server.path()) as ws:
            api.delete("pod")
            seen = await see(ws)
            assert seen.data == b"line 1\n"
            assert seen.events[-1]["reason"] == "Deleted"
            assert "rpc error" in seen.events[-1]["message"]
            assert seen.code == 1000

    run(api, test)


@pytest.mark.parametrize("answer", [Answer([stamped("line 1")], end="hold"), Answer(status=204)])
def test_nothing_is_left_when_the_viewer_leaves(answer: Answer) -> None:
    """Neither a task nor a connection stays, whether there was log or only waiting; leaving is noticed at once."""
    api = LogApi({"pod": pod(phase="Pending", state={"waiting": {}})}, [answer])

    async def test(server: Server) -> None:
        for _ in range(3):
            async with server.view() as ws:
                await ws.receive(timeout=5)
        assert len(api.asked) == 3

    run(api, test)


def test_nothing_is_left_when_the_viewer_vanishes_before_the_first_line() -> None:
    """A viewer who is gone as soon as the view opens leaves nothing either."""

    async def test(server: Server) -> None:
        for _ in range(5):
            async with server.view():
                pass

    run(LogApi({"pod": pod()}, [Answer(end="hold")]), test)


def test_a_viewer_who_does_not_read_is_let_go() -> None:
    """After the send timeout the view ends, and what it held is free."""
    big = stamped(*(2000 * ["z" * 10_000]))
    api = LogApi({"pod": pod()}, [Answer([big], end="hold")])

    async def test(server: Server) -> None:
        reader, writer = await asyncio.open_connection(*server.runner.addresses[0])
        writer.write(
            b"GET /logs/hardened/default/pod HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert b"101" in await reader.readline()
        await until(lambda: server.app[SEATS].in_use == 1)
        await until(lambda: server.app[SEATS].in_use == 0)
        writer.close()

    run(api, test, dataclasses.replace(QUICK, send_timeout=0.2))


def test_a_vanished_viewer_is_found_by_a_ping() -> None:
    """Who does not answer the heartbeat has left."""

    async def test(server: Server) -> None:
        async with server.view(autoping=False):
            await until(lambda: server.app[SEATS].in_use == 1)
            await until(lambda: server.app[SEATS].in_use == 0)

    run(LogApi({"pod": pod()}, [Answer(end="hold")]), test, dataclasses.replace(QUICK, heartbeat=0.1))


def test_a_shutdown_says_goodbye() -> None:
    """Open views are closed with 1001."""

    async def test(server: Server) -> None:
        async with server.view() as ws:
            await ws.receive(timeout=5)
            seen, _ = await asyncio.gather(see(ws), server.runner.cleanup())
            assert seen.code == 1001

    run(LogApi({"pod": pod()}, [Answer([stamped("line 1")], end="hold")]), test)


def test_one_view_too_many_is_refused() -> None:
    """Beyond the limit a view is refused before it opens, and the next is welcome when one has left."""

    async def test(server: Server) -> None:
        async with server.view():
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await server.watch()
            assert refused.value.status == 503
        await until(lambda: server.app[SEATS].in_use == 0)
        async with server.view():
            pass

    run(LogApi({"pod": pod()}, [Answer(end="hold")]), test, dataclasses.replace(QUICK, views=1))


def test_one_view_too_many_of_a_pod_is_refused() -> None:
    """A pod has its own limit, and others are shown beside it."""
    api = LogApi({name: pod(name) for name in ("pod", "other")}, [Answer(end="hold")])

    async def test(server: Server) -> None:
        async with server.view():
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await server.watch()
            assert refused.value.status == 503
            async with server.view(pod="other"):
                pass
        await until(lambda: server.app[SEATS].in_use == 0)
        async with server.view():
            pass

    run(api, test, dataclasses.replace(QUICK, views_per_pod=1))


def test_viewers_of_a_log_share_its_request() -> None:
    """The API is asked once, each viewer sees all, and the request ends with the last of them."""
    api = LogApi({"pod": pod()}, [Answer([stamped("line 1")], end="hold")])

    async def test(server: Server) -> None:
        async with server.view() as last:
            for _ in range(3):
                async with server.view() as ws:
                    assert (await see(ws, lambda seen: bool(seen.data))).data == b"line 1\n"
            assert (await see(last, lambda seen: bool(seen.data))).data == b"line 1\n"
            assert (len(api.asked), api.follows) == (1, 1)

    run(api, test)


def test_an_evicted_pod_that_never_ran_ends_with_its_reason() -> None:
    """A pod that failed before it started has no log to wait for."""
    evicted: dict[str, Any] = pod(phase="Failed")
    evicted["status"] = {"phase": "Failed", "reason": "Evicted", "message": "low on memory"}

    async def test(server: Server) -> None:
        end = (await server.watch()).events[-1]
        assert (end["reason"], end["message"]) == ("Evicted", "low on memory")

    run(LogApi({"pod": evicted}, [Answer(status=204)]), test)
