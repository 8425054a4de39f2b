"""Whether the source alone proves that a `break` ends nothing: nothing on its way could change matters unseen."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from diag.causes.calls import assignments, called, definition, dotted, receiver
from diag.causes.ends import End
from diag.causes.origins import Origin
from diag.causes.shape import Guard, below, breaks_of, exits, is_endless, names, stored
from diag.causes.stops import is_foreign, is_stop
from diag.causes.waiting import Waiting
from diag.source import Function, Loop, LoopNode, Module, own_nodes

_HARMLESS = frozenset(
    {
        *("append", "extend", "appendleft", "items", "keys", "values", "copy", "add", "update", "discard"),
        *("strip", "lstrip", "rstrip", "decode", "encode", "split", "splitlines", "partition", "rpartition"),
        *("join", "startswith", "endswith", "lower", "upper", "removesuffix", "removeprefix", "replace"),
        *("bytearray", "bytes", "enumerate", "zip", "frozenset", "create_task", "ensure_future", "result"),
        *("put_nowait", "memoryview", "reversed", "hexdigest", "write_eof", "tobytes", "cast"),
    }
)
"""Functions and methods that neither renew a stream nor leave a loop."""

_LIMITS_TIME = frozenset({"timeout", "timeout_at", "move_on_after", "move_on_at", "fail_after", "fail_at"})
_MAY_LEAVE = re.compile(
    r"(^|_)(cancel|exit|abort|die|fail|raise|raises|quit|bail|terminate|stop|finish|check|verify|ensure|expect|assert|require|unpack"
    r"|validate|shutdown|end|panic|fatal|error)(_|$)",
    re.IGNORECASE,
)
"""Names of functions that may well raise, and be meant to."""

_MAY_RENEW = re.compile(
    r"(^|_)(on|handle|handler|reset|re\w+|connect\w*|open|start|init|next|new|switch|swap|lost|clos\w+|disconnect\w*"
    r"|recover|refresh|acquire|login|dial|call|callback|invoke|emit|notify|run|set|load|close|cancel)(_|$)",
    re.IGNORECASE,
)
"""Names of methods of another attribute of the same object that may well call it back."""

_ENDS_ANOTHER = re.compile(r"^_*(stop|close|aclose|shutdown|end|finish|terminate)$")

_PARSES = re.compile(
    r"(^|_)(loads?|unpack(_from)?|parse\w*|frombuf|from_?string|fromisoformat|literal_eval|decompress|fromhex|deserial\w*|unmarshal|decode"
    r"|int|float|next|pop)$",
    re.IGNORECASE,
)
"""Names of functions that raise where what they take is cut short."""

_ENDED_BY_OTHERS = re.compile(
    r"(^|_)(lost|disconnect\w*|clos\w*|eof|eof_received|on_end|hang_?up|gone|error|fail\w*)(_|$)",
    re.IGNORECASE,
)
"""Names of methods that run when a connection ends."""


@dataclass(frozen=True)
class Certainty:
    """Looks for what may change matters on the way of a `break`."""

    module: Module
    function: Function
    outer: Loop
    inner: LoopNode
    path: tuple[ast.AST, ...]
    """The nodes of a turn of the outer loop that takes the `break`."""
    about: frozenset[str]
    """What the `break` is about: the value, and what it comes from."""
    origin: Origin
    end: End

    def holds(self) -> bool:
        """Whether nothing does."""
        return (
            self.origin.certain
            and not (self.origin.raised and self.end != "closed")
            and self._meant()
            and self._test_stays()
            and all(self._is_plain(node) for node in self.path)
        )

    def _meant(self) -> bool:
        """Whether the end is no ordinary one of the inner loop, after which a new round of messages begins."""
        if not self.origin.once:
            return True
        others = [node for node in self.outer.node.body if node is not self.inner and not _is_text(node)]
        return not others or not is_endless(Loop(self.inner))

    @cached_property
    def _single_exit(self) -> bool:
        """Whether the inner loop ends by such a `break` alone, so that every further turn finds the end."""
        if not is_endless(Loop(self.inner)):
            return False
        return len(list(breaks_of(self.inner))) == 1

    def _test_stays(self) -> bool:
        """Whether the outer loop is endless, or waits for what nobody does because of this end."""
        if is_endless(self.outer):
            return True
        test = self.outer.node.test if isinstance(self.outer.node, ast.While) else None
        if test is None:
            return False
        if not is_foreign(Guard(test, holds=False), self.about) and not self._is_set_elsewhere(test):
            return False
        return not any(self._is_ended_by(name) for name in names(test) if "." in name)

    def _is_set_elsewhere(self, test: ast.expr) -> bool:
        """Whether it asks for an attribute that other methods alone set to a constant."""
        asked = test.operand if isinstance(test, ast.UnaryOp) else test
        name = dotted(asked)
        if not name.startswith("self.") or isinstance(asked, ast.Call) or _ENDED_BY_OTHERS.search(name):
            return False
        given = [
            (function, value)
            for function in self.module.functions
            for target, value, _ in assignments(own_nodes(function.node))
            if target == name
        ]
        return bool(given) and all(
            isinstance(value, ast.Constant) and function.node is not self.function.node
            for function, value in given
        )

    def _is_ended_by(self, flag: str) -> bool:
        """Whether another method sets a flag when a connection ends."""
        return any(
            flag in {target for target, _, _ in assignments(own_nodes(function.node))}
            and bool(_ENDED_BY_OTHERS.search(function.name.rpartition(".")[2]))
            for function in self.module.functions
        )

    def _is_plain(self, node: ast.AST) -> bool:
        if isinstance(node, ast.AsyncFor):
            return node is self.inner
        if isinstance(node, ast.With | ast.AsyncWith):
            return all(self._is_plain_item(item, node) for item in node.items)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            return self._single_exit or not self._may_lack(node)
        return not isinstance(node, ast.Call) or id(node) in self._known or self._is_harmless(node)

    def _is_plain_item(self, item: ast.withitem, node: ast.With | ast.AsyncWith) -> bool:
        """Whether a `with` neither opens nor closes anything that matters."""
        context = item.context_expr
        if isinstance(context, ast.Call):
            return called(context) in _LIMITS_TIME or isinstance(node, ast.With)
        return not names(context) & (self.about | self.origin.containers) - {self._root}

    def _may_lack(self, node: ast.Subscript) -> bool:
        """Whether an index may be out of what was received."""
        index = node.slice
        counted = isinstance(index, ast.Constant) and isinstance(index.value, int)
        return counted and bool(names(node.value) & stored(own_nodes(self.outer.node)))

    @cached_property
    def _known(self) -> frozenset[int]:
        """The calls that get the value, with all inside them, and those that only limit their time."""
        whole = {id(part) for call in self.origin.calls for part in below(call)}
        around = {
            id(node)
            for node in self.path
            if isinstance(node, ast.Call)
            and called(node) in {"wait_for", "shield"}
            and any(id(argument) in whole for argument in node.args)
        }
        return frozenset(whole | around)

    @cached_property
    def _root(self) -> str:
        return min(self.about, key=len).partition(".")[0] if self.about else ""

    @cached_property
    def _roots(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self.about | self.origin.containers)

    @cached_property
    def _is_own(self) -> bool:
        """Whether what it is about is the function's own: a local variable or parameter, no attribute of `self`."""
        if self._roots & {"self", "cls"} or isinstance(self.function.node, ast.Module):
            return False
        given = self.function.node.args
        own = {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
        own |= {one.arg for one in (given.vararg, given.kwarg) if one}
        own |= stored(own_nodes(self.function.node))
        shared = (
            name
            for node in own_nodes(self.function.node)
            if isinstance(node, ast.Global | ast.Nonlocal)
            for name in node.names
        )
        return self._roots <= own - set(shared)

    @cached_property
    def _derived(self) -> set[str]:
        """Names in the outer loop whose value comes from what was received; lists that it is appended to left out."""
        found = {name for name in self.about if name not in self.origin.names}
        values = [(target, names(value)) for target, value, _ in assignments(own_nodes(self.outer.node))]
        while grown := {target for target, used in values if used & found} - found - self.origin.names:
            found |= grown
        return found

    def _is_harmless(self, call: ast.Call) -> bool:
        name = called(call)
        if name in _HARMLESS or is_stop(call) or not Waiting(self.module, self.function).kind(call):
            return True
        if name in _LIMITS_TIME:
            return True
        if name in {"close", "aclose"} and self.origin.iterated:
            return True
        if self._touches(call) or self._may_leave(call) or self._leaves(call):
            return False
        return self._single_exit or not (self._parses(call) and self._takes_derived(call))

    def _may_leave(self, call: ast.Call) -> bool:
        """Whether its name says that it may well raise; who stops or closes another object does not."""
        name, of = called(call), receiver(call)
        if _ENDS_ANOTHER.match(name) and of and of not in {"self", "cls"}:
            return False
        return bool(_MAY_LEAVE.search(name))

    def _parses(self, call: ast.Call) -> bool:
        """Whether it raises where what it takes is cut short, or is not there."""
        name = called(call)
        return bool(_PARSES.search(name)) and not (name in {"next", "pop"} and len(call.args) > 1)

    def _touches(self, call: ast.Call) -> bool:
        """Whether a call may renew, take away or close what it is about."""
        given = set().union(*(names(argument) for argument in _arguments(call)))
        if given & (self.about | self.origin.containers) - self._received:
            return True
        if "current_task" in receiver(call):
            return True
        root = receiver(call).partition(".")[0]
        if self._is_own:
            return root in self._roots and root != "" and receiver(call) not in self._received
        if root in self._roots and receiver(call) != root:
            return bool(_MAY_RENEW.search(called(call)))
        if root in self._roots or not root:
            return not self._keeps(call)
        return self._is_awaited(call) and bool(_MAY_RENEW.search(called(call)))

    def _keeps(self, call: ast.Call, depth: int = 3) -> bool:
        """Whether a method or function leaves what it is about alone, as far as its source is there."""
        function = definition(self.module, call.func, self.function)
        if function is None or not depth:
            return not receiver(call) and bool(self._roots <= {"self", "cls"})
        nodes = own_nodes(function.node)
        assigned = stored(nodes)
        if any(
            name == other or name.startswith(f"{other}.")
            for name in self.about
            for other in assigned
            if "." in other
        ):
            return False
        within = [node for node in nodes if isinstance(node, ast.Call)]
        return all(
            called(one) in _HARMLESS
            or not Waiting(self.module, function).kind(one)
            or (receiver(one) not in self._roots | self.about | {""} and not _MAY_RENEW.search(called(one)))
            or (receiver(one) in self._roots | {""} and self._keeps(one, depth - 1))
            for one in within
        )

    @cached_property
    def _received(self) -> set[str]:
        """What was received, which is not what it was received from."""
        return {name for name in self.about if name not in self.origin.names and "." not in name}

    def _is_awaited(self, call: ast.Call) -> bool:
        return any(isinstance(node, ast.Await) and node.value is call for node in self.path)

    def _takes_derived(self, call: ast.Call) -> bool:
        return any(names(argument) & self._derived for argument in _arguments(call))

    def _leaves(self, call: ast.Call) -> bool:
        """Whether a function of the same module raises on its own account, or ends the process."""
        function = definition(self.module, call.func, self.function)
        if function is None:
            return False
        body = Loop(
            ast.While(ast.Constant(value=True), list(getattr(function.node, "body", [])) or [ast.Pass()], [])
        )
        return any(not isinstance(step.node, ast.Return | ast.Break) for step in exits(body))


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    yield from call.args
    for keyword in call.keywords:
        yield keyword.value


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
