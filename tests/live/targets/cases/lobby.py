"""Waits for players until the game may begin; after the deadline it begins with those that are there."""

import asyncio

import lifetime

FIXED = lifetime.begin()


async def wait_for_players(joining, deadline, least):
    loop = asyncio.get_running_loop()
    players = set()
    while len(players) < least:
        left = deadline - loop.time()
        if FIXED and left < 0:
            break
        done, joining = await asyncio.wait(joining, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        players |= done
    return players


async def join(number):
    await asyncio.sleep(0.05 if number == 0 else 3600)


async def main():
    joining = {asyncio.ensure_future(join(number)) for number in range(4)}
    lifetime.ready()
    await wait_for_players(joining, asyncio.get_running_loop().time() + 0.3, 2)
    await asyncio.sleep(3600)


asyncio.run(main())
