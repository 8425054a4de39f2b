"""The limits that a test asks for: exact counts of its loops, and the longest turn."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from diag.testing.findings import Finding
from diag.testing.options import Settings

if TYPE_CHECKING:
    from diag.testing.check import LoopWatch

LEAST_SECONDS = 0.05
"""A loop that ran for less has no rate of turns worth judging."""


def over_limits(watch: "LoopWatch", settings: Settings) -> Iterator[Finding]:
    """Give the limits that a loop has gone beyond."""
    now = watch.counters
    turns, empty, tasks = now.turns - watch.turns, now.empty_turns - watch.empty, now.tasks - watch.tasks
    seconds = time.monotonic() - watch.begun
    if settings.max_empty_turns is not None and empty > settings.max_empty_turns:
        yield _limit(f"{empty:,} empty turns of the event loop, {settings.max_empty_turns:,} are allowed")
    rate, most = turns / max(seconds, LEAST_SECONDS), settings.max_turns_per_second
    if most is not None and rate > most:
        yield _limit(f"{rate:,.0f} turns of the event loop a second, {most:,.0f} are allowed")
    if settings.max_tasks_created is not None and tasks > settings.max_tasks_created:
        makers = ", ".join(f"{count:,} {name}" for name, count in now.created.most_common(3))
        yield _limit(f"{tasks:,} tasks created, {settings.max_tasks_created:,} are allowed: {makers}")
    longest = now.longest_since(watch)
    if settings.max_block is not None and longest > settings.max_block:
        held, place = watch.turn.held
        where = f" at {place}" if place and held > settings.max_block / 2 else ""
        yield Finding(
            kind="blocked",
            line=f"blocked{where}: one turn of the event loop took {longest * 1000:,.0f} ms, "
            f"{settings.max_block * 1000:,.0f} ms are allowed",
        )


def _limit(line: str) -> Finding:
    return Finding(kind="limit", line=line)
