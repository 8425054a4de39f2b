"""One run of one case: each part a process of its own, bounded, and recorded with diag.

A run has three phases: *quiet* (the server idles), *viewing* (log views are open) and *after* (everybody has
left). Whatever happens, it ends with all its processes and pods gone.
"""

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path

import msgspec

from diag.errors import HotloopError
from diag.storage import load
from repro.cluster import POD_SECONDS, Cluster, make, reach
from repro.pods import Pods, finished
from repro.processes import WATCH_INTERVAL, Limits, Part, over_limit
from repro.row import Measured
from repro.scenario import Case, Scenario
from repro.scrape import LoopTotals, log_requests, loop_totals
from repro.viewers.counting import LineCounter
from repro.viewers.summary import Summary

START_SECONDS = 60.0
"""Seconds that a part has to say that it is ready: many workers on few cores start slowly."""

SETTLE = 1.0
"""Seconds of viewing before the server is looked at for its diagnosis: the views are open by then."""

LOOK_SHARE = 2 / 3
"""Share of viewing that the look takes at the least, on a machine so busy that its beginning is late: three seconds,
as `diag inspect` takes."""

STACKS = 1.5
"""Seconds of stack sampling: 150 samples, enough to name a line that takes a tenth of the time."""

CLOSING_SECONDS = 15.0
"""Seconds that the viewers have to leave and to write down what they saw: 5,000 of them take four."""

GRACE = 0.5
"""Seconds that a part has to end in order when all is measured; a frozen server never does."""

WORKERS_NICE = 10
"""Niceness of a server with several workers: they may take every core, and the machine has to stay usable and
their observer must not be starved by what it observes."""

IN_TIME = "deadline"
"""How a run ends that went through all its phases, in `Run.ended`."""

API = "Kubernetes API"
"""Name of the part that serves an embedded one."""

RECORDINGS = "recordings"
"""Folder of the recordings, in the outcome's."""


class Conditions(msgspec.Struct, frozen=True, kw_only=True):
    """What all runs of a scenario have in common."""

    scenario: Scenario
    cluster: Cluster
    memory: int
    """Limit of each process, in bytes of resident memory."""
    folder: Path
    """Where the recordings go, in `folder/recordings/NAME`."""


