"""Adds up the blocks of a file of measurements."""

import functools
import tempfile
import time
import zlib

import lifetime

FIXED = lifetime.begin()


def checksum(path):
    total = 0
    with open(path, "rb") as file:
        for block in iter(functools.partial(file.read, 4096), b"" if FIXED else ""):
            total = zlib.crc32(block, total)
    return total


with tempfile.NamedTemporaryFile() as measurements:
    measurements.write(b"21.5;" * 5000)
    measurements.flush()
    lifetime.ready()
    print(checksum(measurements.name), flush=True)
time.sleep(3600)
