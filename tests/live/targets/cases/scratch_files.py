"""Writes uploads to scratch files."""

import tempfile
import time

import lifetime

FIXED = lifetime.begin()


class Store:
    def __init__(self):
        self.files = []

    def keep(self, body):
        file = tempfile.TemporaryFile()
        file.write(body)
        file.flush()
        self.files.append(file)
        if FIXED:
            self.files.pop().close()


store = Store()
lifetime.ready()
for _ in range(900):
    store.keep(b"upload" * 100)
    time.sleep(0.04)
time.sleep(3600)
