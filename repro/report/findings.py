"""The result in sentences, computed from the runs: right for any choice of variants and pods."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from repro.comparison import Comparison, Run
from repro.report import words
from repro.report.marks import finished, heavy, left, marks

CURE = "hardened"
FIXED = ("hardened", "published", "bypass")


@dataclass(frozen=True)
class Finding:
    """What one variant showed."""

    variant: str
    faulty: bool
    text: str
    """Follows the variant's name: "burned 0.99 core ..."."""


def ordered(runs: Iterable[Run]) -> list[Run]:
    """Put runs into the order in which they are shown: by variant, single-process runs first, then by pod."""
    return sorted(
        runs,
        key=lambda run: (words.variant_order(run.variant), run.workers, words.pod_order(run.pod), run.views),
    )


def headline_runs(comparison: Comparison) -> list[Run]:
    """Give the runs of the largest multi-process scenario: same pod, views and workers, a run a variant."""
    many = [run for run in comparison.runs if run.workers > 1]
    if not many:
        return []
    scale = max((run.workers, run.views) for run in many)
    same = [run for run in many if (run.workers, run.views) == scale]
    pod = same[0].pod
    return ordered(run for run in same if run.pod == pod)


def matrix_runs(comparison: Comparison) -> list[Run]:
    """Give the runs that are not part of the headline."""
    headline = headline_runs(comparison)
    return ordered(run for run in comparison.runs if run not in headline)


def headline(comparison: Comparison) -> str:
    """Say the result in one sentence."""
    if not comparison.runs:
        return "No run was measured."
    pair = headline_runs(comparison)
    if any(run.demand.viewing is not None for run in pair):
        return _at_scale(pair, comparison)
    return _single(matrix_runs(comparison) or pair)


def _at_scale(pair: Sequence[Run], comparison: Comparison) -> str:
    """Put the variants of the headline beside each other."""
    first = next(run for run in pair if run.demand.viewing is not None)
    cores = comparison.machine.get("cores")
    on = f" this {cores}-core machine" if cores and (first.demand.viewing or 0) > int(cores) else ""
    parts = [
        f"With {first.workers} workers and {_views(first)}, the {first.variant} server {_asked(first, on)}"
    ]
    parts += [f"the {run.variant} one {_asked(run)}" for run in pair if run is not first]
    return "; ".join(parts) + "."


def _views(run: Run) -> str:
    """Say what was being viewed."""
    if run.views == run.workers:
        return f"one view each of a {run.pod} pod"
    return f"{words.plural(run.views, 'view')} of a {run.pod} pod"


def _asked(run: Run, whom: str = "") -> str:
    """Say what a run asked for, and how it was after everyone left."""
    if run.demand.viewing is None:
        return f"could not be measured ({run.ended})"
    text = f"asked{whom} for {words.cores_named(run.demand.viewing)}"
    if run.demand.after is None or "after" not in marks(run):
        return text
    return f"{text}, and still for {words.cores(run.demand.after)} after everyone had left"


def _single(runs: Sequence[Run]) -> str:
    """Say the result where no scenario at scale was measured."""
    measured = [run for run in runs if run.cores.viewing is not None]
    bad = [run for run in runs if heavy(run)]
    burning = [run for run in bad if run.cores.viewing is not None]
    if not bad:
        return _all_well(runs, measured)
    if not burning:
        return f"{words.listing(_ended(run) for run in bad[:3])}."
    worst = max(burning, key=lambda run: (run.variant == "buggy", finished(run), run.cores.viewing or 0))
    text = f"{words.plural(worst.views, 'view').capitalize()} of a {worst.pod} pod kept the {worst.variant} server at {words.cores_named(worst.cores.viewing or 0)}"
    if worst.cores.after is not None and "after" in marks(worst):
        text += f", and it stayed at {words.cores(worst.cores.after)} after everyone had left"
    peer = _peer(worst, measured)
    if peer:
        text += f"; the {peer.variant} one took {words.cores_named(peer.cores.viewing or 0)}"
        text += f" for {words.plural(peer.views, 'view')}" if peer.views != worst.views else ""
    return text + "."


