"""Computes the checksum of the same block over and over, as a burn-in of memory does."""

import hashlib

import lifetime

lifetime.begin()
BLOCK = b"\xa5" * (1 << 20)
EXPECTED = hashlib.sha256(BLOCK).hexdigest()


def check(block):
    if hashlib.sha256(block).hexdigest() != EXPECTED:
        raise SystemExit("memory is broken")


def main():
    passes = 0
    lifetime.ready()
    while True:
        check(BLOCK)
        passes += 1


main()
