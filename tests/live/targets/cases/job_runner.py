"""Runs jobs as they come; the poll interval is a setting in whole seconds, here half a second."""

import queue
import threading
import time

import lifetime

FIXED = lifetime.begin()
SETTINGS = {"poll_interval": "0.5"}
finished = []


class Runner(threading.Thread):
    def __init__(self, jobs, interval):
        super().__init__(daemon=True)
        self.jobs, self.interval = jobs, interval

    def run(self):
        while True:
            try:
                finished.append(self.jobs.get(timeout=self.interval))
            except queue.Empty:
                continue


interval = float(SETTINGS["poll_interval"])
Runner(queue.Queue(), interval if FIXED else int(interval)).start()
lifetime.ready()
time.sleep(3600)
