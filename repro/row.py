"""A run's row in the comparison, out of what its parts measured."""

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

import msgspec

from diag import rates
from diag.diagnosis import diagnose
from diag.findings import Diagnosis
from diag.recording import Recording
from diag.reports import headline
from repro.comparison import UNMEASURED, Health, Left, Lines, Phases, Run, Tasks
from repro.scenario import Case
from repro.scrape import LoopTotals
from repro.viewers.summary import Summary

MIB = 1 << 20


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """What one run left."""

    ended: str
    """As in `Run.ended`."""
    recording: Recording | None = None
    summary: Summary | None = None
    log_requests_per_second: float | None = None
    """While viewing."""
    loop: Mapping[str, LoopTotals] = {}
    """What the server's event loop did in each phase; without those in which it did not say."""
    folder: str = ""
    """Of the recording, relative to the comparison."""


def row(case: Case, measured: Measured) -> Run:
    """Give the row of a run; what was not measured is None, or 0 where nothing came."""
    recording, summary = measured.recording, measured.summary

    def phases(figure: Callable[[Recording, str], float | None], digits: int) -> Phases:
        return Phases(
            **{
                name: _rounded(_in_phase(recording, name, figure), digits)
                for name in Phases.__struct_fields__
            }
        )

    return Run(
        variant=case.variant,
        pod=case.pod,
        views=case.views,
        workers=case.workers,
        cores=phases(_cores, 4),
        demand=phases(_demand, 4),
        cpu_seconds=phases(_cpu_seconds, 4),
        turns=_counted(measured, "turns"),
        empty_turns=_counted(measured, "empty_turns"),
        tasks=Tasks(
            live=phases(rates.tasks_live, 0),
            created_per_second=_rounded(_in_phase(recording, "viewing", rates.tasks_created), 1),
            created=_counted(measured, "tasks_created"),
        ),
        rss_mb=phases(_rss, 1),
        health_ms=_health(summary),
        lines=_lines(summary),
        empty_frames=summary.frames.empty if summary else 0,
        log_requests_per_second=_rounded(measured.log_requests_per_second, 2),
        left=Left(
            tasks=_more(recording, rates.tasks_live), connections=_more(recording, rates.connections_at_end)
        ),
        ended=measured.ended,
        recording=measured.folder,
        **_judged(recording),
    )


def _judged(recording: Recording | None) -> dict[str, Any]:
    """Say what `diag` makes of a recording: verdicts, place, causes."""
    if recording is None:
        return {}
    found = diagnose(recording)
    return {
        "verdicts": found.verdicts,
        "culprit": _culprit(found),
        "causes": tuple(dict.fromkeys(f"{cause.code} {cause.name}" for cause in found.causes)),
    }


def _culprit(found: Diagnosis) -> str:
    """Name the place by function, file and its folder, and lines; a library's by its version as well."""
    place = headline.place(found)
    if place is None:
        return ""
    file = "/".join(PurePath(place.file).parts[-2:])
    package = f" of {found.culprit.package}" if found.culprit and found.culprit.package else ""
    return f"{place.function}{package} ({file}:{place.lines})"


def _in_phase(
    recording: Recording | None, name: str, figure: Callable[[Recording, str], float | None]
) -> float | None:
    """Compute a figure of a phase; None where the run did not get there."""
    if recording is None or name not in {phase.name for phase in recording.phases}:
        return None
    return figure(recording, name)


def _cores(recording: Recording, name: str) -> float | None:
    """CPU seconds a second."""
    found = rates.rates(recording, name)
    return found.cores if found else None


def _cpu_seconds(recording: Recording, name: str) -> float | None:
    """CPU time."""
    found = rates.rates(recording, name)
    return found.cores * found.seconds if found else None


def _counted(measured: Measured, name: str) -> Phases:
    """Give what the event loop counted in each phase."""
    if not measured.loop:
        return UNMEASURED
    return Phases(
        **{
            phase: getattr(measured.loop[phase], name) if phase in measured.loop else None
            for phase in Phases.__struct_fields__
        }
    )


def _demand(recording: Recording, name: str) -> float | None:
    """Seconds on a core or waiting for one, a second."""
    found = rates.rates(recording, name)
    return found.demand if found else None


def _rss(recording: Recording, name: str) -> float | None:
    """Peak resident memory in MiB."""
    peak = rates.peak_rss(recording, name)
    return None if peak is None else peak / MIB


def _more(recording: Recording | None, figure: Callable[[Recording, str], int | None]) -> int | None:
    """What is more at the end of *after* than it was at the end of *quiet*."""
    before, after = (_in_phase(recording, name, figure) for name in ("quiet", "after"))
    return None if before is None or after is None else max(0, int(after - before))


def _health(summary: Summary | None) -> Health:
    if summary is None:
        return Health(p50=None, p99=None, failed=0)
    probes = summary.health_ms
    return Health(p50=probes.p50, p99=probes.p99, failed=probes.failed)


def _lines(summary: Summary | None) -> Lines:
    """Give the lines; of a log that goes on, those are expected that came, and those left out between them."""
    if summary is None:
        return Lines(expected=0, received=0, lost=0, repeated=0)
    lines = summary.lines
    distinct = lines.received - lines.repeated
    return Lines(
        expected=distinct + lines.missing if lines.expected is None else lines.expected,
        received=lines.received,
        lost=lines.missing if lines.lost is None else lines.lost,
        repeated=lines.repeated,
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
