"""Runs the cases of a scenario, one after the other, and keeps their rows."""

import asyncio
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Protocol

import msgspec

from diag.errors import HotloopError
from diag.machine import this_machine
from repro.caserun import IN_TIME, CaseRun, Conditions
from repro.comparison import Comparison, Phases, Run
from repro.row import Measured, row
from repro.scenario import Case

CALM_AT_ONCE = 2
"""Calm runs measured side by side."""


class Say(Protocol):
    """Told of each run's progress."""

    def __call__(self, case: Case, text: str, *, over: bool = False) -> None:
        """Take what a run is doing, or how it ended when it is over."""


def silent(case: Case, text: str, *, over: bool = False) -> None:
    """Tell nobody."""


class Runner:
    """Runs the cases of a scenario and keeps their rows."""

    def __init__(self, conditions: Conditions, say: Say = silent) -> None:
        self.conditions = conditions
        self.say = say
        self.rows: dict[Case, Run] = {}
        self.started = time.time()

    async def run(self) -> None:
        """Run every case; what has been measured when this is cancelled stays in `rows`."""
        for case in self.conditions.scenario.cases:
            if not case.calm:
                await self._keep(case)
        turns = asyncio.Semaphore(CALM_AT_ONCE)

        async def in_turn(case: Case) -> None:
            async with turns:
                await self._keep(case)

        async with asyncio.TaskGroup() as group:
            for case in self.conditions.scenario.cases:
                if case.calm:
                    group.create_task(in_turn(case))

    def comparison(self, *, cluster: str, command: str) -> Comparison:
        """Put the rows side by side, in the scenario's order."""
        scenario = self.conditions.scenario
        return Comparison(
            started=self.started,
            seconds=time.time() - self.started,
            cluster=cluster,
            command=command,
            memory_limit_mb=self.conditions.memory >> 20,
            seconds_of_phases=Phases(quiet=scenario.quiet, viewing=scenario.viewing, after=scenario.after),
            machine=msgspec.to_builtins(this_machine()),
            runs=tuple(self.rows[case] for case in scenario.cases if case in self.rows),
        )

    async def _keep(self, case: Case) -> None:
        """Run one case; one that could not be run is a row that says why."""
        try:
            with tempfile.TemporaryDirectory(prefix="hotloop-run-") as scratch:
                run = CaseRun(case, self.conditions, Path(scratch), partial(self.say, case))
                measured = await run.measure()
        except (HotloopError, OSError) as error:
            if _cancelled():  # cleaning up failed: that must not turn the end into the next run's beginning
                self.say(case, f"interrupted: {error}", over=True)
                raise asyncio.CancelledError from error
            measured = Measured(ended=f"failed: {error}")
        self.rows[case] = row(case, measured)
        self.say(case, "measured" if measured.ended == IN_TIME else measured.ended, over=True)


def _cancelled() -> bool:
    """Whether the running task has been told to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
