"""Runs a rule that users write as text, compiled at run time."""

import time

import lifetime

FIXED = lifetime.begin()
RULE = """
def apply(queue, limit):
    hits = 0
    while hits < limit:
        for event in queue:
            hits += event
        pause()
    return hits
"""
names = {"pause": lambda: time.sleep(0.2) if FIXED else None}
exec(compile(RULE, "<rule>", "exec"), names)
lifetime.ready()
names["apply"](iter([1, 2, 3]), 100)
