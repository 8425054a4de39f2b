"""Polls a flag every ten milliseconds."""

import asyncio

import lifetime

lifetime.begin()


async def main():
    ready = asyncio.Event()
    lifetime.ready()
    while not ready.is_set():
        await asyncio.sleep(0.01)


asyncio.run(main())