class CaseRun:
    """One run of one case, from the first process to the last.

    Args:
        case: what to run.
        conditions: under which.
        scratch: a folder for what the parts write meanwhile.
        say: told what it is doing.
    """

    def __init__(self, case: Case, conditions: Conditions, scratch: Path, say: Callable[[str], None]) -> None:
        self.case = case
        self._scenario = conditions.scenario
        self._cluster = conditions.cluster
        self._recording = conditions.folder / RECORDINGS / case.name
        self._scratch = scratch
        self._summary = scratch / "views.json"
        self._limits = Limits(
            memory=conditions.memory,
            deadline=self._scenario.seconds_of(case) + 2 * START_SECONDS + POD_SECONDS,
        )
        self._parts: list[Part] = []
        self._requests_per_second: float | None = None
        self._loop = LoopCounting(None)
        self._say = say

    async def measure(self) -> Measured:
        """Start everything, go through the phases, end everything."""
        async with contextlib.AsyncExitStack() as stack:
            self._say("starting")
            kubeconfig = self._cluster.kubeconfig or await self._start_kube(stack)
            pods = await stack.enter_async_context(self._cluster.pods(kubeconfig, self._say))
            server = await self._start(
                stack, "server", "repro", "serve", "--workers", f"{self.case.workers}",
                "--kubeconfig", f"{kubeconfig}", nice=WORKERS_NICE if self.case.workers > 1 else 0,
            )  # fmt: skip
            name = await make(pods, self.case.pod)
            url = await server.line(START_SECONDS)
            await reach(pods, name, self.case.pod)
            expected = await self._expected(pods, name)
            requests = partial(log_requests, url if self._cluster.kubeconfig else pods.address)
            # Several workers tell of their counts but once a second, each at its own time.
            self._loop = LoopCounting(url if self.case.workers == 1 else None)
            # A held process is read without error, which costs a lone server 2 % of its time; among many that want the
            # same cores it would be held until the sampler's next turn.
            pausing = ["--pausing"] if self.case.workers == 1 else []
            recorder = await self._start(
                stack, "recorder", "repro.recorder", f"{server.pid}", f"{self._recording}", *pausing
            )
            viewers = await self._start(
                stack, "viewers", "repro", "view", url, "--variant", self.case.variant,
                "--namespace", pods.namespace, "--pod", name,
                "--views", f"{self.case.views}", "--ramp", f"{self._scenario.ramp_of(self.case)}",
                "--format", "json", "-o", f"{self._summary}", "--stay", "--on-enter", *expected,
            )  # fmt: skip
            await recorder.line(START_SECONDS)
            await viewers.line(START_SECONDS)
            ended = await self._watched(server, self._phases(recorder, viewers, requests))
            await viewers.stop(grace=CLOSING_SECONDS)
            self._say("saving")
            recorder.hang_up()
            await recorder.end(START_SECONDS)
            return self._measured(ended, recorder, viewers)

    async def _watched(self, server: Part, schedule: Coroutine[None, None, None]) -> str:
        """Follow the schedule for as long as the server lives within its limits; say how it ended."""
        phases = asyncio.create_task(schedule)
        gone = asyncio.create_task(server.process.wait())
        lost = asyncio.create_task(_first_gone([part for part in self._parts if part.name == API]))
        heavy = asyncio.create_task(over_limit(self._parts, self._limits.memory))
        watched = {phases, gone, lost, heavy}
        try:
            await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            if heavy.done():
                return self._over(server, *heavy.result())
            if gone.done():
                return f"died: {server.last_words()}"
            if lost.done():
                raise HotloopError(f"the {lost.result().name} ended too early: {lost.result().last_words()}")
            await phases
            return IN_TIME
        finally:
            for task in watched:
                task.cancel()
            await asyncio.gather(*watched, return_exceptions=True)

    def _over(self, server: Part, part: Part, pid: int) -> str:
        """End the process that holds too much; only the server's doing so is a result."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        if part is not server:
            raise HotloopError(f"the {part.name} went over the memory limit: see --memory")
        return "memory limit"

    async def _phases(self, recorder: Part, viewers: Part, requests: Callable[[], float | None]) -> None:
        """Quiet, viewing, after everyone left."""
        self._say("quiet")
        await self._loop.begin()
        await self._order(recorder, "phase quiet")
        await asyncio.sleep(self._scenario.quiet)
        await self._order(recorder, "census")
        await self._loop.end("quiet")

        self._say("viewing")
        before = await asyncio.to_thread(requests)
        await self._order(recorder, "phase viewing")
        begun = time.monotonic()
        await viewers.tell("open")
        await asyncio.sleep(min(SETTLE, self._scenario.viewing / 3))
        viewing = self._scenario.viewing_of(self.case)
        left = max(LOOK_SHARE * viewing, begun + viewing - time.monotonic())
        await self._order(recorder, f"look {left} {min(STACKS, viewing / 3)}")  # which ends with a census
        after = await asyncio.to_thread(requests)
        await self._loop.end("viewing")
        if before is not None and after is not None:
            self._requests_per_second = (after - before) / (time.monotonic() - begun)

        self._say("after everyone left")
        await viewers.stop(grace=CLOSING_SECONDS)
        await self._loop.begin()
        await self._order(recorder, "phase after")
        await asyncio.sleep(self._scenario.after)
        await self._order(recorder, "census")
        await self._loop.end("after")

    async def _order(self, recorder: Part, order: str) -> None:
        """Have the recorder do something, and wait until it has."""
        await recorder.tell(order)
        if (done := await recorder.line(START_SECONDS)) != order:
            raise HotloopError(f"the recorder answered {done!r} to {order!r}")

    def _measured(self, ended: str, recorder: Part, viewers: Part) -> Measured:
        """Read back what the parts wrote."""
        for part, written in ((recorder, self._recording), (viewers, self._summary)):
            if not written.exists() or not part.ended:
                raise HotloopError(f"the {part.name} left nothing: {part.last_words()}")
        try:
            summary = msgspec.json.decode(self._summary.read_bytes(), type=Summary)
        except msgspec.DecodeError as error:
            raise HotloopError(f"the viewers' summary is damaged: {error}") from None
        return Measured(
            ended=ended,
            recording=load(self._recording),
            summary=summary,
            log_requests_per_second=self._requests_per_second,
            loop=self._loop.phases,
            folder=f"{RECORDINGS}/{self.case.name}",
        )

    async def _expected(self, pods: Pods, name: str) -> list[str]:
        """Give the viewers' option for the lines of a log that has ended; nothing for one that goes on."""
        if not finished(await asyncio.to_thread(pods.status, name)):
            return []
        counter = LineCounter()
        counter.add_piece(await asyncio.to_thread(pods.log, name))
        counter.finish()
        return ["--expect", f"{counter.lines}"]

    async def _start_kube(self, stack: contextlib.AsyncExitStack) -> Path:
        """Start an embedded API of this run's own; answer its kubeconfig."""
        kube = await self._start(stack, API, "repro", "kube", "--pods", "none")
        return Path(await kube.line(START_SECONDS))

    async def _start(
        self, stack: contextlib.AsyncExitStack, name: str, module: str, *arguments: str, nice: int = 0
    ) -> Part:
        """Start a part, to be stopped with the run."""
        command = [sys.executable, "-m", module, *arguments]
        part = await Part.start(name, command, limits=self._limits, folder=self._scratch, nice=nice)
        stack.push_async_callback(part.stop, GRACE)
        self._parts.append(part)
        return part


class LoopCounting:
    """What the server's event loop does in each phase, read from its metrics; one that does not answer is not asked again.

    Args:
        url: the server's; None if it is not to be asked.
    """

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._last: LoopTotals | None = None
        self.phases: dict[str, LoopTotals] = {}

    async def begin(self) -> None:
        """Read where a phase begins."""
        self._last = await asyncio.to_thread(loop_totals, self._url) if self._url else None
        if self._last is None:
            self._url = None

    async def end(self, phase: str) -> None:
        """Read where a phase ends, and another one begins."""
        before = self._last
        await self.begin()
        if before is not None and self._last is not None:
            self.phases[phase] = self._last - before


async def _first_gone(parts: Sequence[Part]) -> Part:
    """Wait until one of the parts has ended; for ever, where there is none."""
    while True:
        for part in parts:
            if part.ended:
                return part
        await asyncio.sleep(WATCH_INTERVAL)
