"""Stack samples merged into a tree of functions, with library frames folded into one box each time."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from diag.origin import Origin, origin, package
from diag.recording import Frame, Recording

_TURNS = frozenset({"run_forever", "_run_once"})
"""The event loop's own functions: what lies outside them only started it, and is folded with them."""

START = "start"
"""Stands among a fold's packages for own code that only started the event loop."""

MAX_DEPTH = 60
"""Boxes above each other; deeper calls are counted into the last one."""


@dataclass(frozen=True)
class Fold:
    """What a folded box stands for."""

    fewest: int
    most: int
    """Frames folded on one stack."""
    functions: int
    """Different functions."""
    packages: tuple[str, ...]
    """Most frequent first."""


@dataclass(frozen=True)
class Box:
    """A function, or a run of folded library frames, at one place of the tree."""

    origin: Origin
    function: str
    file: str
    """"" for a folded box."""
    samples: int
    self_samples: int
    """Samples that ended here: nothing called from it was running."""
    lines: tuple[tuple[int, int], ...]
    """Line and samples, most first; empty for a folded box."""
    fold: Fold | None
    children: tuple["Box", ...]
    """Most samples first."""


@dataclass(frozen=True)
class FlameTree:
    """All samples of a recording."""

    samples: int
    ticks: int
    """Looks of the sampler: samples of a single thread / ticks is the share of time it was busy."""
    roots: tuple[Box, ...]


@dataclass
class _Node:
    """A box being filled."""

    origin: Origin
    function: str = ""
    file: str = ""
    samples: int = 0
    ended: int = 0
    lines: Counter[int] = field(default_factory=Counter)
    lengths: list[int] = field(default_factory=list)
    folded: Counter[tuple[str, str]] = field(default_factory=Counter)
    children: dict[tuple[Origin, str, str], "_Node"] = field(default_factory=dict)


def build(recording: Recording, own: Sequence[str] = ()) -> FlameTree:
    """Merge the stacks of all processes and threads of `recording`.

    Args:
        recording: with any number of stacks, none included.
        own: parts of paths that count as the user's own code (see `origin`).
    """
    root = _Node(Origin.OWN)
    samples = 0
    for stacks in recording.stacks:
        origins = [origin(frame.file, own) for frame in stacks.frames]
        for sample in stacks.samples:
            _add(root, _start_folded([(stacks.frames[index], origins[index]) for index in sample.frames]))
            samples += 1
    ticks = sum(stacks.ticks for stacks in recording.stacks)
    return FlameTree(samples, ticks, _freeze(root).children)


def _start_folded(stack: list[tuple[Frame, Origin]]) -> list[tuple[Frame, Origin]]:
    """Count everything from the outermost frame to the event loop's turn as the loop's."""
    turns = [
        depth
        for depth, (frame, its) in enumerate(stack)
        if its is Origin.ASYNCIO and frame.function.rpartition(".")[2] in _TURNS
    ]
    last = max(turns, default=-1)
    return [(frame, Origin.ASYNCIO) for frame, _ in stack[: last + 1]] + stack[last + 1 :]


def _add(root: _Node, stack: Sequence[tuple[Frame, Origin]]) -> None:
    """Put one stack into the tree, outermost frame first."""
    node = root
    node.samples += 1
    for depth, (kind, frames) in enumerate(_runs(stack)):
        if depth == MAX_DEPTH:
            break
        node = _child(node, kind, frames)
        node.samples += 1
    node.ended += 1


def _runs(stack: Sequence[tuple[Frame, Origin]]) -> Iterator[tuple[Origin, list[Frame]]]:
    """Split a stack into own frames, one at a time, and runs of frames to fold."""
    run: list[Frame] = []
    kind = Origin.OWN
    for frame, its in stack:
        if run and its is not kind:
            yield kind, run
            run = []
        kind = its
        run.append(frame)
        if kind is Origin.OWN:
            yield kind, run
            run = []
    if run:
        yield kind, run


def _child(node: _Node, kind: Origin, frames: list[Frame]) -> _Node:
    """Find or make the child for a run of frames, and note its lines or what it folds."""
    if kind is not Origin.OWN:
        child = node.children.setdefault((kind, "", ""), _Node(kind))
        child.lengths.append(len(frames))
        child.folded.update((frame.function, frame.file) for frame in frames)
        return child
    frame = frames[0]
    child = node.children.setdefault(
        (kind, frame.function, frame.file), _Node(kind, frame.function, frame.file)
    )
    child.lines[frame.line] += 1
    return child


def _freeze(node: _Node) -> Box:
    """Turn the finished node into a value."""
    children = sorted(map(_freeze, node.children.values()), key=lambda box: -box.samples)
    return Box(
        origin=node.origin,
        function=node.function,
        file=node.file,
        samples=node.samples,
        self_samples=node.ended,
        lines=tuple(node.lines.most_common()),
        fold=_fold(node) if node.lengths else None,
        children=tuple(children),
    )


def _fold(node: _Node) -> Fold:
    """Sum up what a folded box stands for."""
    packages: Counter[str] = Counter()
    for (_, file), count in node.folded.items():
        packages[package(file) or START] += count
    names = tuple(name for name, _ in packages.most_common())
    return Fold(min(node.lengths), max(node.lengths), len(node.folded), names)


def walk(boxes: Iterable[Box]) -> Iterator[Box]:
    """Go through boxes and all that they hold."""
    for box in boxes:
        yield box
        yield from walk(box.children)
