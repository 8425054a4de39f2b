"""What the nodes of a function do: wait, give way for a turn of the event loop, or neither."""

import ast
import re
from dataclasses import dataclass, field
from functools import lru_cache

from diag.causes.blocking import INSTANT, waits
from diag.causes.calls import argument, assignments, called, definition, dotted, number, origin, receiver
from diag.source import Function, Module, own_nodes

PAUSE, ZERO, VARIABLE, WORK, AWAIT = "pause", "zero", "variable", "work", "await"
"""What a call does: it waits for time or for something to come; it gives way once and comes right back; it waits for a
time that the source does not tell; something else; something else that is awaited."""

SLEEPS = frozenset({"sleep", "msleep", "usleep", "sleep_ms", "sleep_us", "async_sleep"})

GIVES_WAY = frozenset({"checkpoint", "checkpoint_if_cancelled", "cancel_shielded_checkpoint", "sched_yield"})
"""`trio.lowlevel`, `anyio.lowlevel` and `os`: one turn, no more."""

GREENLETS = frozenset({"gevent", "eventlet"})
"""Where `sleep()` is one of 0, and `idle()` comes back as soon as nothing else is to be run."""

MOMENTS = frozenset({"tornado.gen.moment", "gen.moment"})
"""What is awaited, or yielded, to let tornado's event loop turn once."""

BUILT_IN = frozenset(
    {
        *(
            "len",
            "isinstance",
            "issubclass",
            "bool",
            "int",
            "float",
            "str",
            "repr",
            "getattr",
            "hasattr",
            "id",
        ),
        *(
            "type",
            "min",
            "max",
            "abs",
            "round",
            "print",
            "callable",
            "any",
            "all",
            "set",
            "list",
            "tuple",
            "dict",
        ),
        *("suppress", "range", "sorted", "iter", "super"),
    }
)

FREE = frozenset(
    {
        *("time", "monotonic", "perf_counter", "time_ns", "monotonic_ns", "perf_counter_ns", "process_time"),
        *(
            "now",
            "utcnow",
            "debug",
            "info",
            "warning",
            "warn",
            "error",
            "exception",
            "critical",
            "log",
            "trace",
        ),
        *("get_event_loop", "get_running_loop", "current_task", "current_thread", "getpid", "format"),
        *("suppress", "print_exc", "format_exc", "print_exception", "exc_info", "task_done"),
    }
)
"""Clocks, logging and the like: with `BUILT_IN`, what neither waits nor moves a loop on."""

ASKS = frozenset(
    {
        *(
            "is_set",
            "isSet",
            "empty",
            "full",
            "done",
            "is_alive",
            "running",
            "cancelled",
            "closed",
            "is_closing",
            "at_eof",
        ),
        *("ready", "is_ready", "locked", "exists", "isfile", "isdir", "is_file", "is_dir", "pid_exists"),
        *("is_running", "is_connected", "connected", "finished", "is_done", "qsize", "poll", "get_state"),
    }
)
"""Questions about a state: they neither wait nor change anything."""

_LIMITER = re.compile(r"limit|throttl", re.IGNORECASE)


@dataclass(frozen=True)
class Waiting:
    """What the nodes of a function do, as marks for `routes.Reading`."""

    module: Module
    function: Function
    _known: dict[int, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    def marks(self, node: ast.AST) -> frozenset[str]:
        """Give what a node does, those below it aside."""
        if not isinstance(
            node, ast.Call | ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Yield | ast.YieldFrom
        ):
            return frozenset()
        if (known := self._known.get(id(node))) is None:
            known = self._known[id(node)] = frozenset(self._marks(node))
        return known

    def _marks(self, node: ast.AST) -> set[str]:
        if isinstance(node, ast.Call):
            kind = self.kind(node)
            return {kind} if kind else set()
        if isinstance(node, ast.Await):
            if self._is_moment(node.value):
                return {ZERO}
            known = isinstance(node.value, ast.Call) and self.kind(node.value) in {PAUSE, ZERO, VARIABLE}
            return set() if known else {AWAIT}
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return {ZERO} if self._bare_yield(node) else {WORK}
        if isinstance(node, ast.With | ast.AsyncWith) and limits(node):
            return {PAUSE}
        return set() if isinstance(node, ast.With) else {AWAIT}

    def kind(self, call: ast.Call) -> str:
        """Give what a call does: one of the marks, or "" for what does nothing that matters."""
        name = called(call)
        if name in SLEEPS:
            return self._sleep(call)
        if name in GIVES_WAY or (name == "idle" and self._of_greenlets(call)):
            return ZERO
        if waits(call):
            return PAUSE
        if name in FREE or name in ASKS or (name in BUILT_IN and not receiver(call)):
            return ""
        return PAUSE if pauses(self.module, self.function, call) else WORK

    def _sleep(self, call: ast.Call) -> str:
        given = argument(call, 0, "delay", "seconds", "secs", "duration", "interval")
        if given is None:
            return ZERO if self._of_greenlets(call) else PAUSE
        seconds = number(given)
        if seconds is None:
            seconds = written(self.module, self.function, given)
        if seconds is None:
            return VARIABLE
        return ZERO if seconds < INSTANT else PAUSE

    def _bare_yield(self, node: ast.Yield | ast.YieldFrom) -> bool:
        """Whether it gives way to an event loop: a `yield` of nothing in a coroutine of the old kind."""
        if node.value is not None:
            return self._is_moment(node.value)
        decorated = getattr(self.function.node, "decorator_list", [])
        return any(dotted(one).endswith("coroutine") for one in decorated)

    def _of_greenlets(self, call: ast.Call) -> bool:
        return origin(self.module, call.func).partition(".")[0] in GREENLETS

    def _is_moment(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name | ast.Attribute) and origin(self.module, node) in MOMENTS


def limits(node: ast.With | ast.AsyncWith) -> bool:
    """Whether a `with` lets only so many through: a rate limiter."""
    return any(_LIMITER.search(dotted(item.context_expr)) for item in node.items)


@lru_cache(maxsize=4096)
def pauses(module: Module, near: Function, call: ast.Call) -> bool:
    """Whether a call is of a function of the same module that pauses itself."""
    function = definition(module, call.func, near) if called(call) else None
    if function is None or function.node is near.node:
        return False
    return any(_plainly_pauses(module, function, node) for node in own_nodes(function.node))


def _plainly_pauses(module: Module, near: Function, node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    if called(node) not in SLEEPS:
        return waits(node)
    given = argument(node, 0, "delay", "seconds")
    seconds = number(given)
    if seconds is None:
        seconds = written(module, near, given)
    return given is not None and (seconds is None or seconds >= INSTANT)


def written(module: Module, function: Function, node: ast.expr | None) -> float | None:
    """Give the number that a name stands for, where every assignment in the source gives it the same one."""
    if not isinstance(node, ast.Name | ast.Attribute):
        return None
    name = dotted(node)
    if isinstance(node, ast.Name) and node.id in _parameters(function):
        return None
    places = module.functions if name.startswith(("self.", "cls.")) else (function, module.functions[0])
    given = {
        number(value)
        for place in places
        for target, value, _ in assignments(own_nodes(place.node))
        if target == name
    }
    return given.pop() if len(given) == 1 else None


def _parameters(function: Function) -> set[str]:
    if isinstance(function.node, ast.Module):
        return set()
    given = function.node.args
    return {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
