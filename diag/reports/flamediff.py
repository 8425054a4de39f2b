"""A differential flamegraph: the stacks of two sides in one tree, more of a function red, less of it blue.

A box is as wide as the time that both sides together spent in it, so what vanished is there as well as what is new. Time
is the share of the sampler's looks, idle ones included: a side that slept is narrow, however many samples were taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import msgspec
from markupsafe import Markup

from diag.origin import Origin
from diag.recording import Recording
from diag.reports.flamegraph import MOST_BOXES, SMALLEST
from diag.reports.flametree import START, Box, FlameTree, build
from diag.reports.words import percent

_DEEPEST = 60
"""Percent of red or blue in the box that differs most."""

_PARTS = 2
"""Last parts of a path that name a file: two checkouts differ in the others."""


@dataclass(frozen=True)
class Change:
    """A function, or folded library frames, on both sides."""

    name: str
    details: str
    origin: Origin
    before: float
    after: float
    """Shares of the looks."""
    children: tuple["Change", ...]

    @property
    def width(self) -> float:
        """Give the time of both sides."""
        return self.before + self.after

    @property
    def difference(self) -> float:
        """Give how much more it is after."""
        return self.after - self.before


def merge(before: Sequence[Recording], after: Sequence[Recording]) -> tuple[Change, ...]:
    """Put the stacks of both sides into one tree; () where either has none or nobody looked."""
    trees = [_tree(side) for side in (before, after)]
    if not all(tree is not None and tree.ticks for tree in trees):
        return ()
    first, last = (tree for tree in trees if tree is not None)
    return _merged(first.roots, last.roots, first.ticks, last.ticks)


def render(roots: Sequence[Change], *, label: str) -> Markup:
    """Draw the tree; "" where there is nothing to draw."""
    whole = sum(root.width for root in roots)
    if not whole:
        return Markup("")
    boxes = list(_walk(roots))
    widths = sorted((box.width for box in boxes), reverse=True)
    least = max(SMALLEST * whole, widths[MOST_BOXES] if len(widths) > MOST_BOXES else 0.0)
    most = max(abs(box.difference) for box in boxes) or 1.0
    return Markup('<div class="flame diff" role="group" aria-label="{}">{}</div>').format(
        label, _row(roots, whole, least, most)
    )


def _tree(side: Sequence[Recording]) -> FlameTree | None:
    """Merge the stacks of a side's recordings."""
    if not side:
        return None
    stacks = tuple(stacks for recording in side for stacks in recording.stacks)
    return build(msgspec.structs.replace(side[0], stacks=stacks))


def _merged(before: Sequence[Box], after: Sequence[Box], first: int, last: int) -> tuple[Change, ...]:
    """Match boxes by function and file."""
    ours = {_key(box): box for box in before}
    theirs = {_key(box): box for box in after}
    changes = [
        _change(ours.get(key), theirs.get(key), first, last) for key in dict.fromkeys([*ours, *theirs])
    ]
    return tuple(sorted(changes, key=lambda change: -change.width))


def _key(box: Box) -> tuple[Origin, str, tuple[str, ...]]:
    return box.origin, box.function, PurePath(box.file).parts[-_PARTS:]


def _change(before: Box | None, after: Box | None, first: int, last: int) -> Change:
    box = after or before
    assert box is not None
    return Change(
        name=_name(box),
        details=f"{box.function}\n{box.file}" if box.file else _name(box),
        origin=box.origin,
        before=before.samples / first if before else 0.0,
        after=after.samples / last if after else 0.0,
        children=_merged(before.children if before else (), after.children if after else (), first, last),
    )


def _name(box: Box) -> str:
    if box.fold is None:
        return f"{box.function} {PurePath(box.file).name}"
    if box.origin is Origin.ASYNCIO:
        return "asyncio and the program's start" if START in box.fold.packages else "asyncio"
    return ", ".join(box.fold.packages[:3])


def _walk(changes: Sequence[Change]) -> Iterator[Change]:
    for change in changes:
        yield change
        yield from _walk(change.children)


def _row(changes: Sequence[Change], whole: float, least: float, most: float) -> Markup:
    kept = [change for change in changes if change.width >= least]
    if not kept:
        return Markup("")
    return Markup("<ul>{}</ul>").format(Markup("").join(_box(each, whole, least, most) for each in kept))


def _box(change: Change, whole: float, least: float, most: float) -> Markup:
    depth = round(_DEEPEST * abs(change.difference) / most)
    side = "more" if change.difference > 0 else "less"
    return Markup(
        '<li style="width:{}%"><span class="{}" style="--depth:{}%" title="{}">{}</span>{}</li>'
    ).format(
        f"{100 * change.width / whole:.4g}",
        side,
        depth,
        f"{change.details}\nbefore {percent(change.before)} % of the time, now {percent(change.after)} %",
        f"{change.name} {percent(change.before)} → {percent(change.after)} %",
        _row(change.children, change.width, least, most),
    )
