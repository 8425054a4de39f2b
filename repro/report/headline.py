"""The result in one sentence, and what it means: right for any choice of variants and pods."""

from collections.abc import Sequence

from repro.comparison import Comparison, Run
from repro.report import words
from repro.report.marks import finished, heavy, marks, starved
from repro.report.selection import headline_runs, matrix_runs

FIXED = ("hardened", "published", "bypass")
"""The variants to put beside a faulty one, the best first."""


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
        text = words.listing(_ended(run) for run in bad[:3])
        return f"{text[0].upper()}{text[1:]}."
    worst = max(burning, key=lambda run: (run.variant == "buggy", finished(run), run.cores.viewing or 0))
    text = f"{words.plural(worst.views, 'view').capitalize()} of a {worst.pod} pod {_burned(worst)}"
    peer = _peer(worst, measured)
    if peer:
        text += f"; the {peer.variant} one took {words.cores_named(peer.cores.viewing or 0)}"
        text += f" for {words.plural(peer.views, 'view')}" if peer.views != worst.views else ""
    return text + "."


def _burned(run: Run) -> str:
    """Say what a faulty run took, or asked for where other programs held the cores."""
    got = run.cores.viewing or 0
    if starved(run):
        text = f"made the {run.variant} server ask for {words.cores_named(run.demand.viewing or 0)} (it got {words.cores(got)})"
    else:
        text = f"kept the {run.variant} server at {words.cores_named(got)}"
    if run.cores.after is None or "after" not in marks(run):
        return text
    if starved(run) and run.demand.after is not None:
        return f"{text}, and for {words.cores(run.demand.after)} after everyone had left"
    return f"{text}, and it stayed at {words.cores(run.cores.after)} after everyone had left"


def _peer(worst: Run, measured: Sequence[Run]) -> Run | None:
    """Find the fixed variant to put beside, preferably on the same pod."""
    peers = [run for run in measured if run.variant in FIXED and not heavy(run)]
    return min(
        peers,
        key=lambda run: (FIXED.index(run.variant), run.pod != worst.pod, not finished(run)),
        default=None,
    )


def _ended(run: Run) -> str:
    return f"the {run.variant} server's run on a {run.pod} pod ended early ({run.ended})"


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
    wasteful = {run.variant for run in runs if heavy(run)}
    clean = {run.variant for run in runs if run.variant in FIXED} - wasteful
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
        names = words.listing(sorted(clean, key=words.variant_order))
        text.append(f"The same views through {names} cost next to nothing.")
    return " ".join(text)
