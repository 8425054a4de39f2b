"""Exports records in batches: when enough are there, or some seconds have passed."""

import threading
import time

import lifetime

FIXED = lifetime.begin()


class Exporter:
    def __init__(self, delay):
        self.condition = threading.Condition()
        self.records = []
        self.delay = delay
        self.exported = 0

    def run(self):
        timeout = self.delay
        while True:
            with self.condition:
                self.condition.wait(timeout)
            if not self.records:
                if FIXED:
                    timeout = self.delay
                continue
            started = time.monotonic()
            self.exported += len(self.records)
            self.records.clear()
            timeout = min(self.delay, self.delay - (time.monotonic() - started) - 0.5)


exporter = Exporter(0.3)
exporter.records.append("first")
threading.Thread(target=exporter.run, daemon=True, name="exporter").start()
lifetime.ready()
time.sleep(3600)
