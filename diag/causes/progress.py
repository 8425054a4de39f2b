"""Whether the measured facts allow that a loop gets nothing done."""

from diag.causes.agreement import fresh, moves
from diag.causes.cause import Facts

FRUITLESS = frozenset({"spin", "storm"})

DOUBT = 0.85
"""What is left of a cause's confidence where the loop is judged fruitless, and yet some data is new from look to look:
a queue that is polled yields an item now and then."""


def fruitless(facts: Facts) -> float:
    """Give how far the facts allow that the loop gets nothing done: 0 if they contradict, 1 if nothing speaks against."""
    if facts.verdicts and not facts.verdicts & FRUITLESS:
        return 0.0
    if not moves(facts) and not fresh(facts, facts.variables):
        return 1.0
    return DOUBT if facts.verdicts else 0.0


def still(facts: Facts) -> bool:
    """Whether variables were seen, and none was ever new."""
    return bool(facts.variables) and all(seen.behaviour != "changing" for seen in facts.variables.values())
