"""Checks whether a peer has become silent, on uvloop."""

import asyncio
import time

import lifetime
import uvloop

FIXED = lifetime.begin()
last_seen = time.monotonic()


def check(loop, limit):
    if time.monotonic() - last_seen > limit:
        raise TimeoutError("the peer is silent")
    delay = 0.5 if FIXED else 0
    loop.call_later(delay, check, loop, limit)


async def main():
    check(asyncio.get_running_loop(), 3600)
    lifetime.ready()
    await asyncio.sleep(3600)


uvloop.install()
asyncio.run(main())