def _peer(worst: Run, measured: Sequence[Run]) -> Run | None:
    """Find the fixed variant to put beside, preferably on the same pod."""
    peers = [run for run in measured if run.variant in FIXED and not heavy(run)]
    return min(
        peers,
        key=lambda run: (FIXED.index(run.variant), run.pod != worst.pod, not finished(run)),
        default=None,
    )


def _ended(run: Run) -> str:
    return f"the {run.variant} server's run on a {run.pod} pod ended at {run.ended}"


def _all_well(runs: Sequence[Run], measured: Sequence[Run]) -> str:
    """Say that nothing was wrong, with the highest figure."""
    if not measured:
        return f"Of {words.plural(len(runs), 'run')}, none could be measured."
    top = max(measured, key=lambda run: run.cores.viewing or 0)
    number = "The run" if len(runs) == 1 else f"All {len(runs)} runs"
    return f"{number} stayed within the budget: at most {words.cores_named(top.cores.viewing or 0)} while viewing ({top.variant}, {top.pod})."


def meaning(comparison: Comparison) -> str:
    """Say what the headline means."""
    runs = comparison.runs
    burning = sorted(
        {run.variant for run in runs if finished(run) and "viewing" in marks(run)}, key=words.variant_order
    )
    staying = {run.variant for run in runs if "after" in marks(run)}
    clean = [
        run.variant
        for run in runs
        if run.variant in FIXED and not any(heavy(r) for r in runs if r.variant == run.variant)
    ]
    text = []
    if burning:
        text.append(
            "The pods were finished: there was nothing left to send. The cores went into loops that got nothing done."
        )
    if staying:
        text.append(
            "Closing the page does not help: the loops go on in the server when nobody is watching, until it is restarted."
        )
    if burning and clean:
        names = words.listing(dict.fromkeys(sorted(clean, key=words.variant_order)))
        text.append(f"The same views through {names} cost next to nothing.")
    return " ".join(text)


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
            *_grew(marked),
            _storm(marked),
            _lines(marked),
            _left(marked),
        )
        if part
    ]
    parts += _stopped(marked)
    unmarked = [run for run in single if not marks(run)]
    text = "; ".join(parts)
    if unmarked:
        pods = words.listing(dict.fromkeys(run.pod for run in ordered(unmarked)))
        text += f". Nothing on {pods} pods"
    return Finding(variant, faulty=True, text=text + ".")


def _quiet(runs: Sequence[Run]) -> str:
    top = max((run.cores.viewing for run in runs if run.cores.viewing is not None), default=None)
    if top is None:
        return "could not be measured."
    lines = sum(run.lines.expected for run in runs)
    kept = f", all {lines:,} lines delivered once" if lines else ""
    return f"took at most {words.cores_named(top)}{kept}, nothing left behind."


def _burned(runs: Sequence[Run]) -> str:
    burning = [run for run in runs if {"viewing", "after"} & marks(run).keys()]
    if not burning:
        return ""
    run = max(burning, key=lambda run: run.cores.viewing or run.cores.after or 0)
    where = f"{words.plural(run.views, 'view')} of a {run.pod} pod"
    text = (
        f"burned {words.cores_named(run.cores.viewing)} for {where}"
        if run.cores.viewing is not None
        else f"burned cores after {where}"
    )
    if "after" in marks(run):
        return f"{text}, and {words.cores(run.cores.after)} after everyone had left"
    return text


def _froze(runs: Sequence[Run]) -> str:
    run = max(runs, key=lambda run: run.health_ms.failed)
    if not run.health_ms.failed:
        return ""
    if run.health_ms.p50 is None:
        return f"answered none of {words.plural(run.health_ms.failed, 'health check')}"
    return f"left {words.plural(run.health_ms.failed, 'health check')} unanswered"


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
    return f"left {left_behind(run)} behind"


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
