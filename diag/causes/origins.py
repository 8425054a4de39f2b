"""Where a value in an inner loop comes from: a read, a future that is done, a stream that is iterated, a flag."""

import ast
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from diag.causes.calls import assignments, called, definition, dotted, receiver, target_names
from diag.causes.ends import is_of
from diag.causes.helpers import tells_end
from diag.causes.reading import GIVES_EMPTY, Read, gives_message, is_of_stream, raises_at_end, reads_in
from diag.causes.shape import below, is_rebound, names, stored
from diag.source import Function, LoopNode, Module

_WAITS_FOR_READY = frozenset({"select", "poll"})
_WRAPS = frozenset({"enumerate", "list", "tuple", "sorted", "reversed", "iter", "set"})

_OF_DATAGRAMS = frozenset({"recvfrom", "recvfrom_into", "recvmsg", "sock_recvfrom", "sock_recvfrom_into"})
"""Reads for which nothing may be an empty datagram."""


@dataclass(frozen=True)
class Origin:
    """What a value comes from, and that this is the same on each turn of the outer loop."""

    names: frozenset[str]
    """What is read from, waited for or iterated over."""
    calls: frozenset[ast.Call] = frozenset()
    """The calls that get the value: they wait no more, once it is at its end."""
    containers: frozenset[str] = frozenset()
    """Sets of futures and selectors that it is held in."""
    by_value: bool = True
    """Whether the end shows as a value and not as an exception."""
    certain: bool = False
    """Whether nothing but the end can look like that."""
    final: bool = False
    """Whether there is nothing after it for ever, whatever else is called."""
    once: bool = False
    """Whether the end is told by one message, after which another round of messages could come."""
    flag: bool = False
    """Whether it is a flag or an event that somebody sets."""
    raised: bool = False
    """Whether its end is told by an exception: what is empty is a value like any other, then."""
    iterated: bool = False
    """Whether it is gone through anew on each turn, which gives nothing after a close."""


