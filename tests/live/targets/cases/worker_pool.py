"""Worker threads that take jobs from one queue; a None tells them that the work is over."""

import queue
import threading
import time

import lifetime

FIXED = lifetime.begin()
results = []


def work(jobs):
    while True:
        job = jobs.get()
        if job is None:
            jobs.put(None)  # the others want to know as well
            if FIXED:
                return
            continue
        results.append(job * job)


jobs = queue.Queue()
for number in range(100):
    jobs.put(number)
jobs.put(None)
for _ in range(2):
    threading.Thread(target=work, args=(jobs,), daemon=True).start()
lifetime.ready()
time.sleep(3600)
