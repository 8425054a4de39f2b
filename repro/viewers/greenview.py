"""The same log view without asyncio: blocking calls, which gevent turns into switches under Locust.

It counts with the same `Stream` as the asyncio view, and opens, reads and leaves in the same way.
"""

import contextlib
import time
from collections.abc import Callable

import requests
import websocket

from repro.viewers.conduct import DOWNLOADING_VARIANT, UPGRADE_REQUIRED, Conduct, Place, said
from repro.viewers.wire import SUBPROTOCOL, Stream

GOING_AWAY = 1001
NO_CODE = 1005
SUBPROTOCOL_HEADER = "Sec-WebSocket-Protocol"
PIECE = 1 << 16
_OK = 200


class RefusedError(Exception):
    """The view was not opened; the text says why."""


class GreenView:
    """One view: `watch` sees it through; the fields say what happened. Times are seconds since its start."""

    def __init__(
        self, place: Place, conduct: Conduct, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.place = place
        self.conduct = conduct
        self.stream = Stream()
        self.close_code: str | None = None
        """The server's close code, or "HTTP 200"; None where the connection broke or the viewer left."""
        self.broken = False
        self.first_line_after: float | None = None
        self.ended_after: float | None = None
        self._clock = clock
        self._start = clock()

    @property
    def left(self) -> bool:
        """Whether the viewer ended it."""
        return self.close_code is None and not self.broken

    def watch(self, base: str) -> None:
        """Open the view at the server `base` and see it through.

        Raises:
            RefusedError: it was not opened.
        """
        self._start = self._clock()
        url = base + self.place.path()
        try:
            if self.place.variant != DOWNLOADING_VARIANT or not self._download(url):
                self._view(url)
        finally:
            self.ended_after = self._clock() - self._start

    def faults(self, expected: int | None) -> list[str]:
        """Name what was wrong with the view: lines repeated, skipped or lost, an end that is no proper one."""
        counter = self.stream.counter
        found = {"lines repeated": counter.repeated, "lines skipped": counter.missing}
        if expected is not None:
            found["lines lost"] = max(0, expected - counter.distinct)
        faults = [f"{count} {fault}" for fault, count in found.items() if count]
        if self.broken:
            faults.append("connection broke")
        elif self.close_code not in {None, "1000", "HTTP 200"}:
            faults.append(f"closed with {self.close_code}")
        return faults

    def _download(self, url: str) -> bool:
        """Take the log by a plain GET; says whether the server gave it so."""
        try:
            with requests.get(url, stream=True, timeout=(self.conduct.opening, None)) as answer:
                if answer.status_code == UPGRADE_REQUIRED:
                    return False
                if answer.status_code != _OK:
                    raise RefusedError(f"HTTP {answer.status_code}: {said(answer.text)}")
                for piece in answer.iter_content(PIECE):
                    self.stream.add_bytes(piece)
                    self._note_first_line()
        except requests.RequestException as error:
            raise RefusedError(type(error).__name__) from error
        self._end("HTTP 200")
        return True

    def _view(self, url: str) -> None:
        """Take the log over a WebSocket."""
        tab = self._open(url.replace("http", "ws", 1))
        try:
            self._read(tab, self._clock())
        except (websocket.WebSocketConnectionClosedException, ConnectionError):
            self.broken = True
        finally:
            if self.left and not self.conduct.abruptly:
                # A frozen server's part is not waited for.
                with contextlib.suppress(websocket.WebSocketException, OSError):
                    tab.close(status=GOING_AWAY, timeout=self.conduct.closing)
            tab.shutdown()  # type: ignore[no-untyped-call]  # the library's only untyped method

    def _read(self, tab: websocket.WebSocket, opened: float) -> None:
        """Take frames until the server closes, or the viewer's time is over."""
        add_text = self.stream.add_event if _speaks(tab) else self.stream.add_text
        conduct = self.conduct
        limits = [limit for limit in (conduct.leave_after, conduct.stop_reading_after) if limit is not None]
        until = opened + min(limits) if limits else None
        tab.settimeout(None)
        while until is None or self._clock() < until:
            if until is not None:
                tab.settimeout(max(until - self._clock(), 0.001))
            try:
                opcode, payload = tab.recv_data()
            except websocket.WebSocketTimeoutException:
                break
            if opcode == websocket.ABNF.OPCODE_TEXT:
                add_text(payload)
            elif opcode == websocket.ABNF.OPCODE_BINARY:
                self.stream.add_binary(payload)
            else:
                self._end(str(int.from_bytes(payload[:2], "big") if payload else NO_CODE))
                return
            self._note_first_line()
        self._sit(opened)

    def _sit(self, opened: float) -> None:
        """Where the viewer has only stopped reading: hold the connection until it leaves, or is ended."""
        leave_after = self.conduct.leave_after
        while leave_after is None or self._clock() < opened + leave_after:
            time.sleep(0.1)

    def _open(self, url: str) -> websocket.WebSocket:
        try:
            return websocket.create_connection(
                url,
                timeout=self.conduct.opening,
                # Its own `subprotocols` refuses a server that knows none, which RFC 6455 allows.
                header={SUBPROTOCOL_HEADER: SUBPROTOCOL},
                skip_utf8_validation=True,
            )
        except websocket.WebSocketBadStatusException as error:
            body = bytes(error.resp_body or b"").decode(errors="replace")
            raise RefusedError(f"HTTP {error.status_code}: {said(body)}") from error
        except websocket.WebSocketTimeoutException as error:
            raise RefusedError(f"not answered within {self.conduct.opening:g} s") from error
        except (websocket.WebSocketException, OSError) as error:
            raise RefusedError(str(error)) from error

    def _note_first_line(self) -> None:
        if self.first_line_after is None and self.stream.counter.lines:
            self.first_line_after = self._clock() - self._start

    def _end(self, code: str) -> None:
        self.close_code = code
        self.stream.finish()
        self._note_first_line()


def _speaks(tab: websocket.WebSocket) -> bool:
    """Tell whether the server has chosen `hotloop.log.v1`."""
    headers = tab.getheaders() or {}
    return headers.get(SUBPROTOCOL_HEADER.lower()) == SUBPROTOCOL
