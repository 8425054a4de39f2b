"""How variables behave over the looks: always empty, constant, counting, or changing."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from diag import thresholds
from diag.causes.cause import Behaviour, Variable
from diag.evidence.looks import Call
from diag.recording import Value

CLOSED_MESSAGES = frozenset({"CLOSE", "CLOSED", "CLOSING", "ERROR"})
"""Names of the types of WebSocket messages (aiohttp's WSMsgType) that say that nothing will come any more."""

_NUMBERS = frozenset({"int", "float"})

_PASSIVE = frozenset(
    {"function", "builtin_function_or_method", "method", "module", "type", "coroutine", "generator", "frame"}
)


def is_empty(value: Value) -> bool:
    """Whether a value says "nothing here": None, no bytes or items, or the message of a closed connection."""
    return value.type == "NoneType" or value.size == 0 or value.text in CLOSED_MESSAGES


def collect(calls: Iterable[Call]) -> dict[str, list[Value]]:
    """Gather the values of each variable over the looks; an attribute of an empty message makes that empty too."""
    found: dict[str, list[Value]] = defaultdict(list)
    for call in calls:
        closed = {
            name.rpartition(".")[0]
            for name, value in call.variables.items()
            if "." in name and value.text in CLOSED_MESSAGES and name.endswith((".type", ".0"))
        }
        for name, value in call.variables.items():
            found[name].append(_CLOSED if name in closed else value)
    return found


_CLOSED = Value(type="message", text="CLOSED", digest=1)


def describe(values: Sequence[Value]) -> Variable:
    """Tell how a variable behaved."""
    types = tuple(dict.fromkeys(value.type for value in values))
    if all(is_empty(value) for value in values):
        text = next((value.text for value in values if value.text), "")
        return Variable(behaviour="empty", types=types, text=text)
    digests = {(value.type, value.size, value.digest, value.text) for value in values}
    if len(digests) == 1:
        return Variable(behaviour="constant", types=types, text=values[0].text)
    return Variable(behaviour=_moving(values), types=types)


def _moving(values: Sequence[Value]) -> Behaviour:
    """Tell a number that only grows or only falls from what changes otherwise."""
    numbers = [float(value.text) for value in values if value.type in _NUMBERS and _is_number(value.text)]
    if len(numbers) == len(values):
        pairs = list(zip(numbers, numbers[1:], strict=False))
        if all(low <= high for low, high in pairs) or all(low >= high for low, high in pairs):
            return "counting"
    return "changing"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def behaviours(calls: Sequence[Call], *, prefix: bool = False) -> dict[str, Variable]:
    """Describe the variables of calls of one function (or, with `prefix`, of several, as `function.variable`)."""
    if not prefix:
        return {name: describe(values) for name, values in collect(calls).items()}
    by_function: dict[str, list[Call]] = defaultdict(list)
    for call in calls:
        by_function[call.function.rpartition(".")[2]].append(call)
    return {
        f"{function}.{name}": describe(values)
        for function, own in by_function.items()
        for name, values in collect(own).items()
    }


def fresh(calls: Sequence[Call]) -> list[str]:
    """Name the variables that had ever new contents: what a loop sees that receives or computes something."""
    names = []
    for name, values in collect(calls).items():
        if len(values) < thresholds.FRESH_LEAST or values[0].type in _PASSIVE:
            continue
        contents = {(value.type, value.size, value.digest, value.text) for value in values}
        if len(contents) < max(thresholds.FRESH_LEAST, thresholds.FRESH * len(values)):
            continue
        if describe(values).behaviour == "changing":
            names.append(name)
    return names


def emptied(variables: Mapping[str, Variable], names: Iterable[str]) -> list[str]:
    """Name those of some variables that were always empty."""
    return [name for name in names if (seen := variables.get(name)) is not None and seen.behaviour == "empty"]
