"""Follows a log file as `tail -f` does, and counts its errors."""

import tempfile
import time

import lifetime

FIXED = lifetime.begin()


def follow(path):
    with open(path) as file:
        while True:
            line = file.readline()
            if not line:
                if FIXED:
                    time.sleep(0.5)
                continue
            yield line


def count(path):
    errors = 0
    for line in follow(path):
        if "ERROR" in line:
            errors += 1
    return errors


with tempfile.NamedTemporaryFile("w", suffix=".log") as log:
    log.writelines("2024-05-0%d %s something\n" % (n % 9 + 1, ("INFO", "ERROR")[n % 2]) for n in range(200))
    log.flush()
    lifetime.ready()
    count(log.name)
