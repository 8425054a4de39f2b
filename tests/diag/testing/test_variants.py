"""Tests of the check on the incident: each faulty log view fails a ten-line test for the right reason, the hardened one passes."""

import re

import pytest
from checkrun import Run, check

TEXT = '''
import aiohttp
from logapi import Answer, LogApi, finished, pod
from logserver import log_server

LOG = [b"line %d\\n" % number for number in range(1, 21)]
STAMPED = [b"2026-11-24T07:18:00.%03d000000Z " % number + line for number, line in enumerate(LOG)]

async def see(variant):
    api = LogApi({"pod": finished()}, [Answer(LOG)])
    async with log_server(api) as server, server.session.ws_connect(server.path(variant)) as ws:
        lines = [await ws.receive_str() for _ in LOG]
        assert lines[-1] == "line 20"

async def test_buggy():
    await see("buggy")

async def test_frozen():
    await see("frozen")

async def test_half_fixed():
    await see("half_fixed")

async def test_fan_out():
    await see("fan_out")

async def test_rewatch():
    await see("rewatch")

async def leave(variant, line):
    """Leave a running pod."""
    later = asyncio.Queue()
    api = LogApi({"pod": pod()}, [Answer([line], end="hold", later=later)])
    async with log_server(api) as server:
        async with server.view(variant) as ws:
            await ws.receive()
        for _ in range(3):
            await asyncio.sleep(0.02)
            later.put_nowait(line)

async def test_published():
    await leave("published", LOG[0])

async def test_hardened_left():
    await leave("hardened", STAMPED[0])

async def test_hardened():
    api = LogApi({"pod": finished()}, [Answer(STAMPED), Answer()])
    async with log_server(api) as server, server.session.ws_connect(server.path("hardened")) as ws:
        data = b"".join([message.data async for message in ws if message.type is aiohttp.WSMsgType.BINARY])
        assert data == b"".join(LOG)

async def test_session_goes_on():
    await asyncio.sleep(0)
'''

REASONS = {
    "buggy": r"diag: spin in read_log \(buggy.py:36-45\): .* empty turns .*`line` was empty every time \(HL001 .*, line 43\)",
    "frozen": r"diag: spin in read_log \(frozen.py:34-39\): one turn .* does not end, .*`read` was empty .*\(HL001 .*, line 38\)",
    "half_fixed": r"diag: spin in view \(half_fixed.py:23-27\): .* tasks made by view .*half_fixed.py:25\).*\(HL009 .*, line 25\)",
    "fan_out": r"diag: spin in view \(fan_out.py:26-30\): ([\d,]+ tasks made in one turn|one turn .* does not end).*`line` was empty",
    "rewatch": r"diag: storm in view \(rewatch.py:23-24\): the same request [\d,]+ times .*\(HL013 watch-restarted",
    "published": r"diag: leaked task StreamReader.readline, created by read_log \(.*published.py:50\)",
}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run all of them at once: what is stopped leaves the others undisturbed."""
    return check(
        tmp_path_factory.mktemp("variants"), TEXT, "--diag-check=error", "-Wignore", ini="diag_settle = 200ms"
    )


@pytest.mark.parametrize("variant", REASONS)
def test_a_faulty_view_fails_its_test_for_the_right_reason(run: Run, variant: str) -> None:
    """Place, count, what stayed empty, and the entry of the catalogue."""
    outcome = run.outcomes[f"test_{variant}"]
    assert outcome.kind == "failed", run.output[-3000:]
    assert re.match(REASONS[variant], outcome.message), outcome.message


@pytest.mark.parametrize("name", ["hardened", "hardened_left", "session_goes_on"])
def test_the_hardened_view_passes(run: Run, name: str) -> None:
    """At the log's end, and when the viewer leaves a running pod; and so does a test after all those that were stopped."""
    assert run.outcomes[f"test_{name}"].kind == "passed", run.outcomes[f"test_{name}"].text