@dataclass(frozen=True)
class Origins:
    """Looks for where values come from in an inner loop."""

    module: Module
    function: Function
    outer: ast.While
    inner: LoopNode
    path: tuple[ast.AST, ...]
    """What is run on a turn of the outer loop that leaves the inner one early."""

    def of_value(self, name: str) -> Origin | None:
        """Give where the value of a name comes from; None if that is not known, or is made anew on each turn."""
        if name in self._targets:
            return self._of_item() or self._of_future(name)
        base = name
        while "." in base and base not in self._targets and not self._values(base):
            base = base.rpartition(".")[0]
        return self._of_item() if base in self._targets else self._of_assigned(base)

    def of_flag(self, name: str, *, certain: bool) -> Origin | None:
        """Give what is told by a flag, an event or a property of a stream; None if the loop itself changes it."""
        if self._is_renewed(name):
            return None
        at_once = [call for call in self._calls({"wait"}) if call.args and name in names(call.args[0])]
        waits = frozenset(call for call in at_once if "FIRST_COMPLETED" in ast.unparse(call))
        return Origin(frozenset({name}), waits, by_value=False, certain=certain, flag=True)

    def of_ready(self, name: str) -> Origin | None:
        """Give the selector or poll that says what a descriptor is ready for."""
        ready = self._behind_iter(_WAITS_FOR_READY) if name in self._targets else None
        if ready is None:
            return None
        held = names(*ready.args) | {receiver(ready)}
        return self._kept(
            Origin(frozenset({name}), frozenset({ready}), frozenset(held), by_value=False, certain=True), held
        )

    @property
    def iterated(self) -> set[str]:
        """What the inner loop iterates over: a stream that tells its own end."""
        return set() if isinstance(self.inner, ast.While) else names(self.inner.iter)

    def of_raised(self, body: Iterable[ast.stmt]) -> Iterator[Origin]:
        """Give the origins of what is read in the body of a `try`, whose end is raised."""
        for read in reads_in(*body):
            origin = self.of_read(read)
            if origin is not None and not origin.containers:
                yield replace(origin, by_value=False, certain=True, final=False, once=False, raised=False)
        for node in below(*body):
            if isinstance(node, ast.Call) and (helper := self._helper(node)) and any(reads_in(helper.node)):
                yield Origin(frozenset({dotted(node.func)}), frozenset({node}), by_value=False, certain=True)
            elif isinstance(node, ast.Call) and dotted(node.func) in {"input", "raw_input"}:
                yield Origin(frozenset({"input"}), frozenset({node}), by_value=False, certain=True)
        for future in {
            _result_of(node) for node in below(*body) if isinstance(node, ast.Call | ast.Await)
        } - {""}:
            if origin := self._of_future(future):
                yield replace(origin, by_value=False)

    @property
    def _targets(self) -> list[str]:
        return [] if isinstance(self.inner, ast.While) else target_names(self.inner.target)

    def _values(self, name: str) -> list[ast.expr]:
        """Give what a name is assigned on the way."""
        return [value for assigned, value, _ in assignments(self.path) if assigned == name]

    def _is_renewed(self, name: str) -> bool:
        return is_rebound(name, stored(self.path))

    def _of_assigned(self, name: str, depth: int = 3) -> Origin | None:
        for value in self._values(name):
            if helped := self._of_helper(value):
                return helped
            if (read := next(reads_in(value), None)) is not None:
                return self.of_read(read)
            if future := _result_of(value):
                return self._of_future(future)
            other = next((used for used in sorted(names(value)) if is_of(value, frozenset({used}))), "")
            if other in self._targets:
                return self._of_item()
            if other and other != name and depth:
                return self._of_assigned(other, depth - 1)
        return None

    def _of_helper(self, value: ast.expr) -> Origin | None:
        """Give the origin of what a function of the same module gives, which tells the end of what it reads itself."""
        for call in (node for node in below(value) if isinstance(node, ast.Call)):
            helper = self._helper(call)
            if helper is not None and tells_end(helper):
                given = {dotted(argument) for argument in call.args} | {receiver(call)}
                read = frozenset(given - {""}) or frozenset({dotted(call.func)})
                if not any(self._is_renewed(one) for one in read):
                    return Origin(read, frozenset({call}), certain=True, final=True)
        return None

    def _helper(self, call: ast.Call) -> Function | None:
        found = definition(self.module, call.func, self.function) if called(call) else None
        return None if found is None or found.node is self.function.node else found

    def of_read(self, read: Read) -> Origin | None:
        """Give the origin of what is read: a stream, or one of those that a selector says to be ready."""
        root = self._aliased(read.source.partition(".")[0])
        sure = read.name not in _OF_DATAGRAMS and (
            read.is_final(self.function.node) or is_of_stream(read, self.module)
        )
        by_value = read.name in GIVES_EMPTY
        if root in self._targets:
            ready = self._behind_iter(_WAITS_FOR_READY)
            if ready is None:
                return None
            held = names(*ready.args) | {receiver(ready)}
            return self._kept(
                Origin(
                    frozenset({root, read.source}),
                    frozenset({read.call, ready}),
                    frozenset(held),
                    by_value,
                    sure,
                ),
                held,
            )
        if not read.source or self._is_renewed(read.source):
            return None
        message = gives_message(read)
        return Origin(
            frozenset({read.source}),
            frozenset({read.call}),
            by_value=by_value,
            certain=sure or message,
            final=sure,
            raised=raises_at_end(read, self.module),
            once=message and read.name == "get",
            iterated=message and read.name != "get",
        )

    def _aliased(self, name: str) -> str:
        """Give the target of the inner loop that a name was assigned a part of; else the name."""
        for value in self._values(name):
            for target in self._targets:
                if dotted(value) == target or dotted(value).startswith(f"{target}."):
                    return target
        return name

    def _of_item(self) -> Origin | None:
        """Give the origin of what the inner loop iterates over."""
        assert not isinstance(self.inner, ast.While)
        over = _unwrapped(self.inner.iter)
        base = next((name for name in sorted(names(over), key=len) if self._values(name)), "")
        whole = [over, *self._values(base)] if base else [over]
        if (read := next(reads_in(*whole), None)) is not None and isinstance(self.inner, ast.For):
            splits = any(isinstance(n, ast.Call) and called(n) == "split" and n.args for n in below(*whole))
            origin = self.of_read(read) if splits else None
            return replace(origin, certain=origin.final, once=False, iterated=False) if origin else None
        source = dotted(
            over.func.value if isinstance(over, ast.Call) and isinstance(over.func, ast.Attribute) else over
        )
        if (
            not source
            or self._is_renewed(source)
            or (isinstance(over, ast.Call) and isinstance(self.inner, ast.For))
        ):
            return None
        made = frozenset({over}) if isinstance(over, ast.Call) else frozenset()
        streams = isinstance(self.inner, ast.AsyncFor) and not made
        return Origin(frozenset({source}), made, by_value=False, certain=streams, iterated=streams)

    def _of_future(self, name: str) -> Origin | None:
        """Give the origin of a future's result: it stays done where it is not made anew."""
        held = self._waited_for() if name in self._targets else set()
        if held:
            return self._kept(Origin(frozenset({name}), self._waits, frozenset(held), certain=True), held)
        if name not in self._targets:
            waits = frozenset(call for call in self._calls({"wait"}) if name in names(*call.args))
            return self._kept(Origin(frozenset({name}), waits, _sets(waits), certain=bool(waits)), {name})
        wait = self._behind_iter({"wait"})
        if wait is None or not wait.args:
            return None
        held = names(wait.args[0])
        return self._kept(Origin(frozenset({name}), frozenset({wait}), frozenset(held), certain=True), held)

    @property
    def _waits(self) -> frozenset[ast.Call]:
        return frozenset(self._calls({"wait"}))

    def _waited_for(self) -> set[str]:
        """Give the futures that are waited for and then gone through one by one, as they are kept."""
        assert not isinstance(self.inner, ast.While)
        held = names(self.inner.iter)
        return {
            name
            for wait in self._waits
            if wait.args
            for name in names(wait.args[0]) & held
            if "(" not in name
        }

    def _kept(self, origin: Origin, held: Iterable[str]) -> Origin | None:
        """Give the origin back if what holds it stays, or is a further read of what is at its end, on each turn."""
        for name in held:
            if self._is_renewed(name):
                reads = [next(reads_in(value), None) for value in self._values(name)]
                if not reads or any(read is None or not read.is_final(self.function.node) for read in reads):
                    return None
        return origin

    def _behind_iter(self, functions: Collection[str]) -> ast.Call | None:
        """Give the call of such a function that made what the inner loop iterates over."""
        assert not isinstance(self.inner, ast.While)
        over = self.inner.iter
        made = [over, *(value for name in names(over) for value in self._values(name))]
        found = [node for node in below(*made) if isinstance(node, ast.Call) and called(node) in functions]
        return found[0] if found else None

    def _calls(self, functions: Collection[str]) -> list[ast.Call]:
        return [node for node in self.path if isinstance(node, ast.Call) and called(node) in functions]


def _sets(waits: Iterable[ast.Call]) -> frozenset[str]:
    return frozenset(name for call in waits if call.args and (name := dotted(call.args[0])))


def _unwrapped(node: ast.expr) -> ast.expr:
    """Give what `enumerate`, `list` and the like are made of."""
    while (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _WRAPS
        and node.args
    ):
        node = node.args[0]
    return node


def _result_of(value: ast.expr) -> str:
    """Give the future whose result a value is; "" if it is none."""
    for node in below(value):
        if isinstance(node, ast.Call) and called(node) == "result" and receiver(node):
            return receiver(node)
        if isinstance(node, ast.Await) and dotted(node.value):
            return dotted(node.value)
    return ""
