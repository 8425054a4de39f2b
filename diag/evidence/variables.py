"""How variables behave over the looks: always empty, constant, counting, or changing."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from diag import thresholds
from diag.causes.cause import Behaviour, Variable
from diag.evidence.looks import Call
from diag.recording import Value

CLOSED_MESSAGES = frozenset({"CLOSE", "CLOSED", "CLOSING", "ERROR"})
"""Names of the types of WebSocket messages (aiohttp's WSMsgType) that say that nothing will come any more."""

Owned = tuple[str, Call]
"""A call, and the task or thread whose it is."""

DATA = frozenset(
    {
        "str",
        "bytes",
        "bytearray",
        "memoryview",
        "int",
        "float",
        "complex",
        "list",
        "tuple",
        "dict",
        "set",
        "frozenset",
    }
    | {"deque", "collections.deque", "array.array", "Decimal", "Fraction", "datetime", "numpy.ndarray"}
)
"""Types of data: what is received and computed."""

MOSTLY = 0.8
"""Share of the steps of a counter that go in its direction."""

_NUMBERS = frozenset({"int", "float"})
_CLOSED = Value(type="message", text="CLOSED", digest=1)


def is_empty(value: Value) -> bool:
    """Whether a value says "nothing here": None, no bytes or items, or the message of a closed connection."""
    return value.type == "NoneType" or value.size == 0 or value.text in CLOSED_MESSAGES


def behaviours(calls: Iterable[Owned]) -> dict[str, Variable]:
    """Describe the variables of the calls of one function, over the looks, in the order of time."""
    return {name: _describe(list(values.values())) for name, values in _collect(calls).items()}


def returned(calls: Iterable[Owned]) -> dict[str, Variable]:
    """Describe the variables of the calls of several functions, as `function.variable`."""
    found: dict[str, Variable] = {}
    for (function, _), own in _by_function(calls).items():
        for name, seen in behaviours(own).items():
            found.setdefault(f"{function.rpartition('.')[2]}.{name}", seen)
    return found


def fresh(calls: Iterable[Owned]) -> list[str]:
    """Name the variables that had ever new contents: what a loop sees that receives or computes something.

    Only data counts. What an object is worth is told by its attributes, which are variables of their own; and a number
    that only grows may be a clock or a counter.
    """
    names = []
    for (function, _), own in _by_function(calls).items():
        for name, values in _collect(own).items():
            if _is_fresh(list(values.values())):
                names.append(f"{function.rpartition('.')[2]}.{name}")
    return names


def _is_fresh(histories: Sequence[Sequence[Value]]) -> bool:
    kept = [[value for value in own if value.type in DATA] for own in histories]
    seen = [Counter(_content(value) for value in own) for own in kept]
    once = sum(count == 1 for own in seen for count in own.values() if own.total() > 1)
    if once < max(thresholds.FRESH_LEAST, thresholds.FRESH * sum(own.total() for own in seen)):
        return False
    return _describe(kept).behaviour == "changing"


def _by_function(calls: Iterable[Owned]) -> dict[tuple[str, str], list[Owned]]:
    found: dict[tuple[str, str], list[Owned]] = defaultdict(list)
    for owner, call in calls:
        found[call.key].append((owner, call))
    return found


def _collect(calls: Iterable[Owned]) -> dict[str, dict[str, list[Value]]]:
    """Gather the values of each variable by owner; that of a closed connection's message makes it all empty."""
    found: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for owner, call in calls:
        closed = {
            name.rpartition(".")[0]
            for name, value in call.variables.items()
            if name.endswith(".type") and value.text in CLOSED_MESSAGES
        }
        for name, value in call.variables.items():
            found[name][owner].append(_CLOSED if name in closed else value)
    return found


def _describe(histories: Sequence[Sequence[Value]]) -> Variable:
    """Tell how a variable behaved, given its values in each of the tasks or threads that have it."""
    values = [value for own in histories for value in own]
    types = tuple(dict.fromkeys(value.type for value in values))
    if all(is_empty(value) for value in values):
        return Variable(behaviour="empty", types=types, text=next((v.text for v in values if v.text), ""))
    if all(len({_content(value) for value in own}) == 1 for own in histories):
        texts = {value.text for value in values}
        return Variable(behaviour="constant", types=types, text=texts.pop() if len(texts) == 1 else "")
    return Variable(behaviour=_moving(histories), types=types)


def _moving(histories: Iterable[Sequence[Value]]) -> Behaviour:
    """Tell a number that only grows or only falls from what changes otherwise."""
    return "counting" if all(_is_monotone(own) for own in histories) else "changing"


def _is_monotone(values: Sequence[Value]) -> bool:
    try:
        numbers = [float(value.text) for value in values if value.type in _NUMBERS]
    except ValueError:
        return False
    if len(numbers) != len(values):
        return False
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    # A number that is freed and written anew while it is read can be seen out of turn.
    return max(sum(step >= 0 for step in steps), sum(step <= 0 for step in steps)) >= MOSTLY * len(steps)


def _content(value: Value) -> tuple[str, int | None, int, str]:
    return value.type, value.size, value.digest, value.text


def empty_names(variables: Mapping[str, Variable]) -> list[str]:
    """Name the variables that were always empty."""
    return [name for name, seen in variables.items() if seen.behaviour == "empty"]
