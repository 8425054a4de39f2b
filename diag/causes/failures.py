"""Exceptions in source: what a handler catches, and whether a measured exception is one of those."""

import ast
import builtins
import re
from collections.abc import Iterable

from diag.causes.calls import called, dotted

BROAD = frozenset({"Exception", "BaseException"})

CANCELLED = frozenset({"CancelledError", "Cancelled", "GreenletExit", "get_cancelled_exc_class()"})
"""asyncio and concurrent.futures, trio, gevent; anyio gives that of the event loop it runs on by a function."""

NOTHING_THERE = frozenset(
    {
        *("Empty", "QueueEmpty", "Full", "QueueFull", "WouldBlock", "BlockingIOError", "InterruptedError"),
        *("Again", "IndexError", "KeyError", "SSLWantReadError", "SSLWantWriteError", "NoMessage"),
    }
)
"""Raised by what does not wait, where nothing is there (or no room is): queues, anyio and trio channels, sockets that
do not block, zmq, deques and dicts."""

NEVER_WAITED = frozenset(
    {"QueueEmpty", "QueueFull", "Empty", "Full", "WouldBlock", "BlockingIOError", "Again", "NoMessage"}
)
"""Those of `NOTHING_THERE` that nothing else raises; `Empty` is also raised by a queue that has waited for its timeout."""

TIMED_OUT = frozenset({"TimeoutError", "timeout", "Timeout", "WaitTimeout", "TooSlowError"})
"""Raised after a wait."""

MALFORMED = frozenset(
    {
        *("ValueError", "TypeError", "KeyError", "IndexError", "LookupError", "AttributeError"),
        *("UnicodeDecodeError", "UnicodeError", "JSONDecodeError", "ValidationError", "ParseError"),
        *("ZeroDivisionError", "ArithmeticError", "OverflowError", "AssertionError", "DecodeError"),
    }
)
"""Raised for what was received, not for the try to receive it: a loop that skips bad input does not retry."""

ENDS = frozenset({"StopIteration", "StopAsyncIteration", "KeyboardInterrupt", "SystemExit", "GeneratorExit"})

HARMLESS = NOTHING_THERE | TIMED_OUT | MALFORMED | ENDS | CANCELLED
"""What a loop may catch and go on without a pause."""

_BAD_INPUT = re.compile(r"Pars(e|ing)|Syntax|Decod|Encod|Valid|Format|Malformed|Serializ")
"""In the name of an exception: it is raised for what was received, as those of `MALFORMED` are."""


def caught(handler: ast.ExceptHandler) -> tuple[str, ...]:
    """Give the exceptions that a handler names, the last part of each; () for a bare `except`."""
    if handler.type is None:
        return ()
    given = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return tuple(dotted(one).rpartition(".")[2] or "?" for one in given)


def harmless(types: Iterable[str]) -> bool:
    """Whether all of these are exceptions that a loop may catch and go on without a pause."""
    return all(name in HARMLESS or is_bad_input(name) for name in types)


def is_bad_input(name: str) -> bool:
    """Whether an exception's name tells that it is raised for what was received."""
    return bool(_BAD_INPUT.search(name))


def catches(handler: ast.ExceptHandler, names: Iterable[str], broad: frozenset[str] = BROAD) -> bool:
    """Whether a handler catches one of these exceptions, by its name or by a broad one."""
    types = caught(handler)
    return not types or bool(broad.intersection(types)) or bool(set(names).intersection(types))


def suppressed(node: ast.With) -> tuple[str, ...]:
    """Give the exceptions that a `with suppress(...)` catches; () for any other `with`."""
    return tuple(
        dotted(given).rpartition(".")[2]
        for item in node.items
        if isinstance(call := item.context_expr, ast.Call) and called(call) == "suppress"
        for given in call.args
    )


def words(handler: ast.ExceptHandler) -> str:
    """Put a handler into words: "except OSError"."""
    return " ".join(["except", *([ast.unparse(handler.type)] if handler.type else [])])


def is_one_of(raised: str, types: Iterable[str]) -> bool | None:
    """Whether an exception that was seen is one of the types that a handler names, by the built-in hierarchy.

    Args:
        raised: name of its type, qualified or not.
        types: as `caught` gives them; none catches all.

    Returns:
        None where a type is involved that is not built in, so that it cannot be told.
    """
    types = tuple(types)
    name = raised.rpartition(".")[2]
    if not types or BROAD.intersection(types) or name in types:
        return True
    own = _built_in(name)
    others = [_built_in(one) for one in types]
    if own is not None and any(other is not None and issubclass(own, other) for other in others):
        return True
    return None if own is None or None in others else False


def _built_in(name: str) -> type[BaseException] | None:
    found = getattr(builtins, name, None)
    return found if isinstance(found, type) and issubclass(found, BaseException) else None
