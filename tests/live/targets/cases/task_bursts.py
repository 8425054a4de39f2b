"""Starts bursts of tasks that drain."""

import asyncio

import lifetime

lifetime.begin()


async def handle(number):
    await asyncio.sleep(0.3 + number % 10 / 20)


async def main():
    lifetime.ready()
    while True:
        await asyncio.gather(*(handle(number) for number in range(3000)))
        await asyncio.sleep(0.4)


asyncio.run(main())
