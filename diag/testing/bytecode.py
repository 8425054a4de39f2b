"""Loops in bytecode: where a function's source must not be parsed, as in a thread beside one that may be parsing too.

(Up to CPython 3.11 two threads that build syntax trees at once disturb each other.)
"""

import dis
import itertools
from collections.abc import Collection
from types import CodeType

_AWAITS = frozenset({"GET_AWAITABLE", "GET_ANEXT"})


def awaits(code: CodeType, seen: Collection[int]) -> bool:
    """Whether the smallest loop around some instructions awaits something.

    Args:
        code: of the function.
        seen: offsets of the instructions.
    """
    instructions = list(dis.get_instructions(code))
    loops = [
        (one.argval, one.offset)
        for before, one in itertools.pairwise(instructions)
        if "JUMP_BACKWARD" in one.opname
        and not one.opname.endswith("NO_INTERRUPT")
        and before.opname != "CLEANUP_THROW"  # the way back from an exception that is thrown into an `await`
    ]
    around = [(first, last) for first, last in loops if first <= min(seen) and max(seen) <= last]
    if not around:
        return False
    first, last = min(around, key=lambda loop: loop[1] - loop[0])
    return any(one.opname in _AWAITS and first <= one.offset <= last for one in instructions)
