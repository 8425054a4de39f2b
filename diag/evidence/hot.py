"""The hot place: the innermost loop, or function, that stays at work through all the looks."""

import ast
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from diag import thresholds
from diag.evidence.looks import Call, Looks, Unit
from diag.origin import Origin, origin, package
from diag.source import Function, Loop, Module

PLUMBING = (
    "/concurrent/futures/",
    "/multiprocessing/pool.py",
    "/trio/_core/",
    "/gevent/",
    "/tornado/ioloop.py",
    "/tornado/platform/",
    "/uvloop/",
    "/curio/kernel.py",
)
"""Parts of paths of event loops that are installed as packages."""


@dataclass(frozen=True)
class Hot:
    """A place that is at work all the time."""

    function: str
    file: str
    lines: Counter[int]
    """How often each line was seen."""
    share: float
    """Of the looks at which the thread was busy."""
    units: tuple[Unit, ...]
    depth: tuple[int, ...]
    """For each unit, where the function stands in its calls."""
    on_loop: bool
    thread: int
    busy: float
    """Share of the looks at which the thread was busy."""
    owners: int
    """Tasks or threads that are alike."""
    module: Module | None = field(default=None, repr=False)
    source: Function | None = field(default=None, repr=False)
    loop: Loop | None = None

    @property
    def line(self) -> int:
        """The line seen most."""
        return self.lines.most_common(1)[0][0]

    @property
    def calls(self) -> list[Call]:
        """The function's own frame at each look."""
        return [unit.calls[depth] for unit, depth in zip(self.units, self.depth, strict=True)]

    @property
    def below(self) -> list[tuple[Call, ...]]:
        """The frames below it at each look, outermost first."""
        return [unit.calls[depth + 1 :] for unit, depth in zip(self.units, self.depth, strict=True)]

    @property
    def above(self) -> tuple[Call, ...]:
        """Its callers at the last look, outermost first."""
        return self.units[-1].calls[: self.depth[-1]]


def find(looks: Looks, modules: Mapping[str, Module]) -> list[Hot]:
    """Find the hot places of a process, the hottest first.

    Args:
        looks: the snapshots.
        modules: the sources that are known, by file.
    """
    found: list[Hot] = []
    by_thread: dict[int, list[Unit]] = defaultdict(list)
    for unit in looks.units:
        by_thread[unit.thread].append(unit)
    for thread, units in by_thread.items():
        busy = looks.busy.get(thread, 0.0)
        if busy >= thresholds.BUSY_THREAD:
            found += _of_thread(units, len(looks), busy, modules)
    merged = _merge(found)
    return sorted(merged, key=lambda hot: (-hot.share * hot.busy, hot.file, hot.function))


