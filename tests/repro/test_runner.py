"""The runner's hold on what it starts: ended and removed also when the run is cancelled."""

import asyncio
from pathlib import Path

import pytest

from diag.errors import HotloopError
from repro.caserun import CaseRun, Conditions
from repro.cluster import Cluster
from repro.runner import Runner
from repro.scenario import Case, Scenario

CASES = (Case(variant="buggy", pod="succeeded"), Case(variant="hardened", pod="succeeded"))


def test_a_failing_end_does_not_begin_the_next_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pods that cannot be removed after Ctrl-C are told, and nothing more is started."""
    told: list[str] = []
    started: list[Case] = []
    under_way = asyncio.Event()

    async def measure(self: CaseRun) -> None:
        started.append(self.case)
        try:
            under_way.set()
            await asyncio.Event().wait()
        finally:
            raise HotloopError("the pods are still there")

    def say(case: Case, text: str, *, over: bool = False) -> None:  # noqa: ARG001 - as the runner calls it
        told.append(f"{text} {over}")

    async def interrupt() -> None:
        subject = Runner(
            Conditions(scenario=Scenario(cases=CASES), cluster=Cluster(), memory=1 << 30, folder=tmp_path),
            say,
        )
        run = asyncio.create_task(subject.run())
        await under_way.wait()
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert not subject.rows

    monkeypatch.setattr(CaseRun, "measure", measure)
    asyncio.run(interrupt())
    assert started == [CASES[0]]
    assert told == ["interrupted: the pods are still there True"]
