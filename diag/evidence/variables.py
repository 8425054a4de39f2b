"""How variables behave over the looks: always empty, constant, counting, or changing."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from diag import thresholds
from diag.causes.cause import Behaviour, Variable
from diag.evidence.looks import Call
from diag.recording import Value

CLOSED_MESSAGES = frozenset({"CLOSE", "CLOSED", "CLOSING", "ERROR"})
"""Names of the types of WebSocket messages (aiohttp's WSMsgType) that say that nothing will come any more."""

Owned = tuple[str, Call]
"""A call, and the task or thread whose it is."""

_NUMBERS = frozenset({"int", "float"})
_CLOSED = Value(type="message", text="CLOSED", digest=1)


def is_empty(value: Value) -> bool:
    """Whether a value says "nothing here": None, no bytes or items, or the message of a closed connection."""
    return value.type == "NoneType" or value.size == 0 or value.text in CLOSED_MESSAGES


def behaviours(calls: Iterable[Owned], *, prefixed: bool = False) -> dict[str, Variable]:
    """Describe the variables of the calls of a function.

    Args:
        calls: over the looks, in the order of time.
        prefixed: the calls are of several functions, and the names become `function.variable`.
    """
    return {name: _describe(list(values.values())) for name, values in _collect(calls, prefixed).items()}


def fresh(calls: Iterable[Owned], *, prefixed: bool = False) -> list[str]:
    """Name the variables that had ever new contents: what a loop sees that receives or computes something."""
    names = []
    for name, values in _collect(calls, prefixed).items():
        chances = sum(len(own) - 1 for own in values.values())
        new = sum(len({_content(value) for value in own}) - 1 for own in values.values())
        if new < max(thresholds.FRESH_LEAST - 1, thresholds.FRESH * chances):
            continue
        if _describe(list(values.values())).behaviour == "changing":
            names.append(name)
    return names


def _collect(calls: Iterable[Owned], prefixed: bool) -> dict[str, dict[str, list[Value]]]:  # noqa: FBT001 - internal
    """Gather the values of each variable by owner; that of a closed connection's message makes it all empty."""
    found: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for owner, call in calls:
        start = f"{call.function.rpartition('.')[2]}." if prefixed else ""
        closed = {
            name.rpartition(".")[0]
            for name, value in call.variables.items()
            if name.endswith(".type") and value.text in CLOSED_MESSAGES
        }
        for name, value in call.variables.items():
            found[start + name][owner].append(_CLOSED if name in closed else value)
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
    pairs = list(itertools.pairwise(numbers))
    return all(low <= high for low, high in pairs) or all(low >= high for low, high in pairs)


def _content(value: Value) -> tuple[str, int | None, int, str]:
    return value.type, value.size, value.digest, value.text


def empty_names(variables: Mapping[str, Variable]) -> list[str]:
    """Name the variables that were always empty."""
    return [name for name, seen in variables.items() if seen.behaviour == "empty"]
