"""`break` statements that say that the work is over, and leave only an inner loop of a loop that goes on."""

import ast
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from diag.causes.calls import called, dotted, last, loop_nodes, receiver
from diag.causes.certainty import Certainty
from diag.causes.ends import END_ERRORS, End, truth, way_at_end
from diag.causes.origins import Origin, Origins
from diag.causes.passage import passage
from diag.causes.reading import reads_in
from diag.causes.shape import Guard, Step, bound, caught_by, exits, is_endless, is_rebound, names, steps
from diag.causes.stops import is_foreign, stop_in
from diag.causes.truth import Truth
from diag.causes.waiting import PAUSE, SLEEPS, VARIABLE, Waiting
from diag.source import Function, Loop, LoopNode, Module, own_nodes

_ENDS: tuple[End, ...] = ("empty", "none", "closed")
_GONE = re.compile(r"^_*(is_)?(closed|closing|at_eof|eof|disconnected|exhausted)$")
_CANCELS = frozenset({"CancelledError", "KeyboardInterrupt", "SystemExit", "GeneratorExit"})
_TAKES_OUT = frozenset(
    {
        *(
            "remove",
            "discard",
            "pop",
            "popleft",
            "popitem",
            "clear",
            "difference_update",
            "unregister",
            "modify",
        ),
        *("close", "shutdown", "remove_reader", "seek", "reset", "rewind", "detach"),
    }
)
"""Methods after which what was waited for or read from is there no more, or begins anew."""
_MAKES_ANEW = re.compile(
    r"^_*(re_?)?(connect|open|start(?!_soon)|init|initiali[sz]e|load|create_connection|establish|accept)(?![a-z])",
    re.IGNORECASE,
)
_HANGS_UP = re.compile(r"^E?POLL(RD)?(HUP|ERR|NVAL)$")
"""Bits by which a poll says that a descriptor is at its end: they are said again on the next poll."""


@dataclass(frozen=True)
class IneffectiveBreak:
    """A `break` that is meant to end all, and the two loops."""

    node: ast.Break
    inner: LoopNode
    outer: ast.While
    value: str
    """What its condition looks at: a variable, an event."""
    about: frozenset[str]
    """That, and what it comes from."""
    certain: bool
    """Whether the source alone proves it; else measured facts must tell it from a loop that polls."""


def ineffective_breaks(module: Module, function: Function) -> Iterator[IneffectiveBreak]:
    """Give those of one function, in the order of the source."""
    for loop in function.loops:
        if not isinstance(loop.node, ast.While):
            continue
        for step in steps(loop.node.body):
            if isinstance(step.node, ast.Break) and len(step.way.loops) == 1:
                place = _Place(module, function, loop, loop.node, step, step.node)
                if (found := place.judged()) is not None:
                    yield found


