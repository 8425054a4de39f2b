"""Collects the result of a slow computation from a thread; yields the processor meanwhile."""

import threading
import time

import lifetime

FIXED = lifetime.begin()
results = {}


def compute():
    time.sleep(3600)
    results["answer"] = 42


def collect(name):
    while name not in results:
        time.sleep(0.1 if FIXED else 0)
    return results.pop(name)


threading.Thread(target=compute, daemon=True).start()
lifetime.ready()
print(collect("answer"))
