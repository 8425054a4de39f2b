"""Holds threads that wait, beside a loop that polls.

Usage: many_threads.py THREADS
"""

# A script that is observed, for old interpreters too.
# ruff: noqa: T201

import sys
import threading
import time

threading.stack_size(128 << 10)
event = threading.Event()
for _ in range(int(sys.argv[1])):
    threading.Thread(target=event.wait, daemon=True).start()
print("{}", flush=True)
while not event.is_set():
    time.sleep(0)
