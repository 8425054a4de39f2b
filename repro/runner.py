"""Runs a scenario: each part of each run is a process of its own, bounded, and recorded with diag.

A run has three phases: *quiet* (the server idles), *viewing* (log views are open) and *after* (everybody has
left). Whatever happens, a run ends with all its processes and pods gone.
"""

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import msgspec

from diag.errors import HotloopError
from diag.machine import this_machine
from diag.storage import load
from repro.comparison import Comparison, Run
from repro.kube.kinds import KINDS
from repro.pods import RUN_LABEL, Pods, describe, finished, reached
from repro.processes import WATCH_INTERVAL, Limits, Part, over_limit
from repro.row import Measured, row
from repro.scenario import Case, Scenario
from repro.scrape import log_requests
from repro.viewers.counting import LineCounter
from repro.viewers.summary import Summary

START_SECONDS = 60.0
"""Seconds that a part has to say that it is ready: many workers on few cores start slowly."""

POD_SECONDS = 60.0
"""Seconds that a pod has to reach its state; a crash loop's first back-off takes about 15 on a real cluster."""

POD_POLL = 0.1
"""Seconds between two looks at a pod's state."""

SETTLE = 1.0
"""Seconds of viewing before stacks are sampled: the views are open, and what is measured is undisturbed."""

RAMP = 0.02
"""Seconds between one viewer's coming and the next's: if all came in the same instant, the queue for the cores that
this makes would count as demand."""

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

CALM_AT_ONCE = 2
"""Calm runs measured side by side."""


class Say(Protocol):
    """Told of each run's progress."""

    def __call__(self, case: Case, text: str, *, over: bool = False) -> None:
        """Take what a run is doing, or how it ended when it is over."""


def silent(case: Case, text: str, *, over: bool = False) -> None:
    """Tell nobody."""


API = "Kubernetes API"
"""Name of the part that serves an embedded one."""

RECORDINGS = "recordings"
"""Folder of the recordings, in the outcome's."""


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Where the pods live."""

    kubeconfig: Path | None = None
    """None for an embedded API, a fresh one for each run."""
    namespace: str = "default"
    overlay: dict[str, Any] = {}
    """Merged over each pod's spec."""

    def describe(self) -> str:
        """Say which cluster it is, and so whether it can be used.

        Raises:
            HotloopError: it does not answer, or does not let us in.
        """
        if self.kubeconfig is None:
            return "embedded"
        pods = Pods(self.kubeconfig, namespace=self.namespace)
        return f"{pods.address} ({pods.version()})"


class Runner:
    """Runs the cases of a scenario and keeps their rows.

    Args:
        scenario: what to run.
        cluster: where the pods live.
        memory: limit of each process, in bytes of resident memory.
        folder: where the recordings go, in `folder/recordings/NAME`.
        say: told of the progress.
    """

    def __init__(
        self, scenario: Scenario, cluster: Cluster, *, memory: int, folder: Path, say: Say = silent
    ) -> None:
        self.scenario = scenario
        self.cluster = cluster
        self.memory = memory
        self.folder = folder
        self.say = say
        self.rows: dict[Case, Run] = {}
        self.started = time.time()

    async def run(self) -> None:
        """Run every case; what has been measured when this is cancelled stays in `rows`."""
        for case in self.scenario.cases:
            if not case.calm:
                await self._keep(case)
        turns = asyncio.Semaphore(CALM_AT_ONCE)

        async def in_turn(case: Case) -> None:
            async with turns:
                await self._keep(case)

        async with asyncio.TaskGroup() as group:
            for case in self.scenario.cases:
                if case.calm:
                    group.create_task(in_turn(case))

    def comparison(self, *, cluster: str, command: str) -> Comparison:
        """Put the rows side by side, in the scenario's order."""
        return Comparison(
            started=self.started,
            seconds=time.time() - self.started,
            cluster=cluster,
            command=command,
            memory_limit_mb=self.memory >> 20,
            machine=msgspec.to_builtins(this_machine()),
            runs=tuple(self.rows[case] for case in self.scenario.cases if case in self.rows),
        )

    async def _keep(self, case: Case) -> None:
        """Run one case; one that could not be run is a row that says why."""
        try:
            with tempfile.TemporaryDirectory(prefix="hotloop-run-") as scratch:
                measured = await CaseRun(self, case, Path(scratch)).measure()
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


