"""The runner's hold on what it starts: ended and removed also when the run is cancelled."""

import asyncio
import threading
from pathlib import Path

import pytest

from diag.errors import HotloopError
from repro import runner
from repro.runner import Cluster, Runner
from repro.scenario import Case, Scenario

CASES = (Case(variant="buggy", pod="succeeded"), Case(variant="hardened", pod="succeeded"))


def test_what_a_cancelled_call_makes_is_waited_for() -> None:
    """A pod that is being created when Ctrl-C comes is there when the pods are removed, not after it."""
    begun, proceed = threading.Event(), threading.Event()
    made = []

    def make(kind: str) -> str:
        begun.set()
        proceed.wait(10)
        made.append(kind)
        return kind

    async def interrupt() -> None:
        call = asyncio.create_task(runner._to_its_end(make, "succeeded"))  # noqa: SLF001 - the seam of the race
        await asyncio.to_thread(begun.wait, 10)
        call.cancel()
        await asyncio.sleep(0)
        proceed.set()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert made == ["succeeded"]

    asyncio.run(interrupt())


def test_a_failing_end_does_not_begin_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pods that cannot be removed after Ctrl-C are told, and nothing more is started."""
    told: list[str] = []
    started: list[Case] = []
    under_way = asyncio.Event()

    async def measure(self: runner.CaseRun) -> None:
        started.append(self.case)
        try:
            under_way.set()
            await asyncio.Event().wait()
        finally:
            raise HotloopError("the pods are still there")

    def say(case: Case, text: str, *, over: bool = False) -> None:  # noqa: ARG001 - as the runner calls it
        told.append(f"{text} {over}")

    async def interrupt() -> None:
        subject = Runner(Scenario(cases=CASES), Cluster(), memory=1 << 30, folder=tmp_path, say=say)
        run = asyncio.create_task(subject.run())
        await under_way.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert not subject.rows

    monkeypatch.setattr(runner.CaseRun, "measure", measure)
    asyncio.run(interrupt())
    assert started == [CASES[0]]
    assert told == ["interrupted: the pods are still there True"]


@pytest.mark.parametrize("views", [1, 20, 5000])
def test_viewers_come_while_they_are_awaited(tmp_path: Path, views: int) -> None:
    """However many come, all are there in the first third of their time."""
    case = Case(variant="hardened", pod="running", views=views)
    subject = Runner(Scenario(cases=(case,)), Cluster(), memory=1 << 30, folder=tmp_path)
    ramp = runner.CaseRun(subject, case, tmp_path)._ramp  # noqa: SLF001 - what a view is started with
    assert ramp == pytest.approx(min(0.02 * (views - 1), 1.5))
