"""What each variant showed, in a sentence computed from its runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from repro.comparison import Comparison, Run
from repro.report import words
from repro.report.marks import against, left, marks, starved
from repro.report.selection import ordered


@dataclass(frozen=True)
class Finding:
    """What one variant showed."""

    variant: str
    faulty: bool
    text: str
    """Follows the variant's name: "burned 0.99 core ..."."""


def findings(comparison: Comparison) -> list[Finding]:
    """Say for each variant what it showed, in the order of the story."""
    variants = sorted({run.variant for run in comparison.runs}, key=words.variant_order)
    return [
        _finding(variant, [run for run in comparison.runs if run.variant == variant]) for variant in variants
    ]


def _finding(variant: str, runs: Sequence[Run]) -> Finding:
    """Sum a variant up by its worst figures."""
    single = [run for run in runs if run.workers == 1] or list(runs)
    marked = [run for run in single if marks(run)]
    if not marked:
        return Finding(variant, faulty=False, text=_quiet(single))
    parts = [
        part
        for part in (
            _burned(marked),
            _froze(marked),
            _slowed(marked),
            *_grew(marked),
            _storm(marked),
            _sent_nothing(marked),
            _lines(marked),
            _left(marked),
        )
        if part
    ]
    parts += _stopped(marked)
    if said := diagnosed(marked):
        parts.append(f"diag says {said}")
    unmarked = [run for run in single if not marks(run)]
    text = "; ".join(parts)
    if unmarked:
        pods = words.listing(dict.fromkeys(run.pod for run in ordered(unmarked)))
        text += f". Nothing on {pods} pods"
    return Finding(variant, faulty=True, text=text + ".")


def diagnosed(runs: Sequence[Run]) -> str:
    """Say what `diag` found in the run with the most to say: `spin in view (variants/buggy.py:29-31), HL001 ...`."""
    run = max(runs, key=lambda run: (against(run), len(run.causes), run.culprit != ""))
    if not against(run):
        return ""
    place = f" in {run.culprit}" if run.culprit else ""
    causes = f", {words.listing(run.causes)}" if run.causes else ""
    return f"{words.listing(run.verdicts)}{place}{causes}"


def _quiet(runs: Sequence[Run]) -> str:
    top = max((run.cores.viewing for run in runs if run.cores.viewing is not None), default=None)
    if top is None:
        return "could not be measured."
    lines = sum(run.lines.expected for run in runs)
    kept = f", all {lines:,} lines delivered once" if lines else ""
    counted = all(run.left.tasks is not None and run.left.connections is not None for run in runs)
    behind = ", nothing left behind" if counted else ""
    return f"took at most {words.cores_named(top)}{kept}{behind}."


def _burned(runs: Sequence[Run]) -> str:
    burning = [run for run in runs if {"viewing", "after"} & marks(run).keys()]
    if not burning:
        return _asked(runs)
    run = max(burning, key=lambda run: run.cores.viewing or run.cores.after or 0)
    where = f"{words.plural(run.views, 'view')} of a {run.pod} pod"
    text = (
        f"burned {words.cores_named(run.cores.viewing)} for {where}"
        if run.cores.viewing is not None
        else f"burned cores after {where}"
    )
    if starved(run):
        text += f" (it asked for {words.cores(run.demand.viewing)})"
    if "after" in marks(run):
        return f"{text}, and {words.cores(run.cores.after)} after everyone had left"
    return text


def _asked(runs: Sequence[Run]) -> str:
    most = max((run.demand.viewing or 0 for run in runs if "demand" in marks(run)), default=0)
    return f"asked for {words.cores_named(most)}" if most else ""


def _froze(runs: Sequence[Run]) -> str:
    run = max(runs, key=lambda run: run.health_ms.failed)
    if not run.health_ms.failed:
        return ""
    if run.health_ms.p50 is None:
        return f"answered none of {words.plural(run.health_ms.failed, 'health check')}"
    return f"left {words.plural(run.health_ms.failed, 'health check')} unanswered"


def _slowed(runs: Sequence[Run]) -> str:
    slow = [run for run in runs if "health" in marks(run) and not run.health_ms.failed]
    if not slow:
        return ""
    return (
        f"took up to {words.milliseconds(max(run.health_ms.p99 or 0 for run in slow))} ms for a health check"
    )


def _grew(runs: Sequence[Run]) -> list[str]:
    parts = []
    made = [run for run in runs if "created" in marks(run)]
    if made:
        parts.append(
            f"created {words.number(max(run.tasks.created_per_second or 0 for run in made))} tasks a second"
        )
    live = [run for run in runs if "live" in marks(run)]
    if live:
        parts.append(f"had {words.number(max(run.tasks.live.viewing or 0 for run in live))} tasks alive")
    rss = [run for run in runs if "rss" in marks(run)]
    if rss:
        parts.append(f"grew to {words.mebibytes(max(run.rss_mb.viewing or 0 for run in rss))} MiB")
    return parts


def _storm(runs: Sequence[Run]) -> str:
    asked = [run for run in runs if "requests" in marks(run)]
    if not asked:
        return ""
    run = max(asked, key=lambda run: run.log_requests_per_second or 0)
    return f"sent {words.number(run.log_requests_per_second or 0)} log requests a second for {words.plural(run.views, 'view')}"


def _sent_nothing(runs: Sequence[Run]) -> str:
    most = max((run.empty_frames for run in runs if "empty" in marks(run)), default=0)
    return f"sent {words.number(most)} empty {'frame' if most == 1 else 'frames'}" if most else ""


def _lines(runs: Sequence[Run]) -> str:
    lost = max(runs, key=lambda run: run.lines.lost)
    repeated = max(runs, key=lambda run: run.lines.repeated)
    parts = []
    if lost.lines.lost:
        parts.append(f"lost {lost.lines.lost:,} of {lost.lines.expected:,} lines on a {lost.pod} pod")
    if repeated.lines.repeated:
        parts.append(f"repeated {words.number(repeated.lines.repeated)} lines on a {repeated.pod} pod")
    return "; ".join(parts)


def _left(runs: Sequence[Run]) -> str:
    run = max(runs, key=left)
    if not left(run):
        return ""
    return f"left {left_behind(run)} behind after {words.plural(run.views, 'view')} of a {run.pod} pod"


def left_behind(run: Run) -> str:
    """Say what the server still held: `3 tasks`, `20 tasks and one connection`."""
    parts = [
        words.plural(number, noun)
        for number, noun in ((run.left.tasks, "task"), (run.left.connections, "connection"))
        if number
    ]
    return words.listing(parts)


def _stopped(runs: Sequence[Run]) -> list[str]:
    reasons = dict.fromkeys(run.ended for run in runs if run.ended != "deadline")
    return [
        f"was stopped at the {reason}" if reason == "memory limit" else f"ended early: {reason}"
        for reason in reasons
    ]