@dataclass(frozen=True)
class _Place:
    """A `break` of a loop inside a `while`."""

    module: Module
    function: Function
    loop: Loop
    outer: ast.While
    step: Step
    node: ast.Break

    @property
    def inner(self) -> LoopNode:
        return self.step.way.loops[0]

    def judged(self) -> IneffectiveBreak | None:
        """Give what is wrong with it, if anything is."""
        for value, end, origin in self._ended():
            about = origin.names | {value}
            if self._goes_on(about, end, origin):
                certainty = Certainty(
                    self.module, self.function, self.loop, self.inner, self.path, about, origin, end
                )
                return IneffectiveBreak(self.node, self.inner, self.outer, value, about, certainty.holds())
        return None

    @cached_property
    def origins(self) -> Origins:
        return Origins(self.module, self.function, self.outer, self.inner, self.path)

    @cached_property
    def path(self) -> tuple[ast.AST, ...]:
        """The nodes of a turn of the outer loop that takes the `break`."""
        return passage(self.outer, self.inner, self.node)

    def _conditions(self) -> tuple[Guard, ...]:
        """Give the conditions inside the inner loop, the nearest first."""
        head = self.inner.test if isinstance(self.inner, ast.While) else self.inner.iter
        guards = self.step.way.guards
        at = next(index for index, guard in enumerate(guards) if guard.test is head)
        return guards[:at:-1]

    def _ended(self) -> Iterator[tuple[str, End, Origin]]:
        """Give what the nearest condition says to be at its end, how that shows, and where it comes from."""
        if self.step.way.handler is not None:
            yield from self._raised(self.step.way.handler)
            return
        conditions = self._conditions()
        if not conditions:
            return
        test, holds = conditions[0].test, conditions[0].holds
        yield from self._by_value(test, holds=holds)
        yield from self._by_call(test, holds=holds)
        if holds:
            yield from self._by_flag(test)

    def _by_value(self, test: ast.expr, *, holds: bool) -> Iterator[tuple[str, End, Origin]]:
        """Give the names whose value is at its end where a condition holds."""
        for name in sorted(names(test)):
            if Truth({name: True}).of(test) == holds:
                continue  # what is there says the same
            for end in _ENDS:
                ended = frozenset({name})
                told = truth(test, ended, end) == holds or (end == "closed" and holds and _fails(test))
                if not told or way_at_end(self._conditions()[1:], ended, end) is False:
                    continue  # or it is at its end where an earlier condition would have left
                if origin := self.origins.of_value(name):
                    yield name, end, origin

    def _by_call(self, test: ast.expr, *, holds: bool) -> Iterator[tuple[str, End, Origin]]:
        """Give what a condition itself reads, as `if not sock.recv(1)` does."""
        for read in reads_in(test):
            for end in _ENDS:
                if truth(test, frozenset({read.call}), end) == holds and (
                    origin := self.origins.of_read(read)
                ):
                    yield read.source, end, origin

    def _by_flag(self, test: ast.expr) -> Iterator[tuple[str, End, Origin]]:
        """Give what a condition asks of a flag, an event or a stream itself."""
        gone = _gone(test)
        for name, certain in ((gone, gone in self.origins.iterated), (stop_in(test), True)):
            if name and (origin := self.origins.of_flag(name, certain=certain)):
                yield name, "closed", origin
        if (name := _hung_up(test)) and (origin := self.origins.of_ready(name)):
            yield name, "closed", origin

    def _raised(self, handler: ast.ExceptHandler) -> Iterator[tuple[str, End, Origin]]:
        """Give what raises the end that a handler breaks for, as `except EOFError: break` does."""
        if not all(END_ERRORS.search(name) for name in caught_by(handler)):
            return
        for node in own_nodes(self.inner):
            if isinstance(node, ast.Try) and handler in node.handlers:
                for origin in self.origins.of_raised(node.body):
                    yield min(origin.names, key=lambda name: (len(name), name)), "empty", origin

    def _goes_on(self, about: frozenset[str], end: End, origin: Origin) -> bool:
        """Whether the outer loop goes on as before after the `break`."""
        if not self._test_stays(about) or any(
            isinstance(node, ast.Yield | ast.YieldFrom) for node in self.path
        ):
            return False
        if any(not self._is_apart(step, about, end, origin) for step in exits(self.loop)):
            return False
        stops = origin.flag and bool(stop_in(self._conditions()[0].test)) if self._conditions() else False
        return not any(self._changes(call, about, origin, stops=stops) for call in self._calls())

    def _test_stays(self, about: frozenset[str]) -> bool:
        used = names(self.outer.test)
        changed = bound(*loop_nodes(self.outer)) | about
        return is_endless(self.loop) or not (
            used & changed or any(is_rebound(name, changed) for name in used)
        )

    def _is_apart(self, step: Step, about: frozenset[str], end: End, origin: Origin) -> bool:
        """Whether a way out of the outer loop has nothing to do with what the `break` is about."""
        if isinstance(step.node, ast.Assert):
            return not names(step.node.test) & (bound(*loop_nodes(self.outer)) | about)
        if step.way.handler is not None:
            return origin.by_value or caught_by(step.way.handler) <= _CANCELS
        outcomes = [(guard, truth(guard.test, about, end)) for guard in step.way.guards]
        if any(outcome is not None and outcome != guard.holds for guard, outcome in outcomes):
            return True
        own = bound(*loop_nodes(self.outer)) | about
        within = self.inner in step.way.loops
        return any(
            is_foreign(guard, own) and (within or not _asks_of(guard, own)) for guard in step.way.guards
        )

    def _calls(self) -> list[ast.Call]:
        return [node for node in self.path if isinstance(node, ast.Call)]

    def _changes(self, call: ast.Call, about: frozenset[str], origin: Origin, *, stops: bool) -> bool:
        """Whether a call pauses the loop, or takes away or renews what the `break` is about.

        A pause does not matter where the `break` is for a stop that was asked for: then the loop was to end.
        """
        if call in origin.calls or (called(call) == "result" and receiver(call) in about):
            return False
        paused = Waiting(self.module, self.function).kind(call) in {PAUSE, VARIABLE}
        if paused and not (stops and (called(call) in SLEEPS or receiver(call) in about)):
            return True
        touched = {receiver(call), *(dotted(argument) for argument in call.args)}
        if called(call) in _TAKES_OUT and touched & (about | origin.containers):
            return not (origin.iterated and called(call) == "close")
        return bool(_MAKES_ANEW.match(called(call)))


def _fails(test: ast.expr) -> bool:
    """Whether a condition asks for the type of message after which aiohttp has closed a WebSocket."""
    return isinstance(test, ast.Compare) and any(
        isinstance(test.ops[0], ast.Eq | ast.Is) and dotted(side).endswith("WSMsgType.ERROR")
        for side in test.comparators
    )


def _gone(test: ast.expr) -> str:
    """Give what a test like `stream.closed` or `reader.at_eof()` says to be gone; else ""."""
    node = test.func if isinstance(test, ast.Call) and not test.args else test
    return dotted(node.value) if isinstance(node, ast.Attribute) and _GONE.match(node.attr) else ""


def _hung_up(test: ast.expr) -> str:
    """Give the variable whose bits a test like `events & select.EPOLLHUP` looks at; else ""."""
    if not isinstance(test, ast.BinOp) or not isinstance(test.op, ast.BitAnd):
        return ""
    return dotted(test.left) if _HANGS_UP.match(last(test.right)) else ""


def _asks_of(guard: Guard, own: Collection[str]) -> bool:
    """Whether a condition compares something that the loop itself changes: `item is DONE`."""
    tests = guard.test.values if isinstance(guard.test, ast.BoolOp) else [guard.test]
    return any(isinstance(test, ast.Compare) and dotted(test.left) in own for test in tests)
