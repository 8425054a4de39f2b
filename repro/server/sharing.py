"""One follow for all who look at the same log: the Kubernetes API is asked once, whoever comes.

What the follow brings is kept from the log's beginning on, within a bound, and each viewer reads it at his own pace.
Who comes later starts at the beginning. Once that has gone, nobody joins any more: the next viewer starts a new
follow, which later ones share.

The follow goes as fast as the fastest of its viewers. So a single one holds it up, as he should, and a slow one
among others does not: when what he has yet to read must go, he goes on with a follow of his own from there.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from repro.server.events import End, Event
from repro.server.follow import Follower, Mark, Sink
from repro.server.limits import Limits
from repro.server.podlog import PodLog

HELPING: Final = 1 << 18
"""Bytes that a viewer who is behind gets at once, rather than line by line."""

OVERHEAD: Final = 1 << 10
"""Bytes that a piece takes beside its own."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """What the follow passed on at one time."""

    content: bytes | Event
    before: Mark
    """Where to go on for one who has had all that came before it."""

    @property
    def size(self) -> int:
        return OVERHEAD + (len(self.content) if isinstance(self.content, bytes) else 0)


@dataclass(eq=False, slots=True)
class _Reader:
    """How far one viewer has read."""

    at: int = 0
    """The number of his next piece."""
    lost: Mark | None = None
    """Where to go on by himself, as that piece has gone."""


class SharedFollows:
    """The follows of one process."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._by_log: dict[tuple[str, str, str], _Shared] = {}
        self.kept = 0
        """Bytes kept of all logs."""

    async def follow(self, log: PodLog, sink: Sink) -> End:
        """Pass the log on to `sink` from its beginning until there will be no more, and say why that is."""
        shared = self._joined(log)
        reader = shared.join()
        try:
            end = await shared.read(reader, sink)
        finally:
            await shared.leave(reader)
        if isinstance(end, Mark):
            return await Follower(log, sink, self._limits, end).run()
        return end

    def room(self) -> int:
        """Give how many bytes may be kept of one log."""
        full = self.kept > self._limits.kept_in_all
        return self._limits.kept_if_full if full else self._limits.kept_per_log

    def _joined(self, log: PodLog) -> "_Shared":
        """Give the follow of the log that still has its beginning, or start one."""
        key = log.namespace, log.pod.metadata.uid, log.container
        shared = self._by_log.get(key)
        if shared is None or not shared.whole:
            shared = self._by_log[key] = _Shared(log, self._limits, self)
            shared.task.add_done_callback(lambda _task: self._forget(key, shared))
        return shared

    def _forget(self, key: tuple[str, str, str], shared: "_Shared") -> None:
        if self._by_log.get(key) is shared:
            del self._by_log[key]


class _Shared:
    """One follow and those who read what it brings; it is the follow's sink."""

    def __init__(self, log: PodLog, limits: Limits, follows: SharedFollows) -> None:
        self._follows = follows
        self._follower = Follower(log, self, limits)
        self._mark = self._follower.mark()
        self._pieces: list[_Piece] = []
        self._first = 0  # the number of the first piece that is kept
        self._kept = 0
        self._readers: set[_Reader] = set()
        self._news = asyncio.Event()  # a new one for each piece
        self._hungry = asyncio.Event()
        self.whole = True
        """Whether all from the log's beginning on is there, and more may come."""
        self.task = asyncio.create_task(self._follower.run())
        self.task.add_done_callback(self._ended)

    def join(self) -> _Reader:
        """Let a viewer in."""
        reader = _Reader()
        self._readers.add(reader)
        return reader

    async def leave(self, reader: _Reader) -> None:
        """Let him go; the last one takes the follow with him."""
        self._readers.discard(reader)
        if self._readers:
            return
        self.whole = False
        self._drop(len(self._pieces))
        if not self.task.done():
            self.task.cancel()
            await asyncio.wait({self.task})

    async def read(self, reader: _Reader, sink: Sink) -> End | Mark:
        """Pass on what has come and what will; answer the log's end, or the place that the reader was lost at."""
        while reader.lost is None:
            if reader.at < self._first + len(self._pieces):
                content = self._take(reader)
                if isinstance(content, bytes):
                    await sink.data(content)
                else:
                    await sink.event(content)
            elif self.task.done():
                return self.task.result()
            else:
                self._hungry.set()
                await self._news.wait()
        return reader.lost

    async def data(self, data: bytes) -> None:
        """Take log from the follow, until a viewer wants more."""
        await self._add(data)

    async def event(self, event: Event) -> None:
        """Take an event from the follow, until a viewer wants more."""
        await self._add(event)

    async def _add(self, content: bytes | Event) -> None:
        piece = _Piece(content, self._mark)
        self._mark = self._follower.mark()
        self._pieces.append(piece)
        self._count(piece.size)
        self._make_room()
        self._tell()
        self._hungry.clear()
        await self._hungry.wait()
        self._make_room()

    def _take(self, reader: _Reader) -> bytes | Event:
        """Give the reader's next piece, or the next few where they are small."""
        chunks: list[bytes] = []
        size = 0
        for piece in self._pieces[reader.at - self._first :]:
            if not isinstance(piece.content, bytes):
                if chunks:
                    break
                reader.at += 1
                return piece.content
            if chunks and size + len(piece.content) > HELPING:
                break
            chunks.append(piece.content)
            size += len(piece.content)
            reader.at += 1
        return b"".join(chunks)

    def _make_room(self) -> None:
        """Let go what all have read, once not all can be kept; and what the fastest has, if need be."""
        if self._kept > self._follows.room():
            self.whole = False
        if self.whole or not self._readers:
            return
        places = [reader.at for reader in self._readers]
        self._drop(min(places) - self._first)
        while self._first < max(places) and self._kept > self._follows.room():
            self._lose()

    def _lose(self) -> None:
        """Let a piece go that some have not read, and them with it."""
        for reader in [reader for reader in self._readers if reader.at == self._first]:
            reader.lost = self._pieces[0].before
            self._readers.remove(reader)
        self._drop(1)

    def _drop(self, pieces: int) -> None:
        self._count(-sum(piece.size for piece in self._pieces[:pieces]))
        del self._pieces[:pieces]
        self._first += pieces

    def _count(self, size: int) -> None:
        self._kept += size
        self._follows.kept += size

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _ended(self, _task: asyncio.Task[End]) -> None:
        self.whole = False
        self._tell()


FOLLOWS: Final = web.AppKey("follows", SharedFollows)
