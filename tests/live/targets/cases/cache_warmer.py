"""Requests wait until the cache is warm; the warm-up hangs."""

import asyncio

import lifetime

FIXED = lifetime.begin()


class Cache:
    def __init__(self):
        self.warm = False
        self.entries = {}
        self.warmed = asyncio.Event()

    async def warm_up(self):
        for key in range(100):
            self.entries[key] = key
        await asyncio.sleep(3600)  # the database does not answer
        self.warm = True
        self.warmed.set()

    async def get(self, key):
        if FIXED:
            await self.warmed.wait()
        while not self.warm:
            await asyncio.sleep(0)
        return self.entries[key]


async def main():
    cache = Cache()
    warming = asyncio.ensure_future(cache.warm_up())
    lifetime.ready()
    await asyncio.gather(*(cache.get(key) for key in range(3)), warming)


asyncio.run(main())
