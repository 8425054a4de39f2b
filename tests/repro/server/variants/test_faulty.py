"""Tests of the faulty variants: each shows its own fault on a finished pod, and is quiet on a running one.

The event loop's turns and the tasks are counted rather than the CPU, so that a busy machine makes no difference.
"""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest
from aiohttp import StreamReader
from aiohttp.base_protocol import BaseProtocol
from logapi import Answer, LogApi, finished, pod
from logserver import log_server, see, until

from repro.server.variants import NAMES, buggy, fan_out, frozen

LOG = [b"line %d\n" % number for number in range(1, 21)]
LINES = [f"line {number}" for number in range(1, 21)]

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""What a faulty view has left open is reported when it is collected."""

IDLE_TURNS = 60
"""More turns than an idle loop makes in a `PAUSE`, fewer than a spinning one."""

PAUSE = 0.1


class CountingLoop(asyncio.SelectorEventLoop):
    """An event loop that counts its turns and the tasks it was asked for."""

    turns = 0
    tasks = 0

    def _run_once(self) -> None:
        self.turns += 1
        super()._run_once()  # type: ignore[misc] # private, and the only place where a turn can be counted

    def create_task(self, coro: Coroutine[Any, Any, Any], **options: Any) -> asyncio.Task[Any]:  # type: ignore[override] # noqa: ANN401 - the base's is generic
        """Count and create."""
        self.tasks += 1
        return super().create_task(coro, **options)


def run(test: Callable[[CountingLoop], Awaitable[None]]) -> None:
    """Run a test in a counting loop."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, CountingLoop)
        await test(loop)

    with asyncio.Runner(loop_factory=CountingLoop) as runner:
        runner.run(main())
    gc.collect()


async def activity(loop: CountingLoop) -> tuple[int, int, int]:
    """Count the turns and the new tasks of a pause, and the growth of live tasks over it."""
    turns, tasks, live = loop.turns, loop.tasks, len(asyncio.all_tasks())
    await asyncio.sleep(PAUSE)
    return loop.turns - turns, loop.tasks - tasks, len(asyncio.all_tasks()) - live


@pytest.mark.parametrize("ending", [finished(), finished(exit_code=1, reason="Error"), pod(restarts=3)])
def test_buggy_spins_on_a_finished_log_and_stays_when_the_viewer_has_left(ending: dict[str, Any]) -> None:
    """Thousands of turns, no new tasks, and the server answers; nothing changes when nobody looks any more."""

    async def test(loop: CountingLoop) -> None:
        async with log_server(LogApi({"pod": ending}, [Answer(LOG)])) as server:
            async with server.view("buggy") as ws:
                seen = await see(ws, lambda seen: len(seen.lines) == len(LINES))
                assert seen.lines == LINES
                turns, tasks, growth = await activity(loop)
                assert turns > IDLE_TURNS
                assert tasks < IDLE_TURNS
                assert growth == 0
                async with server.session.get("/healthz") as answer:
                    assert answer.status == 200
            await asyncio.sleep(PAUSE)
            turns, _, _ = await activity(loop)
            assert turns > IDLE_TURNS

    run(test)


def test_half_fixed_creates_tasks_without_end_but_keeps_no_more_of_them() -> None:
    """The live ones stand still, also when the viewer has left."""

    async def test(loop: CountingLoop) -> None:
        async with log_server(LogApi({"pod": finished()}, [Answer(LOG)])) as server:
            async with server.view("half_fixed") as ws:
                assert (await see(ws, lambda seen: len(seen.lines) == len(LINES))).lines == LINES
            await asyncio.sleep(PAUSE)
            _, tasks, growth = await activity(loop)
            assert tasks > IDLE_TURNS
            assert abs(growth) < 10

    run(test)


class Exhausted(StreamReader):
    """A stream at its end, that breaks off whoever reads it too often."""

    def __init__(self, reads: int) -> None:
        super().__init__(BaseProtocol(asyncio.get_running_loop()), 1024)
        self.feed_eof()
        self.reads = reads

    async def readline(self) -> bytes:  # type: ignore[override] # the parameters are of no use here
        """Answer with nothing, a number of times."""
        if self.reads == 0:
            raise EOFError
        self.reads -= 1
        return await super().readline()


def test_frozen_never_gives_way() -> None:
    """Ten thousand reads of an exhausted stream, and nothing else had its turn."""

    async def test(loop: CountingLoop) -> None:
        content = Exhausted(10_000)
        others: list[int] = []
        loop.call_soon(others.append, 1)
        with pytest.raises(EOFError):
            await frozen.read_log(content, asyncio.Queue(), loop.create_future())
        assert others == []

    run(test)


def test_the_buggy_reader_gives_way_on_each_turn() -> None:
    """The same fault, and the loop stays alive: it is a live spin."""

    async def test(loop: CountingLoop) -> None:
        reader = loop.create_task(buggy.read_log(Exhausted(2), asyncio.Queue(), loop.create_future()))
        for _ in range(1000):
            await asyncio.sleep(0)
        assert not reader.done()
        reader.cancel()

    run(test)


