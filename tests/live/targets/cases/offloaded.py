"""Hashes passwords in threads, with an idle event loop."""

import asyncio
import hashlib

import lifetime

lifetime.begin()


async def login(password):
    return await asyncio.to_thread(hashlib.pbkdf2_hmac, "sha256", password, b"salt", 200_000)


async def main():
    lifetime.ready()
    while True:
        await login(b"secret")


asyncio.run(main())
