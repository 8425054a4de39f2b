"""Hashes a block onto the hash before it."""

import hashlib

import lifetime

lifetime.begin()
digest = b"genesis"
lifetime.ready()
while True:
    digest = hashlib.sha256(digest).digest()
