"""Whether the measured facts allow that a loop gets nothing done."""

from diag.causes.agreement import DATA, moves
from diag.causes.cause import Facts
from diag.causes.failures import NOTHING_THERE

FRUITLESS = frozenset({"spin", "storm"})

DOUBT = 0.85
"""What is left of a cause's confidence where the loop is known to come round with nothing, and yet some data is new from
look to look: a queue that is polled yields an item now and then."""


def fruitless(facts: Facts) -> float:
    """Give how far the facts allow that the loop gets nothing done: 0 if they contradict, 1 if nothing speaks against."""
    if facts.verdicts and not facts.verdicts & FRUITLESS:
        return 0.0
    if not moves(facts) and not news(facts):
        return 1.0
    return DOUBT if facts.verdicts or nothing_there(facts) else 0.0


def news(facts: Facts) -> bool:
    """Whether a variable holds data that is new from look to look.

    One that was None at some looks does not, nor do the attributes of other objects: buffers, headers and locks of what
    the loop uses are not what it receives.
    """
    return any(
        seen.behaviour == "changing" and DATA.intersection(seen.types) and "NoneType" not in seen.types
        for name, seen in facts.variables.items()
        if "." not in name.removeprefix("self.")
    )


def nothing_there(facts: Facts) -> bool:
    """Whether exceptions in flight tell that what the loop asked for was not there."""
    return any(name.rpartition(".")[2] in NOTHING_THERE for name in facts.raised)


def still(facts: Facts) -> bool:
    """Whether variables were seen, and none was ever new."""
    return bool(facts.variables) and all(seen.behaviour != "changing" for seen in facts.variables.values())
