"""`GET /api/v1/namespaces/{namespace}/pods/{name}/log`: checks first, then the log, with the faults asked for."""

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Literal

import msgspec
from aiohttp import web

from repro.kube.faults import FAULT_ANNOTATION, NONE, Faults, parse_faults
from repro.kube.kubelet import Kubelet
from repro.kube.logoptions import LogOptions, read_options
from repro.kube.logreader import RECHECK, LogReader
from repro.kube.logsinks import Sink, opened, reset
from repro.kube.logsource import NoContent, find_log
from repro.kube.metrics import Metrics
from repro.kube.objects import Json, annotations_of, metadata
from repro.kube.status import not_found
from repro.kube.store import Change, Store


class _CutError(Exception):
    """A fault cuts this connection."""

    def __init__(self, how: Literal["reset", "eof"]) -> None:
        super().__init__(how)
        self.how = how


class _OpenLog:
    """One request that is being answered, and what is to go wrong with it."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.timeout = asyncio.timeout(None)
        """Moved to now where the answer is to end at once."""
        self._lines = 0

    def end_now(self) -> None:
        """End it cleanly, wherever it stands."""
        self.timeout.reschedule(asyncio.get_running_loop().time())

    async def pass_on(self, pieces: list[bytes], sink: Sink) -> None:
        """Send entries, late or cut off where a fault says so."""
        if not self.faults.delay and self.faults.cut_after is None:
            await sink.send(pieces)
            self._lines += len(pieces)
            return
        for piece in pieces:
            self._cut_if_due()
            await asyncio.sleep(self.faults.delay)
            await sink.send([piece])
            self._lines += piece.endswith(b"\n")
        self._cut_if_due()

    def _cut_if_due(self) -> None:
        if self.faults.cut_after is not None and self._lines >= self.faults.cut_after:
            raise _CutError(self.faults.cut)


class LogEndpoint:
    """Serves logs."""

    def __init__(self, store: Store, kubelet: Kubelet, metrics: Metrics, *, recheck: float = RECHECK) -> None:
        self._store = store
        self._kubelet = kubelet
        self._metrics = metrics
        self._recheck = recheck
        self._open: dict[str, set[_OpenLog]] = {}
        self._spent: dict[str, str] = {}
        """By pod, the fault annotation whose only cut has been made."""
        store.listen("pods", self._on_change)

    async def get(self, request: web.Request) -> web.StreamResponse:
        """Answer a request for a log."""
        self._metrics.log_requests.inc()
        name = request.match_info["name"]
        options = read_options(request.query, name)
        pod = self._store.get("pods", (request.match_info["namespace"], name))
        if pod is None:
            raise not_found("pods", name)
        faults = self._faults_of(pod)
        try:
            log = find_log(pod, options, self._kubelet, faults)
        except NoContent:
            return web.Response(status=204)
        reader = LogReader(log, options, self._store.clock())
        return await self._answer(request, reader, options, metadata(pod)["uid"], _OpenLog(faults))

    async def _answer(
        self, request: web.Request, reader: LogReader, options: LogOptions, uid: str, log: _OpenLog
    ) -> web.StreamResponse:
        counted = self._metrics.follows.track_inprogress() if options.follow else contextlib.nullcontext()
        with counted, self._listed(uid, log):
            async with opened(request, follow=options.follow) as (sink, response):
                try:
                    await self._copy(reader, sink, log)
                except _CutError as cut:
                    self._note_cut(uid, log.faults)
                    if cut.how == "reset":
                        reset(request)
                        return response
                await sink.finish()
        return response

    async def _copy(self, reader: LogReader, sink: Sink, log: _OpenLog) -> None:
        """Send the log until its end, or until the kubelet goes down."""
        with contextlib.suppress(TimeoutError):
            async with log.timeout:
                async for pieces in reader.batches(self._recheck):
                    await log.pass_on(pieces, sink)
                    self._metrics.log_bytes.inc(sum(map(len, pieces)))

    @contextlib.contextmanager
    def _listed(self, uid: str, log: _OpenLog) -> Iterator[None]:
        """Keep an open log where a change of its pod finds it."""
        mine = self._open.setdefault(uid, set())
        mine.add(log)
        try:
            yield
        finally:
            mine.discard(log)
            if not mine:
                self._open.pop(uid, None)

    def _faults_of(self, pod: Json) -> Faults:
        """Give the faults that a pod still asks for."""
        text = annotations_of(pod).get(FAULT_ANNOTATION)
        if not text:
            return NONE
        faults = parse_faults(text)
        if self._spent.get(metadata(pod)["uid"]) == text and not faults.always:
            return msgspec.structs.replace(faults, cut_after=None)
        return faults

    def _note_cut(self, uid: str, faults: Faults) -> None:
        """Remember that a fault for one connection has been had."""
        if faults.always:
            return
        for pod in self._store.all("pods"):
            if metadata(pod)["uid"] == uid:
                self._spent[uid] = annotations_of(pod).get(FAULT_ANNOTATION, "")
                self._refresh(pod)

    def _on_change(self, change: Change) -> None:
        """Let a changed fault annotation act on logs that are open."""
        uid = metadata(change.object)["uid"]
        if change.type == "DELETED":
            self._spent.pop(uid, None)
            return
        before = annotations_of(change.previous or {}).get(FAULT_ANNOTATION)
        if annotations_of(change.object).get(FAULT_ANNOTATION) != before:
            self._spent.pop(uid, None)
            self._refresh(change.object)

    def _refresh(self, pod: Json) -> None:
        faults = self._faults_of(pod)
        for log in self._open.get(metadata(pod)["uid"], ()):
            log.faults = faults
            if faults.kubelet_down:
                log.end_now()
