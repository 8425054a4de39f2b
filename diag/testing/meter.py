"""LoopMeter: how often an event loop turns, how often for nothing, and what tasks it makes. Exact counts, no sampling."""

from asyncio import AbstractEventLoop, get_running_loop
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from diag.testing import counters
from diag.testing.counters import Counters


@dataclass(frozen=True, kw_only=True, slots=True)
class LoopCounts:
    """What a loop did while a meter was attached."""

    turns: int = 0
    """Rounds of waiting for I/O and running what is ready."""
    empty_turns: int = 0
    """Turns that nothing from outside had caused: the wait for I/O was given no time and brought nothing, and no timer was
    due. Each step from one task to the next takes one, so work makes some; a spin makes nothing else."""
    longest_turn: float = 0.0
    """Seconds, wall time, from the end of the wait to the end of what was ready."""
    created: Mapping[str, int] = field(default_factory=dict)
    """Tasks made through the loop, by the qualified name of their coroutine. `asyncio.Task(...)` called by hand is not
    among them."""

    @property
    def tasks_created(self) -> int:
        """Tasks made through the loop."""
        return sum(self.created.values())


class LoopMeter:
    """Counts what an event loop does from `attach` to `detach`, or within a `with` block.

    It costs some tenths of a microsecond a turn and may stay on in a server. The loop is wrapped as an object, its class is
    not touched; when the last meter is detached it is as it was found. Meters may be nested and overlap. Attached
    from a task, it counts from the next turn on.

    Args:
        loop: asyncio's own event loop or uvloop's; the running one by default.

    Raises:
        HotloopError: on `attach`, for any other kind of loop.
    """

    def __init__(self, loop: AbstractEventLoop | None = None) -> None:
        self._loop = loop
        self._counters: Counters | None = None
        self._base = _Base()
        self._last = LoopCounts()

    def attach(self) -> None:
        """Begin to count, from zero; nothing happens where it is attached already."""
        if self._counters is None:
            self._counters = counters.use(self._loop or get_running_loop())
            self._base = _Base.of(self._counters)
            self._counters.watch(self)

    def detach(self) -> None:
        """Stop counting; the counts stay."""
        if self._counters is not None:
            self._last = self.counts()
            self._counters.unwatch(self)
            counters.leave(self._counters)
            self._counters = None

    def __enter__(self) -> Self:
        self.attach()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detach()

    def counts(self) -> LoopCounts:
        """Give the counts up to now, or up to the detaching."""
        now, base = self._counters, self._base
        if now is None:
            return self._last
        return LoopCounts(
            turns=now.turns - base.turns,
            empty_turns=now.empty_turns - base.empty_turns,
            longest_turn=now.longest_since(self),
            created=dict(now.created - base.created),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Base:
    """Where the loop's counters stood when a meter was attached."""

    turns: int = 0
    empty_turns: int = 0
    created: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, now: Counters) -> Self:
        return cls(turns=now.turns, empty_turns=now.empty_turns, created=Counter(now.created))
