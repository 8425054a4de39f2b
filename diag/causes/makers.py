"""Calls that make tasks and threads, and what runs in them."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from diag.causes.calls import argument, assignments, called, calls, dotted, last, receiver

TASKS = frozenset(
    {
        *(
            "create_task",
            "ensure_future",
            "run_coroutine_threadsafe",
            "async_create_task",
            "create_background_task",
        ),
        *(
            "start_soon",
            "spawn",
            "spawn_n",
            "spawn_raw",
            "spawn_later",
            "spawn_callback",
            "start_background_task",
        ),
        *("add_task", "fire_and_forget", "safe_create_task", "run_task", "create_logged_task"),
    }
)
"""Calls whose first argument, a coroutine or what makes one, runs in a task of its own: asyncio, trio and anyio, gevent and
eventlet, Tornado, Starlette, socket.io, and how projects call a wrapper of theirs."""

THREADS = {
    "submit": 0,
    "start_new_thread": 0,
    "to_thread": 0,
    "apply_async": 0,
    "run_in_threadpool": 0,
    "run_in_executor": 1,
    "deferToThread": 0,
}
"""Calls that run a function in another thread, and its position among the arguments."""

CLASSES = {"Thread": 1, "Process": 1, "Timer": 1, "Greenlet": 0, "Task": 0}
"""Classes whose instances run a function, and its position among the arguments."""

COLLECTORS = frozenset({"gather", "wait", "as_completed", "shield", "wait_all"})
"""Calls that make a task of each coroutine that they are given."""

GROUP = re.compile(r"nursery|group|(^|_)tg\d?$|supervisor|scope", re.IGNORECASE)
"""What a receiver is called whose `start` or `create` makes a task."""

KEYWORDS = ("target", "coro", "coroutine", "func", "function", "fn", "async_fn", "run")


class Made(NamedTuple):
    """Something that is made to run on its own."""

    call: ast.Call
    runs: str
    """Last part of the name of the coroutine or function that runs in it; "" if it cannot be told."""
    thread: bool
    """Whether it is a thread's and not an event loop's."""


def made(nodes: Iterable[ast.AST]) -> Iterator[Made]:
    """Give what the calls among nodes make, in their order."""
    nodes = tuple(nodes)
    known = {name: value for name, value, _ in assignments(nodes)}
    for call in calls(nodes):
        yield from _made(call, known)


def _made(call: ast.Call, known: Mapping[str, ast.expr]) -> Iterator[Made]:
    name = called(call)
    if name in CLASSES:
        target = argument(call, CLASSES[name], *KEYWORDS)
        if target is not None:
            yield Made(call, _runs(target, known), thread=CLASSES[name] == 1)
    elif name in COLLECTORS:
        for part in _coroutines(call):
            yield Made(call, _runs(part, known), thread=False)
    elif name in TASKS or (name in {"start", "create"} and GROUP.search(last_part(receiver(call)))):
        given = argument(call, 0, *KEYWORDS)
        if given is not None:
            yield Made(call, _runs(given, known), thread=False)
    elif name in THREADS:
        given = argument(call, THREADS[name], *KEYWORDS)
        if isinstance(given, ast.Name | ast.Attribute | ast.Lambda | ast.Call):
            yield Made(call, _runs(given, known), thread=True)


def last_part(name: str) -> str:
    """Give the last part of a dotted name."""
    return name.rpartition(".")[2]


def _runs(given: ast.expr, known: Mapping[str, ast.expr]) -> str:
    """Tell which function an argument makes run: itself, the one it calls, or the one within a partial or a lambda."""
    if isinstance(given, ast.Name) and isinstance(known.get(given.id), ast.Call | ast.Lambda):
        given = known[given.id]
    if isinstance(given, ast.Lambda):
        given = given.body
    if isinstance(given, ast.Call):
        inner = (
            given.args[0]
            if last(given.func) in {"partial", "wraps"} | COLLECTORS | TASKS and given.args
            else given.func
        )
        return last(inner.func if isinstance(inner, ast.Call) else inner)
    return last(given)


def _coroutines(call: ast.Call) -> Iterator[ast.Call]:
    """Give the calls among what a collector is given: each is a coroutine that has no task yet."""
    parts: list[ast.expr] = list(call.args)
    while parts:
        part = parts.pop(0)
        if isinstance(part, ast.Starred):
            parts.append(part.value)
        elif isinstance(part, ast.List | ast.Tuple | ast.Set):
            parts += part.elts
        elif isinstance(part, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            parts.append(part.elt)
        elif isinstance(part, ast.Call) and _is_coroutine(part):
            yield part


def _is_coroutine(call: ast.Call) -> bool:
    """Whether a call may make a coroutine: not what makes a task itself, nor what only puts things together."""
    other = {
        *TASKS,
        *THREADS,
        *CLASSES,
        *COLLECTORS,
        "set",
        "list",
        "tuple",
        "map",
        "filter",
        "values",
        "keys",
    }
    return called(call) not in other and bool(dotted(call.func))
