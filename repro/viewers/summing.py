"""Sums the views up."""

import math
import resource
from collections import Counter
from collections.abc import Iterable, Sequence

import msgspec

from repro.viewers.crowd import Crowd
from repro.viewers.probe import HealthProbe
from repro.viewers.summary import Frames, Generator, Health, Lines, Spread, Summary, Views
from repro.viewers.view import State, View


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """What a run took."""

    started: float
    """Seconds since the epoch."""
    seconds: float
    cpu_seconds: float
    """Of this process."""


def summarise(crowd: Crowd, probe: HealthProbe, taken: Taken, *, expected: int | None) -> Summary:
    """Sum up a crowd that was watched, and the health check beside it.

    Args:
        crowd: the views.
        probe: the health check.
        taken: the time of it all.
        expected: lines that each view should have received.
    """
    plan, views = crowd.plan, crowd.views
    return Summary(
        url=plan.base,
        variant=plan.places[0].variant,
        pods=tuple(f"{place.namespace}/{place.pod}" for place in plan.places),
        started=taken.started,
        seconds=round(taken.seconds, 3),
        ended=crowd.ended,
        views=count_views(views),
        refusals=tally(view.refusal for view in views),
        close_codes=tally(view.close_code for view in views),
        end_reasons=tally(view.stream.end_reason for view in views),
        events=count_events(views),
        lines=count_lines(views, expected),
        bytes=sum(view.stream.log_bytes for view in views),
        frames=count_frames(views),
        first_line_ms=spread(since_start(views, (view.first_line_at for view in views))),
        end_ms=spread(since_start(ended := _ended(views), (view.ended_at for view in ended))),
        health_ms=count_health(probe.latencies, probe.failed),
        generator=Generator(cores=round(taken.cpu_seconds / taken.seconds, 3), rss_mb=_peak_memory()),
    )


def count_views(views: Sequence[View]) -> Views:
    """Count the views by what became of them."""
    states = Counter(view.state for view in views)
    not_opened = states[State.UNTRIED] + states[State.OPENING] + states[State.REFUSED]
    return Views(
        asked=len(views),
        opened=len(views) - not_opened,
        refused=states[State.REFUSED],
        untried=states[State.UNTRIED] + states[State.OPENING],
        ended=states[State.ENDED],
        cut=states[State.CUT],
        left=states[State.LEFT],
        open=states[State.OPEN],
        stopped_reading=sum(view.stopped_reading for view in views),
    )


def count_lines(views: Sequence[View], expected: int | None) -> Lines:
    """Sum the lines up; `expected` is what each view should have received."""
    counters = [view.stream.counter for view in views]
    lost = None if expected is None else sum(max(0, expected - counter.distinct) for counter in counters)
    return Lines(
        expected=None if expected is None else expected * len(views),
        received=sum(counter.lines for counter in counters),
        repeated=sum(counter.repeated for counter in counters),
        missing=sum(counter.missing for counter in counters),
        lost=lost,
        blank=sum(counter.blank for counter in counters),
        exact=all(counter.exact for counter in counters),
    )


def count_frames(views: Sequence[View]) -> Frames:
    """Sum the frames up."""
    streams = [view.stream for view in views]
    return Frames(
        text=sum(stream.text_frames for stream in streams),
        binary=sum(stream.binary_frames for stream in streams),
        empty=sum(stream.empty_frames for stream in streams),
    )


def spread(seconds: Iterable[float]) -> Spread:
    """Give the percentiles (nearest rank) of durations in seconds, in milliseconds."""
    ordered = sorted(seconds)
    if not ordered:
        return Spread(p50=None, p99=None, max=None)
    return Spread(p50=_rank(ordered, 0.5), p99=_rank(ordered, 0.99), max=_rank(ordered, 1.0))


def count_health(latencies: Sequence[float], failed: int) -> Health:
    """Sum the health probes up; `latencies` in seconds."""
    times = spread(latencies)
    return Health(p50=times.p50, p99=times.p99, max=times.max, answered=len(latencies), failed=failed)


def tally(words: Iterable[str | None]) -> dict[str, int]:
    """Count equal words, the most frequent first; None is left out."""
    return dict(Counter(word for word in words if word is not None).most_common())


def count_events(views: Sequence[View]) -> dict[str, int]:
    """Sum the events up by type."""
    total: Counter[str] = Counter()
    for view in views:
        total.update(view.stream.events)
    return dict(total.most_common())


def since_start(views: Sequence[View], times: Iterable[float | None]) -> list[float]:
    """Give the seconds from each view's start to its time, where it has both."""
    pairs = zip((view.started_at for view in views), times, strict=True)
    return [at - start for start, at in pairs if start is not None and at is not None]


def _rank(ordered: Sequence[float], share: float) -> float:
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)] * 1000, 3)


def _ended(views: Sequence[View]) -> list[View]:
    return [view for view in views if view.state is State.ENDED]


def _peak_memory() -> float:
    """Peak resident memory of this process, MiB; Linux counts in KiB."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
