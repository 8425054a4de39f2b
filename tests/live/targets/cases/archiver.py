"""Compresses in an executor while the event loop has little to do."""

import asyncio
import bz2

import lifetime

lifetime.begin()
BODY = bytes(range(256)) * 4000


async def main():
    loop = asyncio.get_running_loop()
    lifetime.ready()
    while True:
        await loop.run_in_executor(None, bz2.compress, BODY)
        await asyncio.sleep(0.05)


asyncio.run(main())
