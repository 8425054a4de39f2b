"""Users log in for a few seconds, then all are there."""

import asyncio

import lifetime

lifetime.begin()


async def user(number):
    while True:
        await asyncio.sleep(1 + number % 5)


async def main():
    users = []
    lifetime.ready()
    for number in range(250):
        users.append(asyncio.ensure_future(user(number)))
        await asyncio.sleep(0.01)
    await asyncio.wait(users)


asyncio.run(main())
