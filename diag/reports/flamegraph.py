"""A flamegraph as plain HTML: boxes in boxes, callers above, no script, text that stays legible on a phone."""

from collections.abc import Sequence
from pathlib import PurePath

from markupsafe import Markup

from diag.origin import Origin
from diag.reports.flametree import START, Box, FlameTree, Fold, walk
from diag.reports.words import percent

SMALLEST = 0.01
"""Share of all samples below which a box is left out; how much was left out is said."""

MOST_BOXES = 100
"""Boxes drawn at the most, so that a page with many graphs stays small; the widest are kept."""

HOT = 0.15
"""Share of all samples from which an own function counts as hot, unless it only leads to others."""

_LEADS_ON = 0.9
"""Share of its samples from which an own function's own callee is the one to look at."""

_LINES_NAMED = 6
_KINDS = {Origin.OWN: "own", Origin.ASYNCIO: "loop", Origin.LIBRARY: "lib"}


def render(tree: FlameTree, *, label: str, smallest: float = SMALLEST) -> Markup:
    """Draw the tree, or say in a sentence that there are no samples.

    Args:
        tree: what to draw.
        label: what it is of, for those who cannot see it.
        smallest: share of all samples below which a box is left out.
    """
    if not tree.samples:
        return Markup('<p class="note">No stack was sampled: the process slept at every look.</p>')
    drawn = _Drawing(tree.samples, max(smallest * tree.samples, _width_of_the_rest(tree)))
    boxes = drawn.row(tree.roots, tree.samples)
    note = Markup("")
    if drawn.elided:
        note = Markup('<p class="note">Not drawn: boxes under {} % of the samples, {} % in all.</p>').format(
            percent(drawn.least / tree.samples), percent(drawn.elided / tree.samples)
        )
    return Markup('<div class="flame" role="group" aria-label="{}">{}</div>{}').format(label, boxes, note)


def _width_of_the_rest(tree: FlameTree) -> int:
    """Give the samples from which on no more boxes than the limit are as wide; 0 where all may be drawn."""
    widths = sorted((box.samples for box in walk(tree.roots)), reverse=True)
    return widths[MOST_BOXES] + 1 if len(widths) > MOST_BOXES else 0


class _Drawing:
    """One flamegraph being written; counts what it leaves out."""

    def __init__(self, samples: int, least: float) -> None:
        self.samples = samples
        self.least = least
        self.elided = 0

    def row(self, boxes: Sequence[Box], whole: int) -> Markup:
        """Write boxes side by side, in a row that is `whole` samples wide."""
        kept = [box for box in boxes if box.samples >= self.least]
        self.elided += sum(box.samples for box in boxes) - sum(box.samples for box in kept)
        if not kept:
            return Markup("")
        return Markup("<ul>{}</ul>").format(Markup("").join(self.box(box, whole) for box in kept))

    def box(self, box: Box, whole: int) -> Markup:
        """Write a box and, under it, what it called."""
        share = box.samples / self.samples
        hot = " hot" if share >= HOT and is_innermost(box) else ""
        return Markup('<li style="width:{}%"><span class="{}{}" title="{}">{}</span>{}</li>').format(
            f"{100 * box.samples / whole:.4g}",
            _KINDS[box.origin],
            hot,
            _details(box, self.samples),
            _name(box, share),
            self.row(box.children, box.samples),
        )


def is_innermost(box: Box) -> bool:
    """Tell whether an own box is where own code spends its time, and not on the way there.

    What starts the event loop leads to all that the loop runs; what hands on to one other own function leads to it.
    """
    if box.origin is not Origin.OWN:
        return False
    if any(child.origin is Origin.OWN and child.samples >= _LEADS_ON * box.samples for child in box.children):
        return False
    loops = [below for below in walk(box.children) if below.origin is Origin.ASYNCIO]
    return not any(below.origin is Origin.OWN for loop in loops for below in walk(loop.children))


def _name(box: Box, share: float) -> str:
    """Give the words on a box."""
    if box.fold:
        most = box.fold.most
        return f"{_folded(box.origin, box.fold)} · {most} frame{'s' if most > 1 else ''} folded"
    line = f":{box.lines[0][0]}" if box.lines else ""
    return f"{box.function} {PurePath(box.file).name}{line} {percent(share)} %"


def _folded(origin: Origin, fold: Fold) -> str:
    """Name what a folded box holds."""
    if origin is not Origin.ASYNCIO:
        return ", ".join(fold.packages[:3])
    return "asyncio and the program's start" if START in fold.packages else "asyncio"


def _details(box: Box, samples: int) -> str:
    """Give the words that appear when a box is pointed at."""
    share = f"{percent(box.samples / samples)} % of the samples ({percent(box.self_samples / samples)} % in itself)"
    if box.fold:
        fold = box.fold
        count = str(fold.most) if fold.fewest == fold.most else f"{fold.fewest} to {fold.most}"
        return f"{count} frames folded, {fold.functions} functions of {', '.join(fold.packages)}\n{share}"
    lines = ", ".join(
        f"line {line}: {percent(count / samples)} %" for line, count in box.lines[:_LINES_NAMED]
    )
    return f"{box.function}\n{box.file}\n{share}\n{lines}"
