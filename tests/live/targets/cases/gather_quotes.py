"""Gathers quotes from shops until all have answered with one."""

import asyncio

import lifetime

FIXED = lifetime.begin()


async def quote(shop):
    await asyncio.sleep(0.1)
    return None if shop == "closed" else len(shop)


async def all_quotes(shops):
    tasks = [asyncio.ensure_future(quote(shop)) for shop in shops]
    answers = []
    while None in answers or not answers:
        answers = await asyncio.gather(*tasks)
        if FIXED:
            await asyncio.sleep(0.2)
            tasks = [asyncio.ensure_future(quote(shop)) for shop in shops]
    return answers


async def main():
    lifetime.ready()
    await all_quotes(["north", "south", "closed"])


asyncio.run(main())
