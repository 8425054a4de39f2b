"""One log view, behaving like a browser tab: it opens, takes what comes, and waits for the server to close."""

import asyncio
import enum
import os
from collections.abc import Callable

import aiohttp

from repro.viewers.channel import Channel, RefusedError, open_channel
from repro.viewers.conduct import DOWNLOADING_VARIANT, Conduct, Place
from repro.viewers.wire import Stream


class State(enum.Enum):
    """Where a view stands."""

    UNTRIED = "untried"
    OPENING = "opening"
    OPEN = "open"
    REFUSED = "refused"
    """Not opened: the server said no, or nothing in time."""
    ENDED = "ended"
    """Closed by the server, in order."""
    CUT = "cut"
    """The connection broke."""
    LEFT = "left"
    """The viewer walked away."""


class View:
    """One view: `open` it, then `watch` it; the fields say what happened. Times are the clock's."""

    __slots__ = (
        *("_channel", "_clock", "_conduct", "_leaving", "_patience", "_told"),
        *("close_code", "ended_at", "first_line_at", "opened_at", "place", "refusal", "started_at", "state"),
        *("stopped_reading", "stream"),
    )

    def __init__(self, place: Place, conduct: Conduct, clock: Callable[[], float]) -> None:
        self.place = place
        self.state = State.UNTRIED
        self.stream = Stream()
        self.refusal: str | None = None
        self.close_code: str | None = None
        """The server's close code, or "HTTP 200" for a log that came without a WebSocket."""
        self.stopped_reading = False
        self.started_at: float | None = None
        self.opened_at: float | None = None
        self.first_line_at: float | None = None
        self.ended_at: float | None = None
        self._conduct = conduct
        self._clock = clock
        self._told = False
        self._patience: asyncio.Timeout | None = None
        self._channel: Channel | None = None
        self._leaving: asyncio.Task[None] | None = None

    async def open(self, base: str, client: aiohttp.ClientSession, gate: asyncio.Semaphore) -> bool:
        """Try to open the view at the server `base`, holding `gate` meanwhile; says whether it is open."""
        async with gate:
            if self._told:
                return False
            self.state, self.started_at = State.OPENING, self._clock()
            self._channel = await self._open(base + self.place.path(), client)
        self.state = State.OPEN if self._channel else State.REFUSED
        self.opened_at = self._clock() if self._channel else None
        return self._channel is not None

    async def watch(self) -> None:
        """See an open view through to its end."""
        if self._channel is None:
            return
        timers = self._set_timers()
        try:
            self.close_code = await self._channel.take(self.stream, self._note_first_line)
        finally:
            for timer in timers:
                timer.cancel()
            self._conclude()
        if self._leaving:
            await self._leaving

    def leave(self) -> None:
        """Walk away, or give up opening; both end soon after, also where the server is frozen."""
        self._told = True
        if self.state is State.OPENING and self._patience is not None:
            self._patience.reschedule(0)
        elif self.state is State.OPEN and self._leaving is None:
            self._leaving = asyncio.create_task(self._walk_away())

    async def _open(self, url: str, client: aiohttp.ClientSession) -> Channel | None:
        download_first = self.place.variant == DOWNLOADING_VARIANT
        try:
            async with asyncio.timeout(self._conduct.opening) as self._patience:
                return await open_channel(client, url, download_first=download_first)
        except TimeoutError:
            waited = "before the end" if self._told else f"within {self._conduct.opening:g} s"
            self.refusal = f"not answered {waited}"
        except RefusedError as error:
            self.refusal = str(error)
        except aiohttp.WSServerHandshakeError as error:
            self.refusal = f"not a WebSocket: {error.message}"
        except aiohttp.ClientOSError as error:
            # Without the address, which differs between views.
            self.refusal = os.strerror(error.errno).lower() if error.errno else str(error)
        except aiohttp.ClientError as error:
            self.refusal = str(error) or type(error).__name__
        return None

    def _set_timers(self) -> list[asyncio.TimerHandle]:
        loop = asyncio.get_running_loop()
        timers = []
        if self._conduct.leave_after is not None:
            timers.append(loop.call_later(self._conduct.leave_after, self.leave))
        if self._conduct.stop_reading_after is not None:
            timers.append(loop.call_later(self._conduct.stop_reading_after, self._stop_reading))
        return timers

    def _stop_reading(self) -> None:
        if self._channel:
            self.stopped_reading = True
            self._channel.stop_reading()

    async def _walk_away(self) -> None:
        if self._channel:
            await self._channel.leave(abruptly=self._conduct.abruptly, patience=self._conduct.closing)

    def _note_first_line(self) -> None:
        if self.first_line_at is None and self.stream.counter.lines:
            self.first_line_at = self._clock()

    def _conclude(self) -> None:
        """Decide how the view ended. A last line without a newline is one only where the server ended it."""
        if self.close_code is not None:
            self.stream.finish()
            self._note_first_line()
            self.state = State.ENDED
        else:
            self.state = State.LEFT if self._told else State.CUT
        self.ended_at = self._clock()
        self._channel = None
