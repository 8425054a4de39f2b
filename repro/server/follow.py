"""Following a log to its real end, which is the container's and not the stream's.

A stream ends for many reasons: the container has finished, was restarted or deleted, the kubelet died, a proxy's
patience was over. All of them look the same, a clean end of file included. So at each end the pod is asked.
A run's log is complete when a request that was made after the run had ended brings nothing new.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from copy import copy
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol

import aiohttp

from repro.server.backoff import Backoff, GivenUpError
from repro.server.cluster import RefusedError
from repro.server.events import UPSTREAM_ERROR, End, Event, Restarted, Resumed, Waiting
from repro.server.limits import Limits
from repro.server.podlog import PodLog
from repro.server.pods import Pod, Terminated
from repro.server.stamps import Place

NETWORK_ERRORS: Final = (aiohttp.ClientError, OSError, TimeoutError)
"""What a connection to the Kubernetes API fails with."""

HOPELESS: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
"""Refusals that asking again does not change."""


class Sink(Protocol):
    """Where the log goes."""

    async def data(self, data: bytes) -> None:
        """Take log as it comes: many lines, or a part of one."""

    async def event(self, event: Event) -> None:
        """Take what is to be said beside it."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What one log request brought."""

    news: bool = False
    clean: bool = False
    """Whether it was a log, and came to an end of file."""
    failure: str = ""
    status: int | None = None


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How far a follow had come: another one can go on from there."""

    place: Place
    pod: Pod
    run: int | None


class Follower:
    """Follows one log, from its beginning or from where another follow was.

    Args:
        log: the log.
        sink: where it goes.
        limits: how long to wait between requests, and for how long.
        start: where to go on.
    """

    def __init__(self, log: PodLog, sink: Sink, limits: Limits, start: Mark | None = None) -> None:
        self._log = log
        self._sink = sink
        self._limits = limits
        pauses = limits.retry_floor, limits.retry_cap, limits.patience
        self._log_backoff = Backoff(*pauses)
        self._pod_backoff = Backoff(*pauses)
        self._goes_on = start is not None
        self._place = copy(start.place) if start else Place()
        self._pod = start.pod if start else log.pod
        self._run = start.run if start else self._run_of(log.pod)
        self._complete = False  # whether the present run's log is known to be
        self._looked_again = False
        self._interrupted = False
        self._said = ""
        self._notice = ""  # what the kubelet wrote into the log's place

    async def run(self) -> End:
        """Pass the log on until there will be no more, and say why that is."""
        try:
            end = await self._ask_the_pod(Look()) if self._goes_on else None
            while end is None:
                end = await self._step()
        except GivenUpError as error:
            return End(reason=UPSTREAM_ERROR, message=str(error))
        return end

    def mark(self) -> Mark:
        """Say how far it has come: behind what it has passed on, or passes on now."""
        return Mark(place=copy(self._place), pod=self._pod, run=self._run)

    async def _step(self) -> End | None:
        """Make one request and decide what comes next; every way through here ends, waits, or looks but once more."""
        ended = self._ended(self._pod)
        look = await self._look()
        if look.status in HOPELESS:
            raise GivenUpError(look.failure)
        if ended and look.clean and not look.news:
            return await self._run_is_over(ended)
        if ended and look.clean and not self._looked_again:
            self._looked_again = True
            return None
        return await self._ask_the_pod(look)

    async def _look(self, *, previous: bool = False) -> Look:
        try:
            response = await self._log.follow(timestamps=True, since=self._place.since, previous=previous)
        except RefusedError as error:
            return Look(failure=str(error), status=error.status)
        except NETWORK_ERRORS as error:
            return Look(failure=_silence(error))
        try:
            if response.status == HTTPStatus.NO_CONTENT:
                return Look(failure="the pod is not scheduled yet", status=response.status)
            return await self._pass_on(response.content)
        finally:
            response.close()

    async def _pass_on(self, content: aiohttp.StreamReader) -> Look:
        if self._interrupted:
            self._interrupted = False
            await self._sink.event(Resumed(f"from {self._place.since or 'the beginning'} on"))
        self._place.begin()
        clock = asyncio.get_running_loop().time
        news, opened = False, clock()
        while True:
            try:
                chunk = await content.readany()
            except NETWORK_ERRORS as error:
                if clock() - opened > self._limits.retry_cap:
                    self._log_backoff.reset()  # a quiet log that a proxy cuts off each few minutes is none that fails
                return Look(news=news, failure=f"the stream was cut: {str(error) or type(error).__name__}")
            if chunk:
                data = self._place.take(chunk)
            else:
                data, self._notice = self._place.rest()
            if data:
                news = True
                self._log_backoff.reset()
                await self._sink.data(data)
            if not chunk:
                return Look(news=news, clean=True)

    async def _ask_the_pod(self, look: Look) -> End | None:
        """Decide from the pod what the end of a stream, or a refusal, means."""
        pod = await self._until(lambda _pod: True)
        if pod is None:
            return self._deleted()
        if self._run not in {None, self._run_of(pod)}:
            await self._next_run(pod)
            return None
        knew = self._ended(self._pod) is not None
        self._pod, self._run = pod, self._run_of(pod)
        if self._run is None:
            return await self._wait_for_start(look)
        if look.clean and self._ended(pod) and not knew:
            return None
        self._interrupted = True
        await self._pause(self._log_backoff, look.failure)
        return None

    async def _wait_for_start(self, look: Look) -> End | None:
        await self._say(look.failure or "the container has not started yet")
        pod = await self._until(lambda pod: pod.finished or self._run_of(pod) is not None)
        if pod is None:
            return self._deleted()
        self._pod, self._run = pod, self._run_of(pod)
        if self._run is None:
            reason = pod.status.reason or pod.status.phase
            return End(reason=reason, message=pod.status.message or "the container never started")
        return None

    async def _run_is_over(self, ended: Terminated) -> End | None:
        """End with the container, or wait for its next run."""
        self._complete = True
        name, code = self._log.container, ended.exit_code
        if self._pod.restarts(name, code):
            await self._say(f"container {name} ended with exit code {code} and is to be restarted")
            pod = await self._until(
                lambda pod: self._run_of(pod) != self._run or not pod.restarts(name, code)
            )
            if pod is None:
                return self._deleted(code)
            if self._run_of(pod) != self._run:
                await self._next_run(pod)
                return None
            self._pod = pod
        if self._pod.metadata.deletion_timestamp is not None:
            return self._deleted(code)
        reason = ended.reason or ("Error" if code else "Completed")
        said = ended.message or self._notice
        message = f"container {name} ended with exit code {code}" + (f": {said}" if said else "")
        return End(reason=reason, message=message, exit_code=code)

    async def _next_run(self, pod: Pod) -> None:
        """Go over to the container's new run, after the rest of the one before."""
        run = self._run_of(pod) or 0
        if not self._complete and self._run == run - 1:
            await self._look(previous=True)
        self._place.next_run()
        self._pod, self._run = pod, run
        self._complete = self._looked_again = self._interrupted = False
        self._said = ""
        await self._sink.event(
            Restarted(f"container {self._log.container} was restarted, this is run {run + 1}")
        )

    async def _until(self, settled: Callable[[Pod], bool]) -> Pod | None:
        """Wait for the pod to be as wanted, by watching it; None when it is gone."""
        while True:
            try:
                pod = await self._log.cluster.pod(self._log.namespace, self._log.name)
                self._pod_backoff.reset()
                if pod.metadata.uid != self._log.pod.metadata.uid:
                    return None
                if settled(pod):
                    return pod
                async with aclosing(self._log.cluster.watch(pod)) as changes:
                    async for change in changes:
                        if change is None or settled(change):
                            return change
                failure = ""  # the API ends a watch after some minutes
            except RefusedError as error:
                if error.status == HTTPStatus.NOT_FOUND:
                    return None
                failure = str(error)
            except NETWORK_ERRORS as error:
                failure = _silence(error)
            await self._pause(self._pod_backoff, failure)

    async def _pause(self, backoff: Backoff, failure: str) -> None:
        """Wait before the next try; gives up when nothing has come of it for long."""
        pause = backoff.pause(failure)
        if failure:
            await self._say(failure)
        await asyncio.sleep(pause)

    async def _say(self, message: str) -> None:
        """Tell the viewer what is waited for, once."""
        if message != self._said:
            self._said = message
            await self._sink.event(Waiting(message))

    def _ended(self, pod: Pod) -> Terminated | None:
        status = pod.container(self._log.container)
        return status.ended if status else None

    def _run_of(self, pod: Pod) -> int | None:
        """Number the container's run whose log the API gives; None before the first."""
        status = pod.container(self._log.container)
        if status is None or not (status.state.running is not None or status.ended):
            return None
        return status.restart_count

    def _deleted(self, exit_code: int | None = None) -> End:
        said = f": {self._notice}" if self._notice else ""
        return End(reason="Deleted", message=f"the pod was deleted{said}", exit_code=exit_code)


def _silence(error: Exception) -> str:
    return f"the Kubernetes API does not answer: {str(error) or type(error).__name__}"
