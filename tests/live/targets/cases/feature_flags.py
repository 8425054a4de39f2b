"""Reloads feature flags whenever the first load is there and nobody has switched them off."""

import asyncio

import lifetime

FIXED = lifetime.begin()


async def fetch():
    await asyncio.sleep(0.2)
    return {"dark-mode": True}


class Flags:
    def __init__(self):
        self.loading = asyncio.ensure_future(fetch())
        self.off = False
        self.current = {}

    async def keep_fresh(self):
        while not self.off:
            self.current = await self.loading
            if FIXED:
                await asyncio.sleep(1)


async def main():
    flags = Flags()
    lifetime.ready()
    await flags.keep_fresh()


asyncio.run(main())
