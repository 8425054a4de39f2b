"""Whether what was measured says that a read is at its end: HL002's second half."""

import re
from collections.abc import Collection, Iterable

from diag.causes.agreement import is_own, moves
from diag.causes.cause import Facts, Match, Variable
from diag.causes.ends import CLOSED_WORDS

_NOTHING = frozenset({"None", "0", "False", "b''", "''", 'b""', '""'})
_CLOSED_NUMBERS = frozenset({"8", "256", "257"})
"""CLOSE, CLOSING and CLOSED of aiohttp's WSMsgType; 8 is the protocol's own code."""
_CLOSED_TYPE = re.compile(r"Clos(e|ed|ing)(?![a-z])|Disconnect|EOF|Eof|EndOf")
"""In the name of a message's class."""
_CONTENT = frozenset({"bytes", "str", "bytearray", "memoryview", "dict", "list", "tuple", "int", "float"})
"""Types of values of which it is known whether they are empty."""
_RESULTS = frozenset({"data", "line", "buf", "chunk", "msg", "message", "packet", "block", "frame"})
"""What functions call what they have read."""
_NO_RESULT = re.compile(
    r"^(self|n|size|limit|timeout|block\w*|loop|flags|exc|e|err|error|getter|waiter|sep\w*|default|deadline|\w*_timeout)$"
)
"""What they call other things, which can be empty as well."""


def agrees(match: Match, facts: Facts) -> float:
    """Weigh by what the variables held: empty or one closed message speaks for it, fresh data against it.

    Of the match's names, the first is the function that reads; those with a "+" before them are what the result is
    added to, and stay the same where it is empty.
    """
    if moves(facts):
        return 0.0
    function, *own = match.names
    seen = {name: value for name, value in facts.variables.items() if _belongs(name, own)}
    returned = {
        name: value
        for name, value in facts.returned.items()
        if _returned_by(name, function, by_name=is_own(facts))
    }
    behaviours = {value.behaviour for name, value in seen.items() if name in own}
    if "changing" in behaviours or "counting" in behaviours:
        return 0.0
    if any(_tells_end(name, value) for name, value in seen.items()):
        return 0.95
    if any(value.behaviour == "changing" for value in returned.values()):
        return 0.0
    if any(_tells_end(name, value) for name, value in returned.items()):
        return 0.9
    return _guess(facts, seen.values()) if seen else _by_growth(match, facts)


def _by_growth(match: Match, facts: Facts) -> float:
    """Weigh by the buffer that what is read is added to."""
    added = [
        facts.variables[name[1:]]
        for name in match.names
        if name.startswith("+") and name[1:] in facts.variables
    ]
    if not added:
        return _guess(facts, ())
    return 0.85 if all(value.behaviour in {"constant", "empty"} for value in added) else 0.0


def _guess(facts: Facts, seen: Collection[Variable]) -> float:
    """Weigh where no value tells: a read that never suspends and moves nothing can hardly be anything else."""
    if seen:
        return 0.0 if any(_CONTENT.intersection(value.types) for value in seen) else 0.35
    still = is_own(facts) and facts.bytes_per_second is not None and (facts.frozen or facts.waits == "never")
    return 0.4 if still else 0.0


def _belongs(name: str, own: Iterable[str]) -> bool:
    return any(name == other or name.startswith(f"{other}.") for other in own)


def _returned_by(name: str, function: str, *, by_name: bool) -> bool:
    """Whether it is what the function that is called has read, or by its name what another one has."""
    owner, _, variable = name.rpartition(".")
    if owner.rpartition(".")[2] == function:
        return not _NO_RESULT.match(variable) or variable in _RESULTS
    return by_name and variable in _RESULTS


def _tells_end(name: str, value: Variable) -> bool:
    """Whether a variable says that there is no more: always empty, or always one message of a close."""
    if value.behaviour == "empty":
        return True
    if value.behaviour != "constant":
        return False
    closed = bool(CLOSED_WORDS.search(value.text)) or any(_CLOSED_TYPE.search(kind) for kind in value.types)
    is_type = name.rpartition(".")[2] in {"type", "opcode", "msg_type"}
    return value.text in _NOTHING or closed or (is_type and value.text in _CLOSED_NUMBERS)