def test_fan_out_gets_empty_messages_without_suspending() -> None:
    """Once the reader has ended, a message is there at once, for ever: no sender gets its turn."""

    async def test(loop: CountingLoop) -> None:
        lines: asyncio.Queue[str] = asyncio.Queue()
        reader = loop.create_task(fan_out.read_log(Exhausted(2), lines, loop.create_future()))
        await asyncio.wait({reader})
        turns = loop.turns
        for _ in range(1000):
            assert await fan_out.next_line(lines, reader) == ""
        assert loop.turns == turns

    run(test)


def test_rewatch_asks_again_without_a_pause_and_repeats_the_log() -> None:
    """A storm of requests, and the viewer gets the log over and over."""

    async def test(_loop: CountingLoop) -> None:
        api = LogApi({"pod": finished()}, [Answer(LOG)])
        async with log_server(api) as server, server.view("rewatch") as ws:
            seen = await see(ws, lambda seen: len(seen.lines) == 10 * len(LINES))
            assert seen.lines == 10 * LINES
            assert len(api.asked) >= 10

    run(test)


def test_published_closes_at_the_end_of_the_log() -> None:
    """The article's fix works: nothing turns once the log is over."""

    async def test(loop: CountingLoop) -> None:
        async with log_server(LogApi({"pod": finished()}, [Answer(LOG)])) as server:
            seen = await server.watch("published")
            assert (seen.lines, seen.code) == (LINES, 1000)
            turns, _, _ = await activity(loop)
            assert turns < IDLE_TURNS

    run(test)


@pytest.mark.parametrize(
    ("log", "lines"),
    [([b"line 1\n", b"no newline"], ["line 1"]), ([b"line 1\n", b"\n", b"line 3\n"], ["line 1"])],
    ids=["no newline", "blank line"],
)
def test_published_loses_lines(log: list[bytes], lines: list[str]) -> None:
    """A last line without a newline is lost, and whatever comes after a blank one."""

    async def test(_loop: CountingLoop) -> None:
        async with log_server(LogApi({"pod": finished()}, [Answer(log)])) as server:
            assert (await server.watch("published")).lines == lines

    run(test)


def test_published_leaks_its_reader_when_the_viewer_leaves_a_running_pod() -> None:
    """The view ends, its log request does not."""

    async def test(_loop: CountingLoop) -> None:
        api = LogApi({"pod": pod()}, [Answer([b"line 1\n"], end="hold")])
        async with log_server(api) as server:
            async with server.view("published") as ws:
                await ws.receive(timeout=5)
            turns, _, _ = await activity(_loop)
            assert turns < IDLE_TURNS
            assert api.follows == 1

    run(test)


def test_bypass_serves_a_finished_pod_over_plain_http() -> None:
    """The whole log, to the byte, and no WebSocket even if it is asked for."""

    async def test(_loop: CountingLoop) -> None:
        log = [b"line 1\n", b"\n", b"\xff no newline"]
        async with log_server(LogApi({"pod": finished()}, [Answer(log)])) as server:
            async with server.session.get(server.path("bypass")) as answer:
                assert answer.headers["Content-Type"] == "text/plain"
                assert await answer.read() == b"".join(log)
            async with server.session.get(server.path("bypass"), headers={"Upgrade": "websocket"}) as answer:
                assert answer.status == 200

    run(test)


def test_bypass_only_dodges_the_cause() -> None:
    """A pod that finishes while it is looked at takes the core as before."""

    async def test(loop: CountingLoop) -> None:
        async with log_server(LogApi({"pod": pod()}, [Answer(LOG)])) as server:
            async with server.session.get(server.path("bypass")) as answer:
                assert answer.status == 426
            async with server.view("bypass") as ws:
                await see(ws, lambda seen: len(seen.lines) == len(LINES))
                turns, _, _ = await activity(loop)
                assert turns > IDLE_TURNS

    run(test)


@pytest.mark.parametrize("variant", NAMES)
def test_every_variant_is_quiet_on_a_running_pod(variant: str) -> None:
    """A log without an end shows no fault: that is why nobody had noticed."""

    async def test(loop: CountingLoop) -> None:
        stamp = b"2026-11-24T07:18:00.000000000Z " if variant == "hardened" else b""
        api = LogApi({"pod": pod()}, [Answer([stamp + b"line 1\n"], end="hold")])
        async with log_server(api) as server, server.view(variant) as ws:
            seen = await see(ws, lambda seen: bool(seen.lines or seen.data))
            assert seen.lines == ["line 1"] or seen.data == b"line 1\n"
            await until(lambda: api.follows == 1)
            turns, tasks, growth = await activity(loop)
            assert turns < IDLE_TURNS
            assert (tasks, growth) == (0, 0)

    run(test)