def _of_thread(units: Sequence[Unit], looks: int, busy: float, modules: Mapping[str, Module]) -> list[Hot]:
    by_owner: dict[str, list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.calls:
            by_owner[unit.owner].append(unit)
    found = []
    # Looks that find nothing but the event loop's own code tell nothing about the tasks.
    active = [unit for unit in units if not unit.waiting]
    telling = {unit.look for unit in active if not all(is_passive(call.file) for call in unit.calls)}
    for owner, own in by_owner.items():
        if owner.startswith("callback ") and is_standard(own[0].calls[0].file):
            continue  # the event loop's own, which some task has caused
        numbers = {unit.look for unit in own if not unit.waiting}
        if len(numbers) < max(3.0, thresholds.SEEN_TASK * len(telling)):
            continue
        if max(numbers) - min(numbers) < thresholds.LASTING * (looks - 1):
            continue
        hot = _persistent(own, len(numbers) / max(1.0, looks * busy), busy, modules)
        # A task of the event loop's own library, without a loop, is one that some other task makes again and again.
        if hot is not None and (hot.loop or not hot.on_loop or not is_passive(hot.file)):
            found.append(hot)
    return found


def _persistent(
    units: Sequence[Unit], share: float, busy: float, modules: Mapping[str, Module]
) -> Hot | None:
    """Find the innermost call that is there at every look and has a loop around the lines seen of it."""
    chain = _common(units)
    best: tuple[int, int, Loop | None, list[Unit]] | None = None
    for level in range(len(chain)):
        kept = [unit for unit in units if len(unit.calls) > level and unit.calls[level].key == chain[level]]
        lines = Counter(unit.calls[level].line for unit in kept)
        function, file = chain[level]
        source = function_of(modules, file, function, lines.most_common(1)[0][0])
        loop = turning_loop(source, lines) if source else None
        rank = _rank(file, loop)
        if best is None or rank >= best[0]:
            best = rank, level, loop, kept
    if best is None:
        return None
    _, level, loop, kept = best
    function, file = chain[level]
    lines = Counter(unit.calls[level].line for unit in kept)
    return Hot(
        function=function,
        file=file,
        lines=lines,
        share=min(1.0, share),
        units=tuple(kept),
        depth=(level,) * len(kept),
        on_loop=kept[0].on_loop,
        thread=kept[0].thread,
        busy=busy,
        owners=1,
        module=modules.get(file),
        source=function_of(modules, file, function, lines.most_common(1)[0][0]),
        loop=loop,
    )


def _rank(file: str, loop: Loop | None) -> int:
    """Prefer a loop in the user's or a package's code, then one in the standard library, then no loop."""
    plain = is_passive(file)
    if loop is not None:
        return 2 if plain else 3
    return 0 if plain else 1


def is_standard(file: str) -> bool:
    """Whether a file belongs to the interpreter's own library."""
    return (origin(file) is not Origin.OWN and "-packages/" not in file) or package(file) == "Python"


def is_passive(file: str) -> bool:
    """Whether a file is neither the user's nor a package's own doing: the standard library's, or an event loop's."""
    return is_standard(file) or is_plumbing(file)


def is_plumbing(file: str) -> bool:
    """Whether a file is part of an event loop that runs what others wrote."""
    return any(part in file for part in PLUMBING)


def _common(units: Sequence[Unit]) -> list[tuple[str, str]]:
    """Give the calls that all stacks begin with, as far as they agree."""
    chain: list[tuple[str, str]] = []
    left = list(units)
    whole = len(units)
    for level in itertools.count():
        keys = Counter(unit.calls[level].key for unit in left if len(unit.calls) > level)
        if not keys:
            return chain
        key, count = keys.most_common(1)[0]
        whole -= _cut_off(left, level)
        if count < thresholds.PERSISTS * whole or not _stays(units, level, key):
            return chain
        chain.append(key)
        left = [unit for unit in left if len(unit.calls) > level and unit.calls[level].key == key]
    return chain


def _cut_off(units: Sequence[Unit], level: int) -> int:
    """Count the stacks that end where most of the others go on into a coroutine: they were not read to their end."""
    deeper = [unit for unit in units if len(unit.calls) > level and unit.calls[level].identity]
    ended = [unit for unit in units if len(unit.calls) == level and level and unit.calls[level - 1].identity]
    lines = {unit.calls[level - 1].line for unit in deeper if level}
    cut = sum(unit.calls[level - 1].line in lines for unit in ended)
    return cut if len(deeper) >= len(units) / 2 else 0


def _stays(units: Sequence[Unit], level: int, key: tuple[str, str]) -> bool:
    """Whether a call is the same one at the looks, as far as it can be told: a coroutine has an identity."""
    found = Counter(
        unit.calls[level].identity
        for unit in units
        if len(unit.calls) > level and unit.calls[level].key == key
    )
    del found[0]
    return not found or found.most_common(1)[0][1] >= thresholds.PERSISTS * found.total()


def function_of(modules: Mapping[str, Module], file: str, function: str, line: int) -> Function | None:
    """Give the source of a function; None where it is not known."""
    module = modules.get(file)
    return module.function_at(line, function) if module else None


def turning_loop(function: Function, lines: Counter[int]) -> Loop | None:
    """Give the smallest loop around (nearly) all lines that were seen of a function.

    The head of a `for` is in the loops around it: what is iterated over is made once, and a `for` that is seen nowhere
    but there has nothing to iterate over. Where no loop is around it, the `for` itself is meant.
    """
    return _smallest(function, lines, heads=False) or _smallest(function, lines, heads=True)


def _smallest(function: Function, lines: Counter[int], *, heads: bool) -> Loop | None:
    around = [
        loop
        for loop in function.loops
        if sum(count for line, count in lines.items() if _turns_in(loop, line, heads=heads))
        >= thresholds.PERSISTS * lines.total()
    ]
    return min(around, key=lambda loop: loop.last - loop.first, default=None)


def _turns_in(loop: Loop, line: int, *, heads: bool) -> bool:
    """Whether a line is seen again on each turn of a loop."""
    if line not in loop:
        return False
    return heads or isinstance(loop.node, ast.While) or line >= loop.node.body[0].lineno


def _merge(found: Iterable[Hot]) -> list[Hot]:
    """Take places in the same function of the same thread together."""
    groups: dict[tuple[int, str, str], list[Hot]] = defaultdict(list)
    for hot in found:
        groups[hot.thread, hot.file, hot.function].append(hot)
    merged = []
    for group in groups.values():
        if len(group) == 1:
            merged += group
            continue
        lines: Counter[int] = sum((hot.lines for hot in group), Counter())
        source = group[0].source
        merged.append(
            Hot(
                function=group[0].function,
                file=group[0].file,
                lines=lines,
                share=min(1.0, sum(hot.share for hot in group)),
                units=tuple(unit for hot in group for unit in hot.units),
                depth=tuple(depth for hot in group for depth in hot.depth),
                on_loop=group[0].on_loop,
                thread=group[0].thread,
                busy=group[0].busy,
                owners=sum(hot.owners for hot in group),
                module=group[0].module,
                source=source,
                loop=turning_loop(source, lines) if source else None,
            )
        )
    return merged
