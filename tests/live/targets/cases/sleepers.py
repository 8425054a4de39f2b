"""Twenty thousand sessions that sleep."""

import asyncio

import lifetime

lifetime.begin()


async def session(number):
    while True:
        await asyncio.sleep(600 + number)


async def main():
    sessions = [asyncio.ensure_future(session(number)) for number in range(20000)]
    await asyncio.sleep(0.5)
    lifetime.ready()
    await asyncio.wait(sessions)


asyncio.run(main())