class CaseRun:
    """One run of one case, from the first process to the last."""

    def __init__(self, runner: Runner, case: Case, scratch: Path) -> None:
        self.case = case
        self.scenario = runner.scenario
        self.cluster = runner.cluster
        self.recording = runner.folder / RECORDINGS / case.name
        self.scratch = scratch
        self.summary = scratch / "views.json"
        self.limits = Limits(
            memory=runner.memory, deadline=runner.scenario.seconds_of(case) + 2 * START_SECONDS + POD_SECONDS
        )
        self.parts: list[Part] = []
        self.requests_per_second: float | None = None
        self._say = runner.say

    def say(self, text: str) -> None:
        """Tell what this run is doing."""
        self._say(self.case, text)

    @property
    def _ramp(self) -> float:
        """Seconds over which the viewers come: a third of their time at the most."""
        return min(RAMP * (self.case.views - 1), self.scenario.viewing / 3)

    async def measure(self) -> Measured:
        """Start everything, go through the phases, end everything."""
        async with contextlib.AsyncExitStack() as stack:
            self.say("starting")
            kubeconfig = self.cluster.kubeconfig or await self._start_kube(stack)
            pods = await stack.enter_async_context(self._pods(kubeconfig))
            server = await self._start(
                stack, "server", "repro", "serve", "--workers", f"{self.case.workers}",
                "--kubeconfig", f"{kubeconfig}", nice=WORKERS_NICE if self.case.workers > 1 else 0,
            )  # fmt: skip
            name = await _to_its_end(pods.make, self.case.pod)
            url = await server.line(START_SECONDS)
            await self._reach(pods, name)
            expected = await self._expected(pods, name)
            requests = partial(log_requests, url if self.cluster.kubeconfig else pods.address)
            # A held process is read without error, which costs a lone server 2 % of its time; among many that want the
            # same cores it would be held until the sampler's next turn.
            pausing = ["--pausing"] if self.case.workers == 1 else []
            recorder = await self._start(
                stack, "recorder", "repro.recorder", f"{server.pid}", f"{self.recording}", *pausing
            )
            viewers = await self._start(
                stack, "viewers", "repro", "view", url, "--variant", self.case.variant,
                "--namespace", pods.namespace, "--pod", name,
                "--views", f"{self.case.views}", "--ramp", f"{self._ramp}",
                "--format", "json", "-o", f"{self.summary}", "--stay", "--on-enter", *expected,
            )  # fmt: skip
            await recorder.line(START_SECONDS)
            await viewers.line(START_SECONDS)
            ended = await self._watched(server, self._phases(recorder, viewers, requests))
            await viewers.stop(grace=CLOSING_SECONDS)
            self.say("saving")
            recorder.hang_up()
            await recorder.end(START_SECONDS)
            return self._measured(ended, recorder, viewers)

    async def _watched(self, server: Part, schedule: Coroutine[None, None, None]) -> str:
        """Follow the schedule for as long as the server lives within its limits; say how it ended."""
        phases = asyncio.create_task(schedule)
        gone = asyncio.create_task(server.process.wait())
        lost = asyncio.create_task(_first_gone([part for part in self.parts if part.name == API]))
        heavy = asyncio.create_task(over_limit(self.parts, self.limits.memory))
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
        self.say("quiet")
        await self._order(recorder, "phase quiet")
        await asyncio.sleep(self.scenario.quiet)
        await self._order(recorder, "census")

        self.say("viewing")
        before = await asyncio.to_thread(requests)
        await self._order(recorder, "phase viewing")
        begun = time.monotonic()
        await viewers.tell("open")
        await asyncio.sleep(min(SETTLE, self.scenario.viewing / 3))
        if self.case.workers == 1:  # looking at many takes long enough to be in their way
            await self._order(recorder, "census")
        await self._order(recorder, f"stacks {min(STACKS, self.scenario.viewing / 3)}")
        await asyncio.sleep(max(0.0, begun + self.scenario.viewing_of(self.case) - time.monotonic()))
        after = await asyncio.to_thread(requests)
        if before is not None and after is not None:
            self.requests_per_second = (after - before) / (time.monotonic() - begun)
        await self._order(recorder, "census")

        self.say("after everyone left")
        await viewers.stop(grace=CLOSING_SECONDS)
        await self._order(recorder, "phase after")
        await asyncio.sleep(self.scenario.after)
        await self._order(recorder, "census")

    async def _order(self, recorder: Part, order: str) -> None:
        """Have the recorder do something, and wait until it has."""
        await recorder.tell(order)
        if (done := await recorder.line(START_SECONDS)) != order:
            raise HotloopError(f"the recorder answered {done!r} to {order!r}")

    def _measured(self, ended: str, recorder: Part, viewers: Part) -> Measured:
        """Read back what the parts wrote."""
        for part, written in ((recorder, self.recording), (viewers, self.summary)):
            if not written.exists() or not part.ended:
                raise HotloopError(f"the {part.name} left nothing: {part.last_words()}")
        try:
            summary = msgspec.json.decode(self.summary.read_bytes(), type=Summary)
        except msgspec.DecodeError as error:
            raise HotloopError(f"the viewers' summary is damaged: {error}") from None
        return Measured(
            ended=ended,
            recording=load(self.recording),
            summary=summary,
            log_requests_per_second=self.requests_per_second,
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
        part = await Part.start(name, command, limits=self.limits, folder=self.scratch, nice=nice)
        stack.push_async_callback(part.stop, GRACE)
        self.parts.append(part)
        return part

    @contextlib.asynccontextmanager
    async def _pods(self, kubeconfig: Path) -> AsyncIterator[Pods]:
        """Have pods, and none of them left behind on a cluster that outlives the run."""
        pods = await asyncio.to_thread(
            Pods, kubeconfig, namespace=self.cluster.namespace, overlay=self.cluster.overlay
        )
        try:
            yield pods
        finally:
            if self.cluster.kubeconfig:
                self.say("removing pods")
                await asyncio.to_thread(pods.remove)
                await self._gone(pods)

    async def _gone(self, pods: Pods) -> None:
        """Wait until the cluster has no pod of this run."""
        deadline = time.monotonic() + POD_SECONDS
        while left := await asyncio.to_thread(pods.left):
            if time.monotonic() > deadline:
                raise HotloopError(
                    f"the pods {', '.join(left)} are still there: kubectl delete pod -n {pods.namespace}"
                    f" -l {RUN_LABEL}={pods.run}"
                )
            await asyncio.sleep(POD_POLL)

    async def _reach(self, pods: Pods, name: str) -> None:
        """Wait until the pod is in the state of its kind."""
        kind = KINDS[self.case.pod]
        deadline = time.monotonic() + POD_SECONDS
        while not reached(kind, status := await asyncio.to_thread(pods.status, name)):
            if time.monotonic() > deadline:
                raise HotloopError(
                    f"the pod {name} is not {self.case.pod} after {POD_SECONDS:.0f} s but {describe(status)}:"
                    " a real cluster may need --pod-spec (image, nodeName, hostNetwork, ...)"
                )
            await asyncio.sleep(POD_POLL)


async def _first_gone(parts: Sequence[Part]) -> Part:
    """Wait until one of the parts has ended; for ever, where there is none."""
    while True:
        for part in parts:
            if part.ended:
                return part
        await asyncio.sleep(WATCH_INTERVAL)


async def _to_its_end(function: Callable[[str], str], argument: str) -> str:
    """Call a function in a thread, and wait for its end also when cancelled: what it makes is there to be removed."""
    call = asyncio.ensure_future(asyncio.to_thread(function, argument))
    try:
        return await asyncio.shield(call)
    except asyncio.CancelledError:
        await asyncio.wait({call})
        raise
