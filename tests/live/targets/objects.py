"""Keeps many objects of several types, after as many others were freed; prints how many. Python 3.8 and later."""

# A script that is observed, for old interpreters too.
# ruff: noqa: D101, T201

import gc
import json
import time
from collections import Counter


class Leak:
    def __init__(self) -> None:
        self.value = 1


class Slotted:
    __slots__ = ("value",)


class Mapped(dict):  # type: ignore[type-arg] # no subscript at run time on 3.8
    pass


gone = [Leak() for _ in range(70_000)], [{1: 2} for _ in range(50_000)], [str(n) for n in range(40_000)]
del gone
before = Counter(type(each).__name__ for each in gc.get_objects())
keep = [
    [Leak() for _ in range(50_000)],
    [Slotted() for _ in range(20_000)],
    [Mapped() for _ in range(1_000)],
    [{n: n} for n in range(100_000)],
    [f"string number {n}" for n in range(30_000)],
    [float(n) for n in range(10_000)],
    [b"%d" % n for n in range(7_000)],
    [[n] for n in range(9_000)],
]
# Slotted instances and Leak's are tracked by the collector; until it has seen them, dicts of numbers are not.
made = {"__main__.Leak": 50_000, "__main__.Slotted": 20_000, "__main__.Mapped": 1_000, "float": 10_000}
made.update(dict=100_000, str=30_000, bytes=7_000, list=9_000 + before["list"])
print(json.dumps(made), flush=True)
time.sleep(3600)
