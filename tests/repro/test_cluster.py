"""Pods that are made are pods that are removed."""

import asyncio
import threading
from typing import TYPE_CHECKING, cast

import pytest

from repro import cluster

if TYPE_CHECKING:
    from repro.pods import Pods


def test_what_a_cancelled_call_makes_is_waited_for() -> None:
    """A pod that is being created when Ctrl-C comes is there when the pods are removed, not after it."""
    begun, proceed = threading.Event(), threading.Event()
    made = []

    class Slow:
        def make(self, kind: str) -> str:
            begun.set()
            proceed.wait(10)
            made.append(kind)
            return kind

    async def interrupt() -> None:
        call = asyncio.create_task(cluster.make(cast("Pods", Slow()), "succeeded"))
        await asyncio.to_thread(begun.wait, 10)
        call.cancel()
        await asyncio.sleep(0)
        proceed.set()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert made == ["succeeded"]

    asyncio.run(interrupt())
