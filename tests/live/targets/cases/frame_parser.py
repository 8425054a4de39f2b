"""Parses length-prefixed frames; the last one is not there completely."""

import struct
import time

import lifetime

FIXED = lifetime.begin()


def frames(buffer):
    found = []
    while buffer:
        (length,) = struct.unpack_from(">H", buffer)
        if len(buffer) < 2 + length:
            if FIXED:
                break
            continue
        found.append(buffer[2 : 2 + length])
        buffer = buffer[2 + length :]
    return found


def receive():
    whole = struct.pack(">H", 5) + b"hello"
    return frames(whole * 3 + struct.pack(">H", 100) + b"only a part")


lifetime.ready()
print(len(receive()), flush=True)
time.sleep(3600)
