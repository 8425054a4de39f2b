"""The health check beside the views."""

import asyncio
from collections.abc import Callable

from viewserver import frozen, serving

from repro.viewers.probe import HealthProbe


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds that a thread brings about."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.01)


def test_answers_are_timed() -> None:
    """A server that answers is probed again and again, and no probe fails."""

    async def go() -> HealthProbe:
        async with serving() as server:
            with HealthProbe(server.base) as probe:
                await until(lambda: len(probe.latencies) >= 3)
            return probe

    probe = asyncio.run(go())
    assert probe.failed == 0
    assert all(0 < latency < 1 for latency in probe.latencies)


def test_a_frozen_server_fails() -> None:
    """A probe without an answer within its second has failed; those under way at the end are not judged."""

    async def go() -> HealthProbe:
        async with frozen() as base:
            with HealthProbe(base) as probe:
                await until(lambda: probe.failed >= 1)
            return probe

    probe = asyncio.run(go())
    assert len(probe.latencies) == 0
    assert 1 <= probe.failed <= 5


def test_nobody_there_fails() -> None:
    """A refused connection and an answer other than 200 are failures as well."""

    async def go() -> None:
        async with serving() as server:
            for base in ("http://127.0.0.1:1", server.base + "/nowhere"):
                with HealthProbe(base) as probe:
                    await until(lambda: probe.failed >= 2)
                assert len(probe.latencies) == 0

    asyncio.run(go())
