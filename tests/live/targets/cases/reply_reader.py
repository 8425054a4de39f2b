"""Reads replies of a modem until a deadline, or until one of them says OK."""

import select
import socket
import time

import lifetime

FIXED = lifetime.begin()


def replies(line, seconds):
    deadline = time.monotonic() + seconds
    text = b""
    while b"OK" not in text:
        left = deadline - time.monotonic()
        if FIXED and left <= 0:
            return text
        readable, _, _ = select.select([line], [], [], max(0, left))
        if readable:
            text += line.recv(64)
    return text


ours, theirs = socket.socketpair()
theirs.send(b"RING")
lifetime.ready()
replies(ours, 0.3)
time.sleep(3600)
