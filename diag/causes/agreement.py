"""What several causes ask of the measured facts: the same function, nothing new, nothing moved."""

from collections.abc import Iterable

from diag.causes.cause import Facts, Variable

DATA = frozenset({"bytes", "str", "bytearray", "memoryview", "dict", "list", "tuple"})
"""Types of what a loop receives, where it receives anything. Numbers do not count: clocks and counters change in a
loop that gets nothing done as well."""

TRICKLE = 10_000
"""Payload bytes a second below which a loop that takes a core is said to move nothing: the leanest productive streams
spend some 10 microseconds a line, so that a core moves megabytes."""


def same(name: str, other: str) -> bool:
    """Whether two qualified names can mean one function: "read" and "Client.read" can, "Pod.read" cannot."""
    one, two = (part.replace("<locals>.", "") for part in (name, other))
    return one == two or (
        one.rpartition(".")[2] == two.rpartition(".")[2] and bool(one) and ("." not in one or "." not in two)
    )


def names_any(names: Iterable[str], others: Iterable[str]) -> bool:
    """Whether a function among the first can be one among the second."""
    others = tuple(others)
    return any(same(name, other) for name in names for other in others)


def moves(facts: Facts) -> bool:
    """Whether payload is moved."""
    return facts.bytes_per_second is not None and facts.bytes_per_second > TRICKLE


def is_own(facts: Facts) -> bool:
    """Whether the facts are those of the function that is looked at, and not of one that it calls or is called by."""
    return bool(facts.lines or facts.variables)


def fresh(facts: Facts, names: Iterable[str]) -> bool:
    """Whether one of these variables holds data that is new from look to look.

    One that is data at some looks and something else at others was read while it changed, or is not what is received.
    """
    return any(
        seen.behaviour == "changing" and DATA.issuperset(set(seen.types) - {"NoneType"})
        for name in names
        if (seen := facts.variables.get(name)) is not None
    )


def number_of(seen: Variable | None) -> float | None:
    """Give the value of a variable that is one number at all looks."""
    if seen is None or seen.behaviour not in {"constant", "empty"}:
        return None
    try:
        return float(seen.text)
    except ValueError:
        return None
