"""What an event loop is about to run: from an entry of its ready queue to a function, or to a task's coroutines."""

from dataclasses import dataclass
from itertools import pairwise

from diag.collectors import layout
from diag.collectors.contents import Contents
from diag.collectors.kinds import Kind
from diag.collectors.peek import WORD, Source, Torn, word, words

_STEPS = frozenset({"TaskStepMethWrapper", "TaskWakeupMethWrapper"})
"""Ends of the names of types whose first field is the task that they step."""

CANCELLED = "(cancelled)"
"""Stands for the callback of a handle that was cancelled, and lost it."""

_C_TASK = "_asyncio.Task"
_CALLABLES = frozenset({"function", "method", "builtin"})
_PARTIAL = "functools.partial"
_MOST_PARTIALS = 4
_HANDLE_WORDS = 16
"""Words of a handle of a foreign event loop in which its callback is looked for."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A callable that an event loop is about to run."""

    name: str
    """Its type, or what is known of its name."""
    function: int
    """The Python function behind it, 0 if there is none."""
    bound: int
    """The object that it is bound to, 0 for none."""
    arguments: int
    """The tuple of its arguments, 0 if unknown."""
    task: int
    """The task that it steps, 0 for none."""
    coroutine: int
    """The task's coroutine."""


class Callbacks:
    """Reads the handles of event loops in one process."""

    def __init__(self, contents: Contents) -> None:
        self._contents = contents
        self._minor = contents.minor

    def handle(self, source: Source, address: int) -> Callback:
        """Read a handle.

        Raises:
            Torn: it makes no sense.
        """
        kind = self._kind(source, address)
        members = dict(kind.members)
        if "_callback" in members:
            target = word(source, address + members["_callback"])
            arguments = word(source, address + members["_args"]) if "_args" in members else 0
        else:
            target, arguments = self._foreign(source, address)
        return self._callback(source, target, arguments)

    def _kind(self, source: Source, address: int) -> Kind:
        references, kind = words(source, address, 2)
        if not references & 0xFFFFFFFF:
            raise Torn(address)
        return self._contents.kinds.get(kind)

    def _foreign(self, source: Source, address: int) -> tuple[int, int]:
        """Find callback and arguments in a handle that is no Python object: a callable and a tuple side by side."""
        body = words(source, address, _HANDLE_WORDS)[3:]
        for reference, following in pairwise(body):
            kind = self._kind_or_none(reference)
            if kind is None:
                continue
            if kind.what in _CALLABLES or kind.name == _PARTIAL or kind.name.endswith(tuple(_STEPS)):
                arguments = self._kind_or_none(following)
                return reference, following if arguments is not None and arguments.name == "tuple" else 0
        raise Torn(address)

    def _kind_or_none(self, address: int) -> Kind | None:
        try:
            return self._contents.kind_of(address)
        except Torn:
            return None

    def _callback(self, source: Source, target: int, arguments: int) -> Callback:
        kind = self._kind(source, target)
        for _ in range(_MOST_PARTIALS):
            if kind.name != _PARTIAL:
                break
            target = word(source, target + 2 * WORD)
            kind = self._kind(source, target)
        if kind.name.endswith(tuple(_STEPS)):
            return self._step(source, kind.name, word(source, target + 2 * WORD))
        if kind.what == "method":
            return self._method(source, kind, target, arguments)
        if kind.what == "builtin":
            return self._builtin(source, kind, target, arguments)
        name = CANCELLED if kind.what == "none" else kind.name
        return Callback(name, target if kind.what == "function" else 0, 0, arguments, 0, 0)

    def _method(self, source: Source, kind: Kind, target: int, arguments: int) -> Callback:
        """Read a bound method: perhaps that of a task written in Python."""
        function, bound = words(source, target + 2 * WORD, 2)
        owner = self._kind(source, bound)
        if "Task" in owner.bases and owner.has_dict and _C_TASK not in owner.bases:
            return self._step(source, kind.name, bound)
        if self._kind(source, function).what != "function":
            function = 0
        return Callback(kind.name, function, bound, arguments, 0, 0)

    def _builtin(self, source: Source, kind: Kind, target: int, arguments: int) -> Callback:
        """Read a function written in C: perhaps the wake-up of a task."""
        definition, bound = words(source, target + 2 * WORD, 2)
        owner = self._kind(source, bound) if bound else None
        if owner is not None and _C_TASK in owner.bases:
            return self._step(source, kind.name, bound)
        name = self._contents.kinds.c_string(word(self._contents.source, definition))
        prefix = f"{owner.name}." if owner is not None and owner.what != "module" else ""
        return Callback(prefix + name, 0, bound, arguments, 0, 0)

    def _step(self, source: Source, kind: str, task: int) -> Callback:
        coroutine = self._coroutine(source, task)
        return Callback(kind, 0, 0, 0, task, coroutine)

    def _coroutine(self, source: Source, task: int) -> int:
        """Give the coroutine of a task."""
        kind = self._kind(source, task)
        if _C_TASK in kind.bases:
            size = kind.sizes[kind.bases.index(_C_TASK)]
            known = layout.TASKS.get((self._minor, size))
            if known is None:
                raise Torn(task)
            return word(source, task + known.coro)
        for name, value in self._contents.attributes(task, kind):
            if name == "_coro":
                return value
        return 0
