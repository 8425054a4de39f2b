"""`break` statements that say that the work is over, and leave only an inner loop of a loop that goes on."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from diag.causes.calls import called, dotted, loop_nodes, receiver
from diag.causes.ends import End, truth
from diag.causes.origins import Origin, Origins
from diag.causes.shape import Guard, Step, bound, caught_by, exits, is_endless, is_rebound, names, steps
from diag.causes.stops import is_foreign, is_stop, stop_in
from diag.causes.truth import Truth
from diag.causes.waiting import PAUSE, VARIABLE, Waiting
from diag.source import Function, Loop, LoopNode, Module, own_nodes

_ENDS: tuple[End, ...] = ("empty", "none", "closed")
_GONE = re.compile(r"^_*(is_)?(closed|closing|at_eof|eof|disconnected|exhausted)$")
_END_ERRORS = re.compile(
    r"^(EOFError|IncompleteReadError|EndOfStream|ClosedResourceError|ConnectionClosed\w*|WebSocketDisconnect|ChannelClosed)$"
)
"""Exceptions that say that no more will come, and come again on the next try."""
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
    r"^_*(re)?(connect|open|start|init|load|create_connection|establish|accept)", re.IGNORECASE
)
_HARMLESS = frozenset(
    {
        *("append", "extend", "appendleft", "items", "keys", "values", "copy", "add", "update", "discard"),
        *("strip", "lstrip", "rstrip", "decode", "encode", "split", "splitlines", "partition", "rpartition"),
        *("join", "startswith", "endswith", "lower", "upper", "removesuffix", "removeprefix", "replace"),
        *("bytearray", "bytes", "enumerate", "zip", "frozenset", "create_task", "ensure_future", "result"),
    }
)


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
                certain = origin.certain and self._is_plain(about, origin)
                return IneffectiveBreak(self.node, self.inner, self.outer, value, about, certain)
        return None

    @cached_property
    def origins(self) -> Origins:
        return Origins(self.function, self.outer, self.inner, self.path)

    @cached_property
    def path(self) -> tuple[ast.AST, ...]:
        """The nodes of a turn of the outer loop that takes the `break`."""
        here, end = self.node.lineno, self.inner.end_lineno or 0
        skipped = {id(node) for node in own_nodes(self.inner) if here < getattr(node, "lineno", 0) <= end}
        return tuple(node for node in loop_nodes(self.outer) if id(node) not in skipped)

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
        for name in sorted(names(test)):
            if Truth({name: True}).of(test) == holds:
                continue  # what is there says the same
            for end in _ENDS:
                if truth(test, frozenset({name}), end) == holds and (origin := self.origins.of_value(name)):
                    yield name, end, origin
        for name, certain in ((_gone(test), False), (stop_in(test), True)):
            if holds and name and (origin := self.origins.of_flag(name, certain=certain)):
                yield name, "closed", origin

    def _raised(self, handler: ast.ExceptHandler) -> Iterator[tuple[str, End, Origin]]:
        """Give what raises the end that a handler breaks for, as `except EOFError: break` does."""
        if not all(_END_ERRORS.match(name) for name in caught_by(handler)):
            return
        for node in own_nodes(self.inner):
            if isinstance(node, ast.Try) and handler in node.handlers:
                for origin in self.origins.of_raised(node.body):
                    yield min(origin.names), "empty", origin

    def _goes_on(self, about: frozenset[str], end: End, origin: Origin) -> bool:
        """Whether the outer loop goes on as before after the `break`."""
        if not self._test_stays(about) or any(
            isinstance(node, ast.Yield | ast.YieldFrom) for node in self.path
        ):
            return False
        if any(not self._is_apart(step, about, end, origin) for step in exits(self.loop)):
            return False
        return not any(self._changes(call, about, origin) for call in self._calls())

    def _test_stays(self, about: frozenset[str]) -> bool:
        used = names(self.outer.test)
        changed = bound(*loop_nodes(self.outer)) | about
        return is_endless(self.loop) or not (
            used & changed or any(is_rebound(name, changed) for name in used)
        )

    def _is_apart(self, step: Step, about: frozenset[str], end: End, origin: Origin) -> bool:
        """Whether a way out of the outer loop has nothing to do with what the `break` is about."""
        if isinstance(step.node, ast.Assert):
            return not names(step.node.test) & about
        if step.way.handler is not None:
            return origin.by_value or caught_by(step.way.handler) <= _CANCELS
        outcomes = [(guard, truth(guard.test, about, end)) for guard in step.way.guards]
        if any(outcome is not None and outcome != guard.holds for guard, outcome in outcomes):
            return True
        own = bound(*loop_nodes(self.outer)) | about
        return any(is_foreign(guard, own) for guard in step.way.guards)

    def _calls(self) -> list[ast.Call]:
        return [node for node in self.path if isinstance(node, ast.Call)]

    def _changes(self, call: ast.Call, about: frozenset[str], origin: Origin) -> bool:
        """Whether a call pauses the loop, or takes away or renews what the `break` is about."""
        if call in origin.calls or (called(call) == "result" and receiver(call) in about):
            return False
        if Waiting(self.module, self.function).kind(call) in {PAUSE, VARIABLE}:
            return True
        touched = {receiver(call), *(dotted(argument) for argument in call.args)}
        if called(call) in _TAKES_OUT and touched & (about | origin.containers):
            return True
        return bool(_MAKES_ANEW.match(called(call)))

    def _is_plain(self, about: frozenset[str], origin: Origin) -> bool:
        """Whether nothing on the way could change matters that the source does not show."""
        if not is_endless(self.loop) and not is_foreign(Guard(self.outer.test, holds=False), about):
            return False
        own_branch = {id(node) for node in self._branch()}
        known = {id(part) for call in origin.calls for part in (call, *own_nodes(call))}
        waiting = Waiting(self.module, self.function)
        for node in self.path:
            if id(node) in own_branch | known:
                continue
            if isinstance(node, ast.AsyncFor | ast.AsyncWith) and node is not self.inner:
                return False
            if isinstance(node, ast.Call) and not self._is_harmless(node, waiting, about, origin):
                return False
        return True

    def _branch(self) -> list[ast.AST]:
        """Give what is done right before the `break`, in the same block: it belongs to the end."""
        for node in own_nodes(self.inner):
            for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
                if isinstance(block, list) and self.node in block:
                    return [part for statement in block for part in (statement, *own_nodes(statement))]
        return []

    def _is_harmless(self, call: ast.Call, waiting: Waiting, about: frozenset[str], origin: Origin) -> bool:
        if called(call) in _HARMLESS or not waiting.kind(call) or is_stop(call):
            return True
        awaited = any(isinstance(node, ast.Await) and node.value is call for node in self.path)
        return (
            origin.final
            and not awaited
            and not any("." in name for name in about)
            and receiver(call) not in about
        )


def _gone(test: ast.expr) -> str:
    """Give what a test like `stream.closed` or `reader.at_eof()` says to be gone; else ""."""
    node = test.func if isinstance(test, ast.Call) and not test.args else test
    return dotted(node.value) if isinstance(node, ast.Attribute) and _GONE.match(node.attr) else ""
